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

type SkbFields = Partial<Record<keyof typeof SKB_FIELDS, number>>;

/** Runs a program once on a frame (BPF_PROG_TEST_RUN) and gives what it made of it. */
export function runProgram(programFd: number, frame: Buffer, skb: SkbFields = {}, repeat = 1): RunResult {
  return new ProgramRunner(programFd, frame.length, skb, repeat).run(frame);
}

/** The same for many frames of one length: the call's memory is set up once, so that a run disturbs the next one less. */
export class ProgramRunner {
  // One buffer for all that the call points to: what only an address refers to could be collected meanwhile.
  private readonly memory: Buffer;
  private readonly input: Buffer;
  private readonly out: Buffer;

  constructor(
    private readonly programFd: number,
    frameBytes: number,
    skb: SkbFields = {},
    repeat = 1,
  ) {
    const inputAt = OPTS_BYTES + SKB_BYTES;
    this.memory = Buffer.alloc(inputAt + 2 * frameBytes + ROOM);
    this.input = this.memory.subarray(inputAt, inputAt + frameBytes);
    this.out = this.memory.subarray(inputAt + frameBytes);
    const { memory } = this;
    for (const [name, offset] of Object.entries(SKB_FIELDS)) {
      memory.writeUInt32LE(skb[name as keyof typeof SKB_FIELDS] ?? 0, OPTS_BYTES + offset);
    }
    memory.writeBigUInt64LE(BigInt(OPTS_BYTES));
    memory.writeBigUInt64LE(addressOf(this.input), 8);
    memory.writeBigUInt64LE(addressOf(this.out), 16);
    memory.writeUInt32LE(frameBytes, 24);
    memory.writeBigUInt64LE(addressOf(memory) + BigInt(OPTS_BYTES), 32);
    memory.writeUInt32LE(SKB_BYTES, 48);
    memory.writeInt32LE(repeat, 60);
  }

  /** The frame in the result is overwritten by the next run. */
  run(frame: Buffer): RunResult {
    const { memory } = this;
    this.input.set(frame);
    memory.writeUInt32LE(this.out.length, 28);
    const result = libbpf().bpf_prog_test_run_opts(this.programFd, memory);
    if (result !== 0) throw new Error(`test run failed: ${errnoName(-result)}`);
    const verdict = VERDICTS[memory.readInt32LE(56)];
    if (verdict === undefined) throw new Error(`unknown verdict ${memory.readInt32LE(56)}`);
    return { verdict, frame: this.out.subarray(0, memory.readUInt32LE(28)), durationNs: memory.readUInt32LE(64) };
  }
}
