import { addressOf, errnoName, libbpf } from "../../packages/agent/src/bpf/ffi";

/** struct bpf_test_run_opts of libbpf 1.x. */
const OPTS_BYTES = 80;
/** struct __sk_buff and the fields of it that a test may set. */
const SKB_BYTES = 192;
const SKB_FIELDS = { ingressIfindex: 36, ifindex: 40, gsoSegs: 164, gsoSize: 176 } as const;
const ROOM = 4096;

/** TC_ACT_UNSPEC, TC_ACT_SHOT and TC_ACT_REDIRECT. */
const VERDICTS: Record<number, Verdict> = { [-1]: "next", 2: "drop", 7: "redirect" };
export type Verdict = "next" | "drop" | "redirect";

export interface RunResult {
  readonly verdict: Verdict;
  readonly frame: Buffer;
  /** Mean of the repetitions. */
  readonly durationNs: number;
}

/** Runs a program once on a frame (BPF_PROG_TEST_RUN) and gives what it made of it. */
export function runProgram(
  programFd: number,
  frame: Buffer,
  skb: Partial<Record<keyof typeof SKB_FIELDS, number>> = {},
  repeat = 1,
): RunResult {
  // One buffer for all that the call points to: what only an address refers to could be collected meanwhile.
  const memory = Buffer.alloc(OPTS_BYTES + SKB_BYTES + 2 * frame.length + ROOM);
  const opts = memory.subarray(0, OPTS_BYTES);
  const context = memory.subarray(OPTS_BYTES, OPTS_BYTES + SKB_BYTES);
  const input = memory.subarray(OPTS_BYTES + SKB_BYTES, OPTS_BYTES + SKB_BYTES + frame.length);
  const out = memory.subarray(OPTS_BYTES + SKB_BYTES + frame.length);
  for (const [name, offset] of Object.entries(SKB_FIELDS)) {
    context.writeUInt32LE(skb[name as keyof typeof SKB_FIELDS] ?? 0, offset);
  }
  input.set(frame);
  opts.writeBigUInt64LE(BigInt(OPTS_BYTES));
  opts.writeBigUInt64LE(addressOf(input), 8);
  opts.writeBigUInt64LE(addressOf(out), 16);
  opts.writeUInt32LE(input.length, 24);
  opts.writeUInt32LE(out.length, 28);
  opts.writeBigUInt64LE(addressOf(context), 32);
  opts.writeUInt32LE(SKB_BYTES, 48);
  opts.writeInt32LE(repeat, 60);
  const result = libbpf().bpf_prog_test_run_opts(programFd, opts);
  if (result !== 0) throw new Error(`test run failed: ${errnoName(-result)}`);
  const verdict = VERDICTS[opts.readInt32LE(56)];
  if (verdict === undefined) throw new Error(`unknown verdict ${opts.readInt32LE(56)}`);
  return { verdict, frame: out.subarray(0, opts.readUInt32LE(28)), durationNs: opts.readUInt32LE(64) };
}
