import type { DesiredList, Ipv6Address, SigningKey } from "@sextant/model";
import { buildProbePacket } from "../bpf/probe-packet";
import { type PacketBatch, packetBatch, RawIpv6Socket } from "../bpf/raw-socket";

/** Enough for out and back over any path of the domain. */
const PROBE_HOP_LIMIT = 255;

/** A list and what its probes carry. */
export interface ProbedList {
  readonly list: DesiredList;
  /** Place in the kernel and secret. */
  readonly identity: { readonly slot: number; readonly nonce: bigint };
  /** Undefined where the list is not signed. */
  readonly signingKey: SigningKey | undefined;
}

/**
 * Sends the loop probes of all lists, one system call per round. Packets are built once; sequence numbers and times are
 * stamped by the egress program, so a round that is late or left out is only that.
 */
export class Prober {
  #batch: PacketBatch | undefined;

  constructor(private readonly socket: RawIpv6Socket = RawIpv6Socket.open()) {}

  /** Sets what the next rounds send. Lists without a probe loop are not probed, nor is anything without a source. */
  probe(lists: readonly ProbedList[], source: Ipv6Address | undefined): void {
    this.#batch = source === undefined ? undefined : packetBatch(probePackets(lists, source));
  }

  /** Sends one probe per list. Gives the names of the errors, if any: a list that cannot be sent is not judged by it. */
  round(): ReadonlySet<string> {
    if (this.#batch === undefined || this.#batch.count === 0) return new Set();
    return new Set(this.socket.send(this.#batch).refused.map(({ error }) => error));
  }

  close(): void {
    this.socket.close();
  }
}

function probePackets(lists: readonly ProbedList[], source: Ipv6Address): Uint8Array[] {
  return lists
    .filter(({ list }) => list.probeSegments.length > 0)
    .map(({ list: { probeSegments }, identity: { slot, nonce }, signingKey }) =>
      buildProbePacket({ source, probeSegments, slot, nonce, hopLimit: PROBE_HOP_LIMIT, signingKey }),
    );
}
