import { addressOf, errnoName, libbpf } from "../../../packages/agent/src/bpf/ffi";
import { PinDirectory } from "../../../packages/agent/src/bpf/pin-directory";
import { REASONS } from "../../../packages/agent/src/bpf/reasons";
import { FRAME_BYTES_MAX } from "./generate";
import type { World } from "./world";

/** struct bpf_test_run_opts of libbpf 1.x, struct __sk_buff, and what of them is used. */
const OPTS_BYTES = 80;
const SKB_BYTES = 192;
const SKB = { ingressIfindex: 36, ifindex: 40, gsoSegs: 164, gsoSize: 176 } as const;
const ROOM_BYTES = FRAME_BYTES_MAX + 1024;
const COUNTER_BYTES = 8;

/** TC_ACT_UNSPEC, TC_ACT_SHOT, TC_ACT_REDIRECT. */
const VERDICTS = new Map<number, Result["verdict"]>([
  [-1, "next"],
  [2, "drop"],
  [7, "redirect"],
]);

/** What a program made of a frame. The frame is a view that the next run overwrites. */
export interface Result {
  readonly verdict: "next" | "drop" | "redirect";
  readonly reason: string;
  readonly frame: Buffer;
}

/** What of struct __sk_buff is set for a run. */
export interface Metadata {
  readonly ingressIfindex: number;
  readonly gsoSize: number;
}

/** Runs programs on frames with as little around it as possible: the same memory every time. */
export class Driver {
  private readonly memory = Buffer.alloc(OPTS_BYTES + SKB_BYTES + FRAME_BYTES_MAX + ROOM_BYTES);
  private readonly opts = this.memory.subarray(0, OPTS_BYTES);
  private readonly skb = this.memory.subarray(OPTS_BYTES, OPTS_BYTES + SKB_BYTES);
  private readonly input = this.memory.subarray(OPTS_BYTES + SKB_BYTES, OPTS_BYTES + SKB_BYTES + FRAME_BYTES_MAX);
  private readonly output = this.memory.subarray(OPTS_BYTES + SKB_BYTES + FRAME_BYTES_MAX);
  private readonly keys = Buffer.alloc(4 * REASONS.length);
  private readonly next = Buffer.alloc(4);
  private readonly count = Buffer.alloc(4);
  private readonly counters: Buffer;
  private readonly before: Uint32Array;
  private readonly now: Uint32Array;
  private readonly reasonsFd: number;

  constructor(private readonly world: World) {
    const fd = PinDirectory.ofInstance(world.fixture.instance).child("maps").open("reasons");
    if (fd === undefined) throw new Error("the reasons are not pinned");
    this.reasonsFd = fd;
    this.counters = Buffer.alloc(REASONS.length * COUNTER_BYTES * libbpf().libbpf_num_possible_cpus());
    this.now = new Uint32Array(this.counters.buffer, this.counters.byteOffset, this.counters.length / 4);
    this.before = new Uint32Array(this.now.length);
    this.opts.writeBigUInt64LE(BigInt(OPTS_BYTES));
    this.opts.writeBigUInt64LE(addressOf(this.input), 8);
    this.opts.writeBigUInt64LE(addressOf(this.output), 16);
    this.opts.writeBigUInt64LE(addressOf(this.skb), 32);
    this.opts.writeUInt32LE(SKB_BYTES, 48);
    this.opts.writeInt32LE(1, 60);
    this.skb.writeUInt32LE(world.uplink, SKB.ifindex);
    this.countedReason();
  }

  run(direction: "egress" | "ingress", frame: Buffer, { ingressIfindex, gsoSize }: Metadata): Result {
    const { opts, skb } = this;
    this.input.set(frame);
    opts.writeUInt32LE(frame.length, 24);
    opts.writeUInt32LE(ROOM_BYTES, 28);
    skb.writeUInt32LE(ingressIfindex, SKB.ingressIfindex);
    skb.writeUInt32LE(gsoSize, SKB.gsoSize);
    skb.writeUInt32LE(gsoSize > 0 ? 2 : 0, SKB.gsoSegs);
    const result = libbpf().bpf_prog_test_run_opts(this.world.fixture.programs[direction], opts);
    if (result !== 0) throw new Error(`test run of ${frame.toString("hex")} failed: ${errnoName(-result)}`);
    const verdict = VERDICTS.get(opts.readInt32LE(56));
    if (verdict === undefined) throw new Error(`unknown verdict ${opts.readInt32LE(56)}`);
    return { verdict, reason: this.countedReason(), frame: this.output.subarray(0, opts.readUInt32LE(28)) };
  }

  /** The one counter that moved by one since the last call; otherwise, what moved. */
  private countedReason(): string {
    const { before, now } = this;
    this.count.writeUInt32LE(REASONS.length);
    libbpf().bpf_map_lookup_batch(this.reasonsFd, null, this.next, this.keys, this.counters, this.count, null);
    const cpus = now.length / REASONS.length / 2;
    let moved = "";
    for (let i = 0; i < now.length; i += 2) {
      const by = ((now[i] ?? 0) - (before[i] ?? 0)) >>> 0;
      if (by === 0) continue;
      const name = REASONS[Math.floor(i / 2 / cpus)] ?? "?";
      moved += `${moved === "" ? "" : " "}${name}${by === 1 ? "" : `*${by}`}`;
    }
    before.set(now);
    return moved;
  }
}
