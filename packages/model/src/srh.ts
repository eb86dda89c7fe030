import { type Ipv6Address, ipv6FromBytes, ipv6ToBytes } from "./ipv6";

/** Routing type of the Segment Routing Header. RFC 8754 section 2. */
const SRH_ROUTING_TYPE = 4;
/** Bytes before the segment list. */
export const SRH_FIXED_BYTES = 8;
const SEGMENT_BYTES = 16;
/** TLV of one byte without a length. RFC 8754 section 2.1.1.1. */
const PAD1 = 0;

/** A TLV behind the segment list. RFC 8754 section 2.1. */
export interface SrhTlv {
  readonly type: number;
  readonly value: Uint8Array;
}

/** A Segment Routing Header. `segments` are in travel order: the first to visit comes first. */
export interface Srh {
  readonly nextHeader: number;
  /** One more than the last index where the first segment is left out (reduced form, RFC 8754 section 4.1.1). */
  readonly segmentsLeft: number;
  readonly flags: number;
  readonly tag: number;
  readonly segments: readonly Ipv6Address[];
  /** Absent without any. Together a multiple of eight bytes. */
  readonly tlvs?: readonly SrhTlv[];
}

/** Why bytes are no acceptable SRH. RFC 8754 sections 2 and 4.3.1.1. */
export type SrhFault = "truncated" | "routing_type" | "header_length" | "last_entry" | "segments_left" | "tlv";

/**
 * Bytes on the wire, list reversed: Segment List[0] is the last segment (RFC 8754 section 4.1).
 * Throws RangeError when there is no segment, more than fit the 8-bit header length, or TLVs that are no multiple of eight.
 */
export function encodeSrh(srh: Srh): Uint8Array {
  const count = srh.segments.length;
  const tlvs = encodeTlvs(srh.tlvs ?? []);
  const headerLength = (SEGMENT_BYTES * count + tlvs.length) / 8;
  if (count < 1 || headerLength > 255) throw new RangeError(`an SRH holds 1 to 127 segments, got ${count}`);
  if (!Number.isInteger(headerLength)) throw new RangeError(`TLVs of ${tlvs.length} bytes: pad them to eight`);
  const bytes = new Uint8Array(SRH_FIXED_BYTES + 8 * headerLength);
  bytes.set([srh.nextHeader, headerLength, SRH_ROUTING_TYPE, srh.segmentsLeft, count - 1, srh.flags]);
  new DataView(bytes.buffer).setUint16(6, srh.tag);
  bytes.set(segmentListBytes(srh.segments), SRH_FIXED_BYTES);
  bytes.set(tlvs, SRH_FIXED_BYTES + SEGMENT_BYTES * count);
  return bytes;
}

/** The segments as they stand in the header: the last one first. */
export function segmentListBytes(segments: readonly Ipv6Address[]): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_BYTES * segments.length);
  [...segments].reverse().forEach((segment, i) => bytes.set(ipv6ToBytes(segment), SEGMENT_BYTES * i));
  return bytes;
}

/** Reads an SRH from the start of `bytes`; the fault otherwise ("tlv": one that outgrows the header). */
export function decodeSrh(bytes: Uint8Array): Srh | { readonly fault: SrhFault } {
  if (bytes.length < SRH_FIXED_BYTES) return { fault: "truncated" };
  const [nextHeader = 0, headerLength = 0, routingType, segmentsLeft = 0, lastEntry = 0, flags = 0] = bytes;
  if (routingType !== SRH_ROUTING_TYPE) return { fault: "routing_type" };
  const end = SRH_FIXED_BYTES + 8 * headerLength;
  if (bytes.length < end) return { fault: "truncated" };
  if (headerLength < 2) return { fault: "header_length" };
  const room = Math.floor(headerLength / 2);
  if (lastEntry > room - 1) return { fault: "last_entry" };
  if (segmentsLeft > lastEntry + 1) return { fault: "segments_left" };
  const segments = Array.from({ length: lastEntry + 1 }, (_, i) => {
    const start = SRH_FIXED_BYTES + SEGMENT_BYTES * (lastEntry - i);
    return ipv6FromBytes(bytes.subarray(start, start + SEGMENT_BYTES));
  });
  const tlvs = decodeTlvs(bytes.subarray(SRH_FIXED_BYTES + SEGMENT_BYTES * (lastEntry + 1), end));
  if (tlvs === undefined) return { fault: "tlv" };
  const tag = ((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0);
  return { nextHeader, segmentsLeft, flags, tag, segments, ...(tlvs.length > 0 && { tlvs }) };
}

function encodeTlvs(tlvs: readonly SrhTlv[]): Uint8Array {
  return Uint8Array.from(tlvs.flatMap(({ type, value }) => (type === PAD1 ? [PAD1] : [type, value.length, ...value])));
}

/** Undefined when the last one does not end with the header. */
function decodeTlvs(bytes: Uint8Array): SrhTlv[] | undefined {
  const tlvs: SrhTlv[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [type = PAD1, length = 0] = bytes.subarray(at);
    const start = type === PAD1 ? at + 1 : at + 2;
    const end = type === PAD1 ? start : start + length;
    if (end > bytes.length) return undefined;
    tlvs.push({ type, value: bytes.slice(start, end) });
    at = end;
  }
  return tlvs;
}
