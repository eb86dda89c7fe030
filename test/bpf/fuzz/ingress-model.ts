import { ipv6, ipv6ToBytes, mappedPrefix, parseIpPrefix, prefixParts } from "@sextant/model";
import { DECAPSULATION_SID, NODE_SID, PEER, SELF, SELF_IPV4 } from "../ingress-world";
import { type CompiledPrefix, isAt, isWithin, onesSum } from "./bytes";
import { type ChainEnd, followChain, IP, IP6_END, ROUTING } from "./header-chain";
import { BROUGHT, DOMAIN, PROBE_LOOPS, PROBE_NONCE, STEERED } from "./world";

/** What the guard must make of a frame: one of these exits, and where the frame goes on, how it then looks. */
export interface Verdict {
  readonly reasons: readonly string[];
  /** Undefined where the frame goes on as it came, or not at all. */
  readonly frame?: Buffer;
}

const NODE_SID_BYTES = bytesOf(NODE_SID);
const DECAPSULATION_BYTES = bytesOf(DECAPSULATION_SID);
const PEER_BYTES = bytesOf(PEER);
const SELF_IPV4_BYTES = Buffer.from(SELF_IPV4.split(".").map(Number));
const TRUSTED = DOMAIN.map(compile);
const PEER_BRINGS = BROUGHT.map(compile);
/** Behind the uplink, but for the host's own addresses. */
const UPLINK_PREFIXES = ["2001:db8:a::/64", "2001:db8:b::/48"].map(compile);
const UPLINK_IPV4 = ["192.0.2.0/24", "203.0.113.0/24"].map(compileIpv4);
const ROUTED_PREFIXES = ["2001:db8:a::/64", "2001:db8:b::/48", "2001:db8:c::/64"].map(compile);
/** With the subnet-router anycast addresses that a forwarding host has. RFC 4291 section 2.6.1. */
const OWN_ADDRESSES = [SELF, "2001:db8:a::", "2001:db8:c::", "2001:db8:c::1"].map(bytesOf);
const FINISHING = new Set([6, 17, 33, 50, 51, 58, 59, 132, 136]);
const PROBE_MAGIC = 0x53455854414e5431n;
const LONGEST_OPTIONS = 64;
const TLVS_SEARCHED = 16;
const LONGEST_ROOM = 0xfff;

/** The rules of the README's ingress table, written a second time and from the norms; `gso` is a size the kernel cannot change. */
export function judgeIngress(frame: Buffer, gso: boolean): Verdict {
  const ethertype = frame.readUInt16BE(12);
  if (ethertype === 0x0800) return only("ingress_plain");
  if (ethertype !== 0x86dd) return only("ingress_not_ip");
  if (frame.length < IP6_END) return only("ingress_malformed");
  const chain = followChain(frame, IP6_END, IP + 6, frame[IP + 6] ?? 0);
  if (typeof chain === "string") return only(chain === "exceeded" ? "ingress_headers_exceeded" : "ingress_malformed");
  if (chain.protocol === ROUTING && chain.fragment !== "later") return judgeRouted(frame, chain, gso);
  if (!isAt(frame, IP + 24, DECAPSULATION_BYTES)) return only("ingress_plain");
  if (packetEnd(frame) > frame.length) return only("ingress_malformed");
  if (!isTrusted(frame)) return only("decapsulation_source_refused");
  return judgeDecapsulation(frame, chain, gso);
}

function judgeRouted(frame: Buffer, chain: ChainEnd, gso: boolean): Verdict {
  const { offset } = chain;
  if (chain.fragment !== "none") return only("srh_misplaced");
  if (offset + 8 > frame.length || packetEnd(frame) > frame.length) return only("ingress_malformed");
  if (!isTrusted(frame)) return only("srh_source_refused");
  const place = placeOf(frame);
  if (place === "elsewhere") return only("srh_not_for_host");
  const left = frame[offset + 3] ?? 0;
  if (frame[offset + 2] !== 4) return left > 0 ? answered("srh_type") : only("srh_type_refused");
  if (!isWellFormed(frame, offset)) return { reasons: ["srh_malformed", "srh_malformed_answered"] };
  if (left > 0) return only(place === "node" ? "turned_round" : "srh_not_for_host");
  return judgeFinished(frame, chain, place, gso);
}

function judgeFinished(frame: Buffer, chain: ChainEnd, place: string, gso: boolean): Verdict {
  const { offset, namedAt } = chain;
  const bytes = 8 * ((frame[offset + 1] ?? 0) + 1);
  const protocol = frame[offset] ?? 0;
  const behind = offset + bytes;
  if (protocol === 17 && isProbe(frame, behind)) return { reasons: probeReasons(frame, behind) };
  const after = followChain(frame, behind, offset, protocol);
  if (typeof after === "string") return only(after === "exceeded" ? "ingress_headers_exceeded" : "ingress_malformed");
  if (after.protocol === ROUTING) return only("srh_misplaced");
  if (place === "decapsulation") return judgeDecapsulation(frame, after, gso);
  if (place === "node" || !mayFinish(after)) return answered("upper_layer");
  if (offset - IP6_END > LONGEST_OPTIONS) return only("srh_options_too_long");
  if (gso) return only("strip_refused");
  const stripped = Buffer.concat([frame.subarray(0, offset), frame.subarray(behind)]);
  stripped[namedAt] = protocol;
  stripped.writeUInt16BE(frame.readUInt16BE(IP + 4) - bytes, IP + 4);
  return { reasons: ["srh_stripped"], frame: stripped };
}

function judgeDecapsulation(frame: Buffer, chain: ChainEnd, gso: boolean): Verdict {
  if (chain.fragment !== "none") return only("decapsulation_fragment");
  if (chain.protocol !== 4 && chain.protocol !== 41) return answered("upper_layer");
  const isIpv4 = chain.protocol === 4;
  const fault = isIpv4 ? faultOfIpv4(frame, chain.offset) : faultOfIpv6(frame, chain.offset);
  if (fault !== undefined) return only(fault);
  if (!mayBring(frame, chain.offset, isIpv4)) return only("inner_source_refused");
  if (isIpv4 ? turnsBackIpv4(frame, chain.offset + 16) : turnsBack(frame, chain.offset + 24)) {
    return only("inner_turned_back");
  }
  const outside = ((frame[IP + 1] ?? 0) >> 4) & 3;
  const inside = ((frame[chain.offset + 1] ?? 0) >> (isIpv4 ? 0 : 4)) & 3;
  if (inside === 0 && outside === 3) return only("inner_ecn_refused");
  if (gso || chain.offset - IP > LONGEST_ROOM) return only("decapsulation_refused");
  return { reasons: ["decapsulated"], frame: unwrap(frame, chain.offset, isIpv4, combine(inside, outside)) };
}

function mayFinish({ protocol, fragment }: ChainEnd): boolean {
  return FINISHING.has(protocol) || (fragment === "later" && protocol === 60);
}

/** RFC 6040 section 4.2, but for the packet that is dropped. */
function combine(inside: number, outside: number): number {
  if (inside === 0) return 0;
  if (outside === 3) return 3;
  return inside === 2 && outside === 1 ? 1 : inside;
}

function unwrap(frame: Buffer, inner: number, isIpv4: boolean, ecn: number): Buffer {
  const packet = Buffer.concat([frame.subarray(0, IP), frame.subarray(inner)]);
  packet.writeUInt16BE(isIpv4 ? 0x0800 : 0x86dd, 12);
  const shift = isIpv4 ? 0 : 4;
  const before = packet.readUInt16BE(IP);
  packet[IP + 1] = ((packet[IP + 1] ?? 0) & ~(3 << shift)) | (ecn << shift);
  // By difference (RFC 1624), so that a wrong checksum stays as wrong as it was.
  if (isIpv4 && packet.readUInt16BE(IP) !== before) {
    const sum = (~packet.readUInt16BE(IP + 10) & 0xffff) + (~before & 0xffff) + packet.readUInt16BE(IP);
    packet.writeUInt16BE(~onesSum(packet, 0, 0, sum) & 0xffff, IP + 10);
  }
  return packet;
}

function faultOfIpv6(frame: Buffer, at: number): string | undefined {
  if (at + 40 > frame.length || (frame[at] ?? 0) >> 4 !== 6) return "inner_malformed";
  if (at + 40 + frame.readUInt16BE(at + 4) > packetEnd(frame)) return "inner_malformed";
  if (!isRoutable(frame, at + 8) || !isRoutable(frame, at + 24)) return "inner_scope_refused";
  const chain = followChain(frame, at + 40, at + 6, frame[at + 6] ?? 0);
  if (typeof chain === "string") return "inner_malformed";
  if (chain.protocol === ROUTING) return "inner_routed";
  if (chain.protocol !== 58 || chain.fragment === "later" || chain.offset >= frame.length) return undefined;
  const type = frame[chain.offset] ?? 0;
  return type >= 133 && type <= 137 ? "inner_scope_refused" : undefined;
}

function faultOfIpv4(frame: Buffer, at: number): string | undefined {
  if (at + 20 > frame.length || (frame[at] ?? 0) >> 4 !== 4) return "inner_malformed";
  const header = 4 * ((frame[at] ?? 0) & 15);
  const total = frame.readUInt16BE(at + 2);
  if (header < 20 || total < header || at + total > packetEnd(frame)) return "inner_malformed";
  return isRoutableIpv4(frame, at + 12) && isRoutableIpv4(frame, at + 16) ? undefined : "inner_scope_refused";
}

function mayBring(frame: Buffer, inner: number, isIpv4: boolean): boolean {
  if (!isAt(frame, IP + 8, PEER_BYTES)) return false;
  if (!isIpv4) return PEER_BRINGS.some((prefix) => prefix.length <= 64 && isWithin(frame, inner + 8, prefix));
  const mapped = Buffer.alloc(16);
  mapped.writeUInt16BE(0xffff, 10);
  frame.copy(mapped, 12, inner + 12, inner + 16);
  return PEER_BRINGS.some((prefix) => isWithin(mapped, 0, prefix));
}

function placeOf(frame: Buffer): "elsewhere" | "address" | "node" | "decapsulation" {
  if (isAt(frame, IP + 24, NODE_SID_BYTES)) return "node";
  if (isAt(frame, IP + 24, DECAPSULATION_BYTES)) return "decapsulation";
  return isLocal(frame, IP + 24) ? "address" : "elsewhere";
}

/** Its own, or one that it has no route to: the stack refuses that. */
function isLocal(frame: Buffer, at: number): boolean {
  if (!isRoutable(frame, at)) return false;
  const isOwn = OWN_ADDRESSES.some((address) => isAt(frame, at, address));
  return isOwn || !ROUTED_PREFIXES.some((prefix) => isWithin(frame, at, prefix));
}

function turnsBack(frame: Buffer, at: number): boolean {
  if (isAt(frame, at, DECAPSULATION_BYTES)) return true;
  return !isLocal(frame, at) && UPLINK_PREFIXES.some((prefix) => isWithin(frame, at, prefix));
}

function turnsBackIpv4(frame: Buffer, at: number): boolean {
  const isBroadcast = isWithin(frame, at, UPLINK_IPV4[0] as CompiledPrefix) && frame[at + 3] === 255;
  if (isBroadcast || isAt(frame, at, SELF_IPV4_BYTES)) return false;
  return UPLINK_IPV4.some((prefix) => isWithin(frame, at, prefix));
}

/** RFC 8754 sections 2.1 and 4.3.1.1. */
function isWellFormed(frame: Buffer, offset: number): boolean {
  const units = frame[offset + 1] ?? 0;
  const last = frame[offset + 4] ?? 0;
  const end = offset + 8 * (units + 1);
  if (end > packetEnd(frame) || last > (units >> 1) - 1 || (frame[offset + 3] ?? 0) > last + 1) return false;
  let at = offset + 8 + 16 * (last + 1);
  for (let searched = 0; searched < TLVS_SEARCHED && at < end; searched++) {
    at += frame[at] === 0 ? 1 : 2 + (at + 1 < end ? (frame[at + 1] ?? 0) : 0);
  }
  return at === end;
}

function isProbe(frame: Buffer, at: number): boolean {
  return (
    at + 80 <= frame.length &&
    frame.readUInt16BE(at + 2) === 862 &&
    frame.readUInt16BE(at + 4) === 80 &&
    frame[at + 8 + 45] === 1 &&
    frame.readBigUInt64BE(at + 8 + 48) === PROBE_MAGIC
  );
}

function probeReasons(frame: Buffer, at: number): string[] {
  if (frame.readUInt16BE(at + 70) >= STEERED.length) return ["probe_list_unknown"];
  if (frame.readBigUInt64BE(at + 72) !== PROBE_NONCE || (frame[at + 68] ?? 0) >= PROBE_LOOPS) return ["probe_forged"];
  return ["probe_unsent", "probe_replayed", "probe_returned"];
}

function isTrusted(frame: Buffer): boolean {
  return TRUSTED.some((prefix) => isWithin(frame, IP + 8, prefix));
}

function isRoutable(frame: Buffer, at: number): boolean {
  const first = frame.readUInt16BE(at);
  const prefixIsZero = frame.readBigUInt64BE(at) === 0n;
  return !prefixIsZero && first < 0xff00 && (first & 0xffc0) !== 0xfe80;
}

function isRoutableIpv4(frame: Buffer, at: number): boolean {
  const first = frame[at] ?? 0;
  return first !== 0 && first !== 127 && first < 224 && frame.readUInt16BE(at) !== 0xa9fe;
}

function packetEnd(frame: Buffer): number {
  return IP6_END + frame.readUInt16BE(IP + 4);
}

function only(reason: string): Verdict {
  return { reasons: [reason] };
}

/** Told to the sender, unless RFC 4443 or the rate limit forbids it. */
function answered(name: string): Verdict {
  return { reasons: [`${name}_refused`, `${name}_answered`] };
}

function bytesOf(text: string): Buffer {
  return Buffer.from(ipv6ToBytes(ipv6(text)));
}

function compile(text: string): CompiledPrefix {
  const parsed = parseIpPrefix(text);
  if (parsed === undefined) throw new RangeError(`"${text}" is no prefix`);
  const { address, length } = prefixParts(mappedPrefix(parsed));
  return { bytes: Buffer.from(ipv6ToBytes(address)), length };
}

function compileIpv4(text: string): CompiledPrefix {
  const { bytes, length } = compile(text);
  return { bytes: bytes.subarray(12), length: length - 96 };
}
