import { closeSync, openSync, readFileSync } from "node:fs";
import { cgroup2Mount, SextantError } from "@sextant/model";
import { errnoName, libbpf, libc } from "./ffi";
import { missing } from "./load-failure";
import type { PinDirectory } from "./pin-directory";

/** A program on sockets. */
interface SocketProgram {
  readonly pin: string;
  /** enum bpf_attach_type. */
  readonly attachType: number;
  /** What does not work without it. */
  readonly without: string;
}

/** Sees sockets being made. BPF_CGROUP_INET_SOCK_CREATE. */
export const SOCKET_CREATION: SocketProgram = {
  pin: "create",
  attachType: 2,
  without: "executables cannot be matched",
};

/** Sees what TCP goes through. BPF_CGROUP_SOCK_OPS. */
export const TCP_TIMEOUTS: SocketProgram = {
  pin: "timeouts",
  attachType: 3,
  without: "TCP flows cannot leave a list that swallows them",
};

/** One program on the root of the cgroup hierarchy; other instances have theirs beside it. */
export class CgroupHook {
  constructor(
    private readonly pins: PinDirectory,
    readonly program: SocketProgram,
  ) {}

  /** Whether a program is there, whoever put it. */
  get isAttached(): boolean {
    return this.pins.has(this.program.pin);
  }

  /** Puts the program in place, in one step where an older one is. Throws SextantError `missing_kernel_feature`. */
  attach(program: number): void {
    const { pin } = this.program;
    const existing = this.pins.open(pin);
    if (existing !== undefined) {
      const replaced = libbpf().bpf_link_update(existing, program, null) === 0;
      libc().close(existing);
      if (replaced) return;
      this.pins.unpin(pin);
    }
    const link = this.createLink(program);
    try {
      this.pins.pin(pin, link);
    } finally {
      libc().close(link);
    }
  }

  /** A kernel that refuses the program now has no use for an older one. */
  detach(): void {
    this.pins.unpin(this.program.pin);
  }

  private createLink(program: number): number {
    const { attachType, without } = this.program;
    const mount = cgroup2Mount(readFileSync("/proc/mounts", "utf8"));
    if (mount === undefined) throw missing(without, "a mounted cgroup v2 hierarchy", "4.5");
    const root = openSync(mount, "r");
    const link = libbpf().bpf_link_create(program, root, attachType, null);
    closeSync(root);
    if (link >= 0) return link;
    throw new SextantError("missing_kernel_feature", `${without}: ${errnoName(-link)} at ${mount}`);
  }
}
