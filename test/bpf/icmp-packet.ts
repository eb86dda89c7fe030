import { ipv6, ipv6ToBytes } from "@sextant/model";
import { internetChecksum, ipv4Packet } from "./ipv4-packet";

const ICMP = 1;
const ICMPV6 = 58;
const IP6_BYTES = 40;
const ICMP_BYTES = 8;
const HOP_LIMIT = 64;

/** An ICMP message; `rest` is its second word: an MTU, an identifier. */
export interface IcmpMessage {
  readonly type: number;
  readonly code?: number;
  readonly rest?: number;
  /** What follows the eight bytes of the header. */
  readonly quote: Uint8Array;
}

/** ICMPv6 in IPv6, without flow label and framing. Both checksums are right. */
export function icmp6Packet(source: string, destination: string, message: IcmpMessage): Buffer {
  const icmp = icmpBytes(message);
  const packet = Buffer.alloc(IP6_BYTES + icmp.length);
  packet.writeUInt32BE(0x6000_0000);
  packet.writeUInt16BE(icmp.length, 4);
  packet.set([ICMPV6, HOP_LIMIT], 6);
  packet.set(ipv6ToBytes(ipv6(source)), 8);
  packet.set(ipv6ToBytes(ipv6(destination)), 24);
  icmp.writeUInt16BE(icmp6Checksum(packet, icmp), 2);
  packet.set(icmp, IP6_BYTES);
  return packet;
}

/** ICMP in IPv4, without framing; as a router marks it. RFC 1812 section 4.3.2.5. */
export function icmp4Packet(source: string, destination: string, message: IcmpMessage): Buffer {
  const icmp = icmpBytes(message);
  icmp.writeUInt16BE(internetChecksum(icmp), 2);
  return ipv4Packet(source, destination, { tos: 0xc0, protocol: ICMP, payload: icmp });
}

/** What a receiver computes over an ICMPv6 packet: zero when its checksum is right. RFC 4443 section 2.3. */
export function icmp6Checksum(packet: Buffer, icmp = packet.subarray(IP6_BYTES)): number {
  const pseudo = Buffer.alloc(40);
  pseudo.set(packet.subarray(8, 40));
  pseudo.writeUInt32BE(icmp.length, 32);
  pseudo.writeUInt32BE(ICMPV6, 36);
  return internetChecksum(Buffer.concat([pseudo, icmp]));
}

function icmpBytes({ type, code = 0, rest = 0, quote }: IcmpMessage): Buffer {
  const bytes = Buffer.alloc(ICMP_BYTES + quote.length);
  bytes.set([type, code]);
  bytes.writeUInt32BE(rest, 4);
  bytes.set(quote, ICMP_BYTES);
  return bytes;
}
