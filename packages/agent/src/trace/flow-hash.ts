import { hasPorts, type IpAddress, ipv6ToBytes, isIpv4, mappedAddress } from "@sextant/model";
import type { TracedPacket } from "./traced-packet";

const MULTIPLIERS = [
  0x9e3779b97f4a7c15n,
  0xbf58476d1ce4e5b9n,
  0x94d049bb133111ebn,
  0xd6e8feb86659fd93n,
  0xa0761d6478bd642fn,
] as const;
const LAST_MULTIPLIER = 0xe7037ed1a0b428dbn;
const FLOW_LABEL = 0xfffff;

/** The packet path's hash of a flow (bpf/lib/flow_cache.h), 32 bits; undefined where a port is not known. */
export function flowHash(packet: TracedPacket): number | undefined {
  const { source, destination, protocol, sourcePort, destinationPort, dscp } = packet;
  const withPorts = hasPorts(protocol);
  if (withPorts && (sourcePort === undefined || destinationPort === undefined)) return undefined;
  const rest = Buffer.alloc(8);
  rest.writeUInt16BE(withPorts ? (sourcePort ?? 0) : 0);
  rest.writeUInt16BE(withPorts ? (destinationPort ?? 0) : 0, 2);
  rest.set([protocol, dscp, isIpv4(destination) ? 4 : 6, Number(withPorts)], 4);
  const words = [...wordsOf(source), ...wordsOf(destination), rest.readBigUInt64BE()];
  const sum = words.reduce((total, word, i) => total + word * (MULTIPLIERS[i] ?? 0n), 0n) & ALL_64_BITS;
  return Number((((sum ^ (sum >> 32n)) * LAST_MULTIPLIER) & ALL_64_BITS) >> 32n);
}

/** Flow label of an outer header, never 0. RFC 6437 section 3. */
export function flowLabel(hash: number): number {
  return hash & FLOW_LABEL || 1;
}

const ALL_64_BITS = 0xffff_ffff_ffff_ffffn;

function wordsOf(address: IpAddress): [bigint, bigint] {
  const bytes = Buffer.from(ipv6ToBytes(mappedAddress(address)));
  return [bytes.readBigUInt64BE(), bytes.readBigUInt64BE(8)];
}
