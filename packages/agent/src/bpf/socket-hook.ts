import { closeSync, openSync, readFileSync } from "node:fs";
import { cgroup2Mount, SextantError } from "@sextant/model";
import { errnoName, libbpf, libc } from "./ffi";
import { missing } from "./load-failure";
import type { PinDirectory } from "./pin-directory";

/** enum bpf_attach_type: BPF_CGROUP_INET_SOCK_CREATE. */
const SOCKET_CREATE = 2;
const PIN = "create";

/** The program that sees sockets being made, on the root of the cgroup hierarchy; other instances have theirs beside it. */
export class SocketHook {
  constructor(private readonly pins: PinDirectory) {}

  /** Whether a program is there, whoever put it. */
  get isAttached(): boolean {
    return this.pins.has(PIN);
  }

  /** Puts the program in place, in one step where an older one is. Throws SextantError `missing_kernel_feature`. */
  attach(program: number): void {
    const existing = this.pins.open(PIN);
    if (existing !== undefined) {
      const replaced = libbpf().bpf_link_update(existing, program, null) === 0;
      libc().close(existing);
      if (replaced) return;
      this.pins.unpin(PIN);
    }
    const link = createLink(program);
    try {
      this.pins.pin(PIN, link);
    } finally {
      libc().close(link);
    }
  }

  /** A kernel that refuses the program now has no use for an older one. */
  detach(): void {
    this.pins.unpin(PIN);
  }
}

function createLink(program: number): number {
  const mount = cgroup2Mount(readFileSync("/proc/mounts", "utf8"));
  if (mount === undefined) throw missing("executables cannot be matched", "a mounted cgroup v2 hierarchy", "4.5");
  const root = openSync(mount, "r");
  const link = libbpf().bpf_link_create(program, root, SOCKET_CREATE, null);
  closeSync(root);
  if (link >= 0) return link;
  throw new SextantError("missing_kernel_feature", `executables cannot be matched: ${errnoName(-link)} at ${mount}`);
}
