import type { DesiredList, Ipv6Address, ListKey, Sid, SigningKey } from "@sextant/model";
import { buildProbePacket } from "../bpf/probe-packet";
import { type PacketBatch, packetBatch, RawIpv6Socket, selectPackets } from "../bpf/raw-socket";
import type { LoopUse } from "../liveness/probe-loops";
import { ProbeSchedule, type ScheduledList, type ScheduledProbe } from "./probe-schedule";

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

/** A list with the packets that it may send, and the address that they come back to. */
interface Scheduled extends ProbedList, ScheduledList {
  readonly source: Ipv6Address;
  /** The first loop, the alternate, and both once more as probes that ask after the loop alone; one where there is one loop. */
  readonly packets: readonly Uint8Array[];
}

const NO_USES: ReadonlyMap<ListKey, LoopUse> = new Map();

/**
 * Sends the loop probes of all lists that are due, one system call per round. Packets are built once; sequence numbers and times
 * are stamped by the egress program, so a round that is late or left out is only that.
 */
export class Prober {
  #batch: PacketBatch | undefined;
  #uses = NO_USES;
  #scheduled: ReadonlyMap<ListKey, Scheduled> = new Map();
  #schedule = new ProbeSchedule<Scheduled>([], NO_USES);

  constructor(private readonly socket: RawIpv6Socket = RawIpv6Socket.open()) {}

  /** Sets what the next rounds send. Lists without a probe loop are not probed, nor is anything without a source. */
  probe(lists: readonly ProbedList[], source: Ipv6Address | undefined): void {
    const probed = source === undefined ? [] : lists.filter(({ list }) => list.probeSegments.length > 0);
    const scheduled = probed.map((one) => this.#scheduledOf(one, source as Ipv6Address));
    this.#scheduled = new Map(scheduled.map((one) => [one.key, one]));
    this.#schedule = new ProbeSchedule(scheduled, this.#uses);
    const packetOf = ({ list, loop, loopOnly }: ScheduledProbe<Scheduled>) => list.packets[loop + (loopOnly ? 2 : 0)];
    this.#batch = packetBatch(this.#schedule.probes.map((probe) => packetOf(probe) as Uint8Array));
  }

  /** Which of their loops the probes of lists take from now on; of those that are not named, the first. */
  use(uses: ReadonlyMap<ListKey, LoopUse>): void {
    this.#uses = uses;
    this.#schedule.use(uses);
  }

  /** What is known of a list already is not built anew: its content never changes under its key. */
  #scheduledOf(one: ProbedList, source: Ipv6Address): Scheduled {
    const { list, identity, signingKey } = one;
    const known = this.#scheduled.get(list.key);
    const isSame = known?.source === source && known.signingKey === signingKey;
    const isSamePlace = known?.identity.slot === identity.slot && known.identity.nonce === identity.nonce;
    const packets = known !== undefined && isSame && isSamePlace ? known.packets : probePackets(one, source);
    return { ...one, key: list.key, source, packets, hasAlternate: list.alternateProbeSegments.length > 0 };
  }

  /** The intervals at which there is something to send, microseconds. */
  get intervalsUs(): Iterable<number> {
    return this.#schedule.intervalsUs;
  }

  /** Sends one probe per list of these intervals. Gives the names of the errors, if any: a list that cannot be sent is not judged by it. */
  round(intervalsUs: readonly number[]): ReadonlySet<string> {
    const ranges = intervalsUs.flatMap((intervalUs) => this.#schedule.next(intervalUs));
    if (this.#batch === undefined || ranges.length === 0) return new Set();
    return new Set(this.socket.send(selectPackets(this.#batch, ranges)).refused.map(({ error }) => error));
  }

  close(): void {
    this.socket.close();
  }
}

function probePackets({ list, identity, signingKey }: ProbedList, source: Ipv6Address): Uint8Array[] {
  const { probeSegments, alternateProbeSegments } = list;
  const rest = { source, ...identity, hopLimit: PROBE_HOP_LIMIT, signingKey };
  const packet = (segments: readonly Sid[], loop: 0 | 1, loopOnly: boolean) =>
    buildProbePacket({ ...rest, probeSegments: segments, loop, loopOnly });
  if (alternateProbeSegments.length === 0) return [packet(probeSegments, 0, false)];
  return [false, true].flatMap((loopOnly) => [
    packet(probeSegments, 0, loopOnly),
    packet(alternateProbeSegments, 1, loopOnly),
  ]);
}
