import { meaningOfReason } from "../../../packages/agent/src/bpf/reason-meanings";
import { REASONS } from "../../../packages/agent/src/bpf/reasons";
import { faultOfEgress } from "./check-egress";
import { faultOfIngress } from "./check-ingress";
import { Driver, type Metadata, type Result } from "./driver";
import { PacketWriter } from "./generate";
import { mutate } from "./mutate";
import { Random } from "./random";
import { CASTS, type World } from "./world";

const PLAIN: Metadata = { ingressIfindex: 0, gsoSize: 0 };
const ETHERNET_BYTES = 14;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** As it should be, and yet not for the stack. */
const CONSUMED = new Set(["probe_returned"]);
const REPORT_EVERY = 1 << 18;

export interface FuzzOptions {
  readonly direction: "egress" | "ingress";
  readonly seed: number;
  readonly packets: number;
  /** Called now and then with how many are done. */
  readonly onProgress?: (done: number) => void;
}

/** Packets per exit. */
export type FuzzSummary = ReadonlyMap<string, number>;

/** Sends packets through a program and throws at the first that it does not take as it should, with the packet. */
export function fuzz(world: World, options: FuzzOptions): FuzzSummary {
  const { direction, seed, packets, onProgress } = options;
  const random = new Random(seed);
  const writer = new PacketWriter(random, CASTS[direction]);
  const driver = new Driver(world);
  const counts = new Map<string, number>();
  for (let done = 0; done < packets; done++) {
    const valid = writer.frame();
    const frame = whole(random.once(3) ? valid : mutate(valid, random));
    const metadata = metadataOf(direction, random);
    const result = driver.run(direction, frame, metadata);
    const fault = faultOf(direction, frame, metadata, result);
    if (fault !== undefined) throw new Error(describeFault(options, done, frame, result, fault));
    counts.set(result.reason, (counts.get(result.reason) ?? 0) + 1);
    if (done % REPORT_EVERY === REPORT_EVERY - 1) onProgress?.(done + 1);
  }
  return counts;
}

/** The kernel refuses to run frames without a whole IP header, so those are made one: with what stood there before. */
function whole(frame: Buffer): Buffer {
  const ethertype = frame.readUInt16BE(12);
  const least = ETHERNET_BYTES + (ethertype === ETHERTYPE_IPV6 ? 40 : ethertype === ETHERTYPE_IPV4 ? 20 : 1);
  return frame.length >= least ? frame : Buffer.from(frame.buffer, frame.byteOffset, least);
}

function metadataOf(direction: FuzzOptions["direction"], random: Random): Metadata {
  if (!random.once(16)) return PLAIN;
  return { ingressIfindex: direction === "egress" && random.once(2) ? 1 : 0, gsoSize: random.once(2) ? 64 : 0 };
}

function faultOf(
  direction: FuzzOptions["direction"],
  frame: Buffer,
  metadata: Metadata,
  result: Result,
): string | undefined {
  if (!(REASONS as readonly string[]).includes(result.reason)) return "does not count exactly one exit";
  if (meaningOfReason(result.reason).direction !== direction) return "counts an exit of the other program";
  if (verdictOf(result.reason) !== result.verdict) return "is not treated as its exit says";
  return direction === "ingress" ? faultOfIngress(frame, metadata.gsoSize > 0, result) : faultOfEgress(frame, result);
}

function verdictOf(reason: string): Result["verdict"] {
  const { outcome } = meaningOfReason(reason);
  if (outcome === "dropped" || CONSUMED.has(reason)) return "drop";
  return outcome === "answered" || reason.endsWith("_redirected") ? "redirect" : "next";
}

/** All that is needed to see it again. */
function describeFault(options: FuzzOptions, index: number, frame: Buffer, result: Result, fault: string): string {
  const { direction, seed } = options;
  return [
    `${direction}, seed ${seed}, packet ${index}: ${result.reason} (${result.verdict}): ${fault}`,
    `in  ${frame.toString("hex")}`,
    `out ${result.frame.toString("hex")}`,
  ].join("\n");
}
