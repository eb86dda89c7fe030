import { type Ipv6Address, ipv6, ipv6ToBytes, mappedPrefix, parseIpPrefix, prefixParts } from "@sextant/model";
import { SELF } from "../ingress-world";
import { type CompiledPrefix, isWithin } from "./bytes";
import type { Result } from "./driver";
import { IP, IP6_END, ROUTING } from "./header-chain";
import { faultOfIpv4Message, faultOfMessage } from "./message";
import { LINK_MTU, type Steered, STEERED } from "./world";

const PACKET_TOO_BIG = [2];
const HOP_BY_HOP = 0;
const FLOW_LABEL_BITS = 20;
const IP6_BYTES = 40;

/** The longest prefix is last. */
const RULES = STEERED.map((steered) => ({ steered, prefix: compile(steered.prefix) }));
const SELF_BYTES = bytesOf(ipv6(SELF));

/** What is wrong with how egress took a frame; undefined: nothing. */
export function faultOfEgress(frame: Buffer, result: Result): string | undefined {
  const { reason } = result;
  if (result.verdict === "drop") return undefined;
  if (reason === "inserted" || reason === "inserted_redirected") return faultOfInserted(frame, result.frame);
  if (reason === "encapsulated" || reason === "encapsulated_redirected") return faultOfOuter(frame, result.frame);
  if (reason === "too_big_told" || reason === "too_big_dropped_told") return faultOfTold(frame, result.frame);
  if (reason === "probe_sent") return result.frame.length === frame.length ? undefined : "resizes a probe";
  if (reason === "no_match" && steeredOf(frame) !== undefined) return "has a rule that it misses";
  return result.frame.equals(frame) ? undefined : "changes a packet that is not steered";
}

function faultOfInserted(frame: Buffer, actual: Buffer): string | undefined {
  const steered = steeredOf(frame);
  if (steered?.encapsulation !== "insert") return "is for no inserted list";
  const at = frame[IP + 6] === HOP_BY_HOP ? IP6_END + 8 * ((frame[IP6_END + 1] ?? 0) + 1) : IP6_END;
  const namedAt = at === IP6_END ? IP + 6 : IP6_END;
  const destination = frame.subarray(IP + 24, IP + 40);
  const srh = srhOf([...steered.segments.map(bytesOf), destination], steered.segments.length, frame[namedAt] ?? 0);
  const expected = Buffer.concat([frame.subarray(0, at), srh, frame.subarray(at)]);
  expected[namedAt] = ROUTING;
  expected.set(bytesOf(steered.segments[0] as Ipv6Address), IP + 24);
  expected.writeUInt16BE((frame.readUInt16BE(IP + 4) + srh.length) & 0xffff, IP + 4);
  return faultOfSteered(actual, expected);
}

function faultOfOuter(frame: Buffer, actual: Buffer): string | undefined {
  const steered = steeredOf(frame);
  if (steered === undefined || steered.encapsulation === "insert") return "is for no outer header";
  const isIpv4 = frame.readUInt16BE(12) === 0x0800;
  const protocol = isIpv4 ? 4 : 41;
  const length = isIpv4 ? frame.readUInt16BE(IP + 2) : IP6_BYTES + frame.readUInt16BE(IP + 4);
  const service = isIpv4 ? (frame[IP + 1] ?? 0) : (frame.readUInt16BE(IP) >> 4) & 0xff;
  const srh = outerSrhOf(steered, protocol);
  const outer = Buffer.alloc(IP6_BYTES);
  const label = actual.readUInt32BE(IP) & ((1 << FLOW_LABEL_BITS) - 1);
  outer.writeUInt32BE((0x60000000 | (service << FLOW_LABEL_BITS) | label) >>> 0);
  outer.writeUInt16BE((length + srh.length) & 0xffff, 4);
  outer.set([srh.length > 0 ? ROUTING : protocol, frame[IP + (isIpv4 ? 8 : 7)] ?? 0], 6);
  outer.set(SELF_BYTES, 8);
  outer.set(bytesOf(steered.segments[0] as Ipv6Address), 24);
  const expected = Buffer.concat([frame.subarray(0, IP), outer, srh, frame.subarray(IP)]);
  expected.writeUInt16BE(0x86dd, 12);
  return label === 0 ? "has no flow label" : faultOfSteered(actual, expected);
}

function faultOfSteered(actual: Buffer, expected: Buffer): string | undefined {
  if (actual.length - IP > LINK_MTU) return "outgrows the link";
  return actual.equals(expected) ? undefined : `should look like ${expected.toString("hex")}`;
}

function faultOfTold(frame: Buffer, actual: Buffer): string | undefined {
  const isIpv4 = frame.readUInt16BE(12) === 0x0800;
  const fault = isIpv4 ? faultOfIpv4Message(actual, frame) : faultOfMessage(actual, frame, PACKET_TOO_BIG);
  return fault === undefined ? undefined : `message ${fault}`;
}

/** The rule of the longest prefix around the destination. */
function steeredOf(frame: Buffer): Steered | undefined {
  const address = Buffer.alloc(16);
  if (frame.readUInt16BE(12) === 0x0800) {
    address.writeUInt16BE(0xffff, 10);
    frame.copy(address, 12, IP + 16, IP + 20);
  } else {
    frame.copy(address, 0, IP + 24, IP + 40);
  }
  return RULES.findLast(({ prefix }) => isWithin(address, 0, prefix))?.steered;
}

/** H.Encaps.Red leaves the first segment out, and the SRH away when that was all. RFC 8986 section 5.2. */
function outerSrhOf({ encapsulation, segments }: Steered, protocol: number): Buffer {
  const bytes = segments.map(bytesOf);
  if (encapsulation === "encap-full") return srhOf(bytes, bytes.length - 1, protocol);
  return bytes.length === 1 ? Buffer.alloc(0) : srhOf(bytes.slice(1), bytes.length - 1, protocol);
}

/** RFC 8754 section 2: the last segment comes first. */
function srhOf(segments: readonly Buffer[], left: number, protocol: number): Buffer {
  const fixed = Buffer.from([protocol, 2 * segments.length, 4, left, segments.length - 1, 0, 0, 0]);
  return Buffer.concat([fixed, ...[...segments].reverse()]);
}

function bytesOf(address: Ipv6Address): Buffer {
  return Buffer.from(ipv6ToBytes(address));
}

function compile(text: string): CompiledPrefix {
  const parsed = parseIpPrefix(text);
  if (parsed === undefined) throw new RangeError(`"${text}" is no prefix`);
  const { address, length } = prefixParts(mappedPrefix(parsed));
  return { bytes: bytesOf(address), length };
}
