import type { DesiredList, Ipv6Address, SigningKey } from "@sextant/model";
import { buildProbePacket } from "../bpf/probe-packet";
import { type PacketBatch, packetBatch, RawIpv6Socket, selectPackets } from "../bpf/raw-socket";

/** Enough for out and back over any path of the domain. */
const PROBE_HOP_LIMIT = 255;

/** A list and what its probes carry. */
export interface ProbedList {
  readonly list: DesiredList;
  /** Place in the kernel and secret. */
  readonly identity: { readonly slot: number; readonly nonce: bigint };
  /** Undefined where the list is not signed. */
  readonly signingKey: SigningKey | undefined;
  /** Lists of the same interval are due together. */
  readonly intervalUs: number;
}

/** Where the packets of an interval are in the batch. */
interface Range {
  readonly from: number;
  readonly count: number;
}

/**
 * Sends the loop probes of all lists that are due, one system call per round. Packets are built once; sequence numbers and times
 * are stamped by the egress program, so a round that is late or left out is only that.
 */
export class Prober {
  #batch: PacketBatch | undefined;
  #ranges: ReadonlyMap<number, Range> = new Map();

  constructor(private readonly socket: RawIpv6Socket = RawIpv6Socket.open()) {}

  /** Sets what the next rounds send. Lists without a probe loop are not probed, nor is anything without a source. */
  probe(lists: readonly ProbedList[], source: Ipv6Address | undefined): void {
    const probed = lists
      .filter(({ list }) => source !== undefined && list.probeSegments.length > 0)
      .sort((a, b) => a.intervalUs - b.intervalUs);
    const ranges = new Map<number, Range>();
    for (const [index, { intervalUs }] of probed.entries()) {
      const { from, count } = ranges.get(intervalUs) ?? { from: index, count: 0 };
      ranges.set(intervalUs, { from, count: count + 1 });
    }
    this.#ranges = ranges;
    this.#batch = source === undefined ? undefined : packetBatch(probed.map((one) => probePacket(one, source)));
  }

  /** The intervals at which there is something to send, microseconds. */
  get intervalsUs(): Iterable<number> {
    return this.#ranges.keys();
  }

  /** Sends one probe per list of these intervals. Gives the names of the errors, if any: a list that cannot be sent is not judged by it. */
  round(intervalsUs: readonly number[]): ReadonlySet<string> {
    const ranges = intervalsUs.flatMap((intervalUs) => this.#ranges.get(intervalUs) ?? []);
    if (this.#batch === undefined || ranges.length === 0) return new Set();
    const batch = ranges.length === this.#ranges.size ? this.#batch : selectPackets(this.#batch, ranges);
    return new Set(this.socket.send(batch).refused.map(({ error }) => error));
  }

  close(): void {
    this.socket.close();
  }
}

function probePacket({ list, identity, signingKey }: ProbedList, source: Ipv6Address): Uint8Array {
  const { probeSegments } = list;
  const rest = { loop: 0, loopOnly: false, hopLimit: PROBE_HOP_LIMIT, signingKey } as const;
  return buildProbePacket({ source, probeSegments, ...identity, ...rest });
}
