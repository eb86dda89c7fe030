import { attachFailure } from "./attach-failure";
import { errnoName, libbpf } from "./ffi";
import { DIRECTIONS, type Direction, type Hook, pinName, pinnedIfindexes, type ProgramFds } from "./hook";
import { ethernetInterfaceName } from "./interface-kind";
import type { PinDirectory } from "./pin-directory";

/** enum bpf_tc_attach_point. */
const ATTACH_POINTS: Record<Direction, number> = { ingress: 1, egress: 2 };
const BOTH_POINTS = 3;
const BPF_TC_F_REPLACE = 1;
/** Our place on the hook: a fixed one, so that a new program replaces the old one in a single step. */
const HANDLE = 0x5e;
const PRIORITY = 0x5e;
/** What the kernel answers ENOENT without. */
const CLSACT = { error: "ENOENT", feature: "clsact (CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_BPF)", since: "4.5" };
/** struct bpf_tc_hook and struct bpf_tc_opts of libbpf 1.x. */
const HOOK_BYTES = 24;
const OPTS_BYTES = 32;

/** Programs as classifiers of the clsact queueing discipline, for kernels before 6.6. Pinned programs record where they sit. */
export class ClsactHook implements Hook {
  readonly kind = "clsact";

  constructor(
    private readonly pins: PinDirectory,
    private readonly programs: ProgramFds,
  ) {}

  recorded(): number[] {
    return pinnedIfindexes(this.pins.names());
  }

  attached(): number[] {
    return this.recorded().filter((ifindex) =>
      DIRECTIONS.every(
        (direction) => libbpf().bpf_tc_query(hookBytes(ifindex, ATTACH_POINTS[direction]), optsBytes(0, 0)) === 0,
      ),
    );
  }

  attach(ifindex: number): void {
    ethernetInterfaceName(ifindex);
    const created = libbpf().bpf_tc_hook_create(hookBytes(ifindex, BOTH_POINTS));
    const error = errnoName(-created);
    if (created !== 0 && error !== "EEXIST") throw attachFailure(ifindex, error, CLSACT);
    // The guard comes first: nothing is steered before returning headers are taken off.
    for (const direction of ["ingress", "egress"] as const) this.attachOne(direction, ifindex);
  }

  detach(ifindex: number): void {
    for (const direction of DIRECTIONS) {
      // Fails only where there is nothing to detach. The queueing discipline stays: others may use it.
      libbpf().bpf_tc_detach(hookBytes(ifindex, ATTACH_POINTS[direction]), optsBytes(0, 0));
      this.pins.unpin(pinName(direction, ifindex));
    }
  }

  private attachOne(direction: Direction, ifindex: number): void {
    const program = this.programs[direction];
    const hook = hookBytes(ifindex, ATTACH_POINTS[direction]);
    const result = libbpf().bpf_tc_attach(hook, optsBytes(program, BPF_TC_F_REPLACE));
    if (result !== 0) throw attachFailure(ifindex, errnoName(-result), CLSACT);
    const name = pinName(direction, ifindex);
    this.pins.unpin(name);
    this.pins.pin(name, program);
  }
}

function hookBytes(ifindex: number, attachPoint: number): Buffer {
  const bytes = Buffer.alloc(HOOK_BYTES);
  bytes.writeBigUInt64LE(BigInt(HOOK_BYTES));
  bytes.writeInt32LE(ifindex, 8);
  bytes.writeInt32LE(attachPoint, 12);
  return bytes;
}

function optsBytes(programFd: number, flags: number): Buffer {
  const bytes = Buffer.alloc(OPTS_BYTES);
  bytes.writeBigUInt64LE(BigInt(OPTS_BYTES));
  bytes.writeInt32LE(programFd, 8);
  bytes.writeUInt32LE(flags, 12);
  bytes.writeUInt32LE(HANDLE, 20);
  bytes.writeUInt32LE(PRIORITY, 24);
  return bytes;
}
