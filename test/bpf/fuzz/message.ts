import { onesSum, upperSum } from "./bytes";
import { IP, IP6_END } from "./header-chain";

/** Longest ICMPv6 error: the smallest MTU of IPv6. RFC 4443 section 3.4. */
const ERROR_BYTES_MAX = 1280;
const FRONT_BYTES = 48;
const IPV4_ERROR_BYTES_MAX = 576;
const IPV4_FRONT_BYTES = 28;

/** What is wrong with an ICMPv6 error that is to quote `cause` and go to its source; undefined: nothing. */
export function faultOfMessage(frame: Buffer, cause: Buffer, types: readonly number[]): string | undefined {
  const bytes = Math.min(cause.length - IP, ERROR_BYTES_MAX - FRONT_BYTES);
  if (frame.length !== IP + FRONT_BYTES + bytes) return `is ${frame.length} bytes long`;
  if (frame.readUInt32BE(IP) !== 0x60000000 || frame[IP + 6] !== 58) return "has a bad IPv6 header";
  if (frame.readUInt16BE(IP + 4) !== bytes + 8) return "has a wrong payload length";
  if (frame.compare(cause, IP + 24, IP + 40, IP + 8, IP + 24) !== 0) return "is from another address";
  if (frame.compare(cause, IP + 8, IP + 24, IP + 24, IP + 40) !== 0) return "is for another address";
  if (upperSum(frame, IP, IP6_END, frame.length, 58) !== 0xffff) return "has a wrong checksum";
  if (!types.includes(frame[IP6_END] ?? 0)) return "is of another type";
  return frame.compare(cause, IP, IP + bytes, IP + FRONT_BYTES) === 0 ? undefined : "quotes something else";
}

/** The same of ICMP "fragmentation needed". */
export function faultOfIpv4Message(frame: Buffer, cause: Buffer): string | undefined {
  const bytes = IPV4_ERROR_BYTES_MAX - IPV4_FRONT_BYTES;
  if (frame.length !== IP + IPV4_ERROR_BYTES_MAX) return `is ${frame.length} bytes long`;
  if (frame[IP] !== 0x45 || frame[IP + 9] !== 1) return "has a bad IPv4 header";
  if (onesSum(frame, IP, IP + 20) !== 0xffff) return "has a wrong header checksum";
  if (onesSum(frame, IP + 20, frame.length) !== 0xffff) return "has a wrong checksum";
  if (frame.readUInt16BE(IP + 20) !== 0x0304) return "is of another type";
  return frame.compare(cause, IP, IP + bytes, IP + IPV4_FRONT_BYTES) === 0 ? undefined : "quotes something else";
}

/** What is wrong with a frame as an IP packet of the length it has; checksums of ICMP included. */
export function faultOfError(frame: Buffer): string | undefined {
  if (frame.readUInt16BE(12) === 0x0800) {
    if (frame[IP] !== 0x45 || onesSum(frame, IP, IP + 20) !== 0xffff) return "has a bad IPv4 header";
    const end = IP + frame.readUInt16BE(IP + 2);
    if (end > frame.length) return "is cut off";
    return onesSum(frame, IP + 20, end) === 0xffff ? undefined : "has a wrong checksum";
  }
  const end = IP6_END + frame.readUInt16BE(IP + 4);
  if (end > frame.length) return "is cut off";
  return upperSum(frame, IP, IP6_END, end, 58) === 0xffff ? undefined : "has a wrong checksum";
}
