import { ipToBytes, parseIp } from "@sextant/model";
import { internetChecksum } from "./ipv4-packet";

const TCP = 6;
const HEADER_BYTES = 20;

/** TCP flags, as they lie in the header. */
export const FLAGS = { syn: 0x02, synAck: 0x12, ack: 0x10 } as const;

/** A TCP header with a right checksum; `options` are filled up to whole words with zeros. */
export function tcpSegment(source: string, destination: string, flags: number, options: readonly number[]): Buffer {
  const segment = Buffer.alloc(HEADER_BYTES + Math.ceil(options.length / 4) * 4);
  segment.writeUInt16BE(40_000, 0);
  segment.writeUInt16BE(443, 2);
  segment.writeUInt32BE(0x0102_0304, 4);
  segment.set([(segment.length / 4) << 4, flags], 12);
  segment.set(options, HEADER_BYTES);
  const pseudo = [bytesOf(source), bytesOf(destination), Uint8Array.of(0, TCP, 0, segment.length)];
  segment.writeUInt16BE(internetChecksum(Buffer.concat([...pseudo, segment])), 16);
  return segment;
}

/** The option that says how large segments may be. RFC 9293 section 3.7.1. */
export const mss = (bytes: number): number[] => [2, 4, bytes >> 8, bytes & 0xff];

function bytesOf(text: string): Uint8Array {
  const address = parseIp(text);
  if (address === undefined) throw new RangeError(`"${text}" is no address`);
  return ipToBytes(address);
}
