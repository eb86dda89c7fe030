import { attachFailure } from "./attach-failure";
import { check } from "./native-result";
import { errnoName, libbpf, libc } from "./ffi";
import { DIRECTIONS, type Direction, type Hook, pinName, pinnedIfindexes, type ProgramFds } from "./hook";
import { ethernetInterfaceName } from "./interface-kind";
import type { PinDirectory } from "./pin-directory";

/** enum bpf_attach_type: BPF_TCX_INGRESS and BPF_TCX_EGRESS. */
const ATTACH_TYPES: Record<Direction, number> = { ingress: 46, egress: 47 };
/** What the kernel answers EINVAL without. */
const TCX = { error: "EINVAL", feature: "the tcx hook", since: "6.6" };
/** struct bpf_link_info: for a tcx link, the interface index follows type, id and program id; zero once it is gone. */
const LINK_INFO_BYTES = 64;
const LINK_INFO_IFINDEX = 16;
/** An index that no interface has: the attempt to attach there tells an unknown hook from a missing interface. */
const NO_IFINDEX = 0x7fffffff;

/** Whether the kernel has tcx (Linux 6.6). */
export function tcxIsSupported(programFd: number): boolean {
  const result = libbpf().bpf_link_create(programFd, NO_IFINDEX, ATTACH_TYPES.egress, null);
  return errnoName(-result) === "ENODEV";
}

/** Programs on tcx hooks, by pinned links. */
export class TcxHook implements Hook {
  readonly kind = "tcx";

  constructor(
    private readonly pins: PinDirectory,
    private readonly programs: ProgramFds,
  ) {}

  recorded(): number[] {
    return pinnedIfindexes(this.pins.names());
  }

  attached(): number[] {
    return this.recorded().filter((ifindex) => DIRECTIONS.every((direction) => this.isAlive(direction, ifindex)));
  }

  attach(ifindex: number): void {
    ethernetInterfaceName(ifindex);
    try {
      // The guard comes first: nothing is steered before returning headers are taken off.
      this.attachOne("ingress", ifindex);
      this.attachOne("egress", ifindex);
    } catch (error) {
      if (this.attached().includes(ifindex)) throw error;
      this.detach(ifindex);
      throw error;
    }
  }

  detach(ifindex: number): void {
    for (const direction of DIRECTIONS) {
      const link = this.pins.open(pinName(direction, ifindex));
      this.pins.unpin(pinName(direction, ifindex));
      if (link === undefined) continue;
      libbpf().bpf_link_detach(link); // Fails only where the interface is gone, and the link with it.
      libc().close(link);
    }
  }

  private attachOne(direction: Direction, ifindex: number): void {
    const name = pinName(direction, ifindex);
    const existing = this.pins.open(name);
    if (existing !== undefined) {
      const replaced = this.replaceProgram(existing, direction, ifindex);
      libc().close(existing);
      if (replaced) return;
      this.pins.unpin(name); // A link to an interface that is gone; its index has been given to a new one.
    }
    const link = libbpf().bpf_link_create(this.programs[direction], ifindex, ATTACH_TYPES[direction], null);
    if (link < 0) throw attachFailure(ifindex, errnoName(-link), TCX);
    try {
      this.pins.pin(name, link);
    } finally {
      libc().close(link);
    }
  }

  /** Atomically: each packet meets the old program or the new one. */
  private replaceProgram(link: number, direction: Direction, ifindex: number): boolean {
    return linkIfindex(link) === ifindex && libbpf().bpf_link_update(link, this.programs[direction], null) === 0;
  }

  private isAlive(direction: Direction, ifindex: number): boolean {
    const link = this.pins.open(pinName(direction, ifindex));
    if (link === undefined) return false;
    const alive = linkIfindex(link) === ifindex;
    libc().close(link);
    return alive;
  }
}

function linkIfindex(link: number): number {
  const info = Buffer.alloc(LINK_INFO_BYTES);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(LINK_INFO_BYTES);
  check(libbpf().bpf_obj_get_info_by_fd(link, info, length), "a pinned link cannot be read");
  return info.readUInt32LE(LINK_INFO_IFINDEX);
}
