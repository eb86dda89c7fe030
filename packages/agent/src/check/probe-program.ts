import { addressOf, errnoName, libbpf, libc } from "../bpf/ffi";

/** Program types of the kernel's uapi that the packet path uses. */
export const SCHED_CLS = 3;

const CALL = 0x85;
const MOVE = 0xb7;
const EXIT = 0x95;
const ADJUST_ROOM = 50;
const ROOM_MAC = 1;
/** struct bpf_test_run_opts of libbpf 1.x. */
const OPTS_BYTES = 80;
const OUTPUT_BYTES = 512;

/** One instruction: opcode, destination register, immediate value. */
type Instruction = readonly [opcode: number, register: number, immediate: number];

/**
 * Runs bpf_skb_adjust_room once, on an IPv6 packet of its own and with these flags, and gives what the kernel said: undefined
 * when it made the room, else the name of the error. Nothing leaves the machine.
 */
export function adjustRoom(bytes: number, flags: number): string | undefined {
  const program = load([
    [MOVE, 2, bytes],
    [MOVE, 3, ROOM_MAC],
    [MOVE, 4, flags],
    [CALL, 0, ADJUST_ROOM],
    [EXIT, 0, 0],
  ]);
  if (program < 0) return errnoName(-program);
  try {
    const result = run(program);
    return result === 0 ? undefined : errnoName(-result);
  } finally {
    libc().close(program);
  }
}

/** A classifier that does nothing, for attach points to be tried with; below zero when it cannot be loaded. Close it. */
export function loadNoOp(): number {
  return load([
    [MOVE, 0, 0],
    [EXIT, 0, 0],
  ]);
}

function load(instructions: readonly Instruction[]): number {
  const code = Buffer.alloc(8 * instructions.length);
  instructions.forEach(([opcode, register, immediate], i) => {
    code.set([opcode, register], 8 * i);
    code.writeInt32LE(immediate, 8 * i + 4);
  });
  return libbpf().bpf_prog_load(SCHED_CLS, "sextant_probe", "GPL", code, instructions.length, null);
}

/** What the program returned; below zero also when it could not be run. */
function run(program: number): number {
  const frame = Buffer.concat([Buffer.alloc(12), Buffer.from("86dd6000000000283b40", "hex"), Buffer.alloc(72)]);
  // One buffer for all that the call points to: what only an address refers to could be collected meanwhile.
  const memory = Buffer.alloc(OPTS_BYTES + frame.length + OUTPUT_BYTES);
  memory.set(frame, OPTS_BYTES);
  const base = addressOf(memory);
  memory.writeBigUInt64LE(BigInt(OPTS_BYTES));
  memory.writeBigUInt64LE(base + BigInt(OPTS_BYTES), 8);
  memory.writeBigUInt64LE(base + BigInt(OPTS_BYTES + frame.length), 16);
  memory.writeUInt32LE(frame.length, 24);
  memory.writeUInt32LE(OUTPUT_BYTES, 28);
  memory.writeInt32LE(1, 60);
  const result = libbpf().bpf_prog_test_run_opts(program, memory);
  return result === 0 ? memory.readInt32LE(56) : result;
}
