import { encodeSignedSrh, encodeSrh, type Ipv6Address, ipv6ToBytes, type Sid, type SigningKey } from "@sextant/model";

/** Destination port of STAMP. RFC 8762 section 4.1. */
export const PROBE_PORT = 862;

const UDP = 17;
const ROUTING = 43;
const IPV6_HEADER_BYTES = 40;
const UDP_HEADER_BYTES = 8;
/** Session-Sender packet, unauthenticated mode. RFC 8762 section 4.2.1. */
const STAMP_BYTES = 44;
/** Error Estimate: PTP format (Z), no synchronisation (S = 0), multiplier 1. RFC 8186 section 2.1. */
const ERROR_ESTIMATE = 0x4001;
const ERROR_ESTIMATE_OFFSET = 12;
/** STAMP TLV header: flags, type, length. RFC 8972 section 4. */
const TLV_HEADER_BYTES = 4;
const EXTRA_PADDING_TYPE = 1;
/** First bytes of our padding: "SEXTANT1". The rest is which loop of which list, and nonce. */
const PADDING_MAGIC = 0x53455854414e5431n;
const PADDING_BYTES = 24;
/** UDP payload of a probe: struct sxt_probe in bpf/abi/probe.h. */
export const PROBE_PAYLOAD_BYTES = STAMP_BYTES + TLV_HEADER_BYTES + PADDING_BYTES;

export interface ProbePacketOptions {
  /** The host's own address: source, and end of the loop. */
  readonly source: Ipv6Address;
  /** Which of the list's loops it is: 0 the first, 1 the alternate. */
  readonly loop: 0 | 1;
  /** Asks after the loop alone: whether the list is alive is not judged by it. */
  readonly loopOnly: boolean;
  /** SIDs of the loop in travel order, without the host's own address; at least one. */
  readonly probeSegments: readonly Sid[];
  /** Index of the list in the kernel. */
  readonly slot: number;
  readonly nonce: bigint;
  readonly hopLimit: number;
  /** Undefined where the list is not signed. */
  readonly signingKey: SigningKey | undefined;
}

/**
 * The loop probe of a list: IPv6, SRH, UDP and a STAMP test packet (RFC 8762) whose Extra Padding TLV (RFC 8972) carries
 * loop, list index and nonce. Constant: sequence numbers and timestamp are zero, the egress program fills them in and adapts the
 * checksum, which is over the final destination (RFC 8200 section 8.1). Source port and flow label come from the index, so
 * that a list's probes stay on one member of an equal-cost group. Signed like the list: routers on the way may ask for it.
 */
export function buildProbePacket(options: ProbePacketOptions): Uint8Array {
  const { source, probeSegments } = options;
  const first = probeSegments[0];
  if (first === undefined) throw new RangeError("a probe loop has at least one segment");
  const srh = encodeLoop(options);
  const udpBytes = UDP_HEADER_BYTES + PROBE_PAYLOAD_BYTES;
  const packet = new Uint8Array(IPV6_HEADER_BYTES + srh.length + udpBytes);
  const view = new DataView(packet.buffer);
  view.setUint32(0, (6 << 28) | (options.slot + 1));
  view.setUint16(4, srh.length + udpBytes);
  packet.set([ROUTING, options.hopLimit], 6);
  packet.set(ipv6ToBytes(source), 8);
  packet.set(ipv6ToBytes(first), 24);
  packet.set(srh, IPV6_HEADER_BYTES);
  writeUdp(packet.subarray(IPV6_HEADER_BYTES + srh.length), options);
  return packet;
}

function encodeLoop({ source, probeSegments, signingKey }: ProbePacketOptions): Uint8Array {
  const segments = [...probeSegments, source];
  const srh = { nextHeader: UDP, segmentsLeft: probeSegments.length, flags: 0, tag: 0, segments };
  return signingKey === undefined ? encodeSrh(srh) : encodeSignedSrh(srh, source, signingKey);
}

function writeUdp(udp: Uint8Array, { source, slot, nonce, loop, loopOnly }: ProbePacketOptions): void {
  const view = new DataView(udp.buffer, udp.byteOffset, udp.length);
  view.setUint16(0, 0xc000 | (slot & 0x3fff));
  view.setUint16(2, PROBE_PORT);
  view.setUint16(4, udp.length);
  view.setUint16(UDP_HEADER_BYTES + ERROR_ESTIMATE_OFFSET, ERROR_ESTIMATE);
  const tlv = UDP_HEADER_BYTES + STAMP_BYTES;
  view.setUint8(tlv + 1, EXTRA_PADDING_TYPE);
  view.setUint16(tlv + 2, PADDING_BYTES);
  view.setBigUint64(tlv + TLV_HEADER_BYTES, PADDING_MAGIC);
  view.setUint8(tlv + TLV_HEADER_BYTES + 12, loop);
  view.setUint8(tlv + TLV_HEADER_BYTES + 13, loopOnly ? 1 : 0);
  view.setUint16(tlv + TLV_HEADER_BYTES + 14, slot);
  view.setBigUint64(tlv + TLV_HEADER_BYTES + 16, nonce);
  view.setUint16(6, udpChecksum(source, source, udp));
}

/** UDP over IPv6: pseudo header with the final destination, never zero. RFC 8200 section 8.1. */
function udpChecksum(source: Ipv6Address, finalDestination: Ipv6Address, udp: Uint8Array): number {
  const sum = [ipv6ToBytes(source), ipv6ToBytes(finalDestination), udp].reduce(
    (total, part) => total + sumWords(part),
    0,
  );
  let folded = sum + udp.length + UDP;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff || 0xffff;
}

function sumWords(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return sum;
}
