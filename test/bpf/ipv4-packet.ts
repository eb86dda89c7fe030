import { ipToBytes, parseIp } from "@sextant/model";

const HEADER_BYTES = 20;
const UDP = 17;

/** What a test says of an IPv4 packet; the rest is a UDP datagram of four bytes to port 53. */
export interface Ipv4PacketOptions {
  readonly tos?: number;
  readonly protocol?: number;
  /** Behind the IPv4 header. */
  readonly payload?: Uint8Array;
  /** Overwrites single bytes after the checksum was made. */
  readonly patch?: Readonly<Record<number, number>>;
}

/** An IPv4 packet with a right header checksum, without framing. */
export function ipv4Packet(source: string, destination: string, options: Ipv4PacketOptions = {}): Buffer {
  const { tos = 0, protocol = UDP, payload = datagram(), patch = {} } = options;
  const packet = Buffer.alloc(HEADER_BYTES + payload.length);
  packet.set([0x45, tos]);
  packet.writeUInt16BE(packet.length, 2);
  packet.writeUInt16BE(0x4000, 6); // don't fragment
  packet.set([64, protocol], 8);
  packet.set(bytesOf(source), 12);
  packet.set(bytesOf(destination), 16);
  packet.writeUInt16BE(internetChecksum(packet.subarray(0, HEADER_BYTES)), 10);
  packet.set(payload, HEADER_BYTES);
  for (const [offset, value] of Object.entries(patch)) packet[Number(offset)] = value;
  return packet;
}

/** Complement of the one's complement sum of 16-bit words. RFC 1071. Zero over what holds a right checksum. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function datagram(): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(40_000, 0);
  bytes.writeUInt16BE(53, 2);
  bytes.writeUInt16BE(bytes.length, 4);
  return bytes;
}

function bytesOf(text: string): Uint8Array {
  const address = parseIp(text);
  if (address === undefined) throw new RangeError(`"${text}" is no address`);
  return ipToBytes(address);
}
