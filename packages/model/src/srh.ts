import { type Ipv6Address, ipv6FromBytes, ipv6ToBytes } from "./ipv6";

/** Routing type of the Segment Routing Header. RFC 8754 section 2. */
const SRH_ROUTING_TYPE = 4;
/** Bytes before the segment list. */
export const SRH_FIXED_BYTES = 8;

/** A Segment Routing Header without TLVs. `segments` are in travel order: the first to visit comes first. */
export interface Srh {
  readonly nextHeader: number;
  readonly segmentsLeft: number;
  readonly flags: number;
  readonly tag: number;
  readonly segments: readonly Ipv6Address[];
}

/** Why bytes are no acceptable SRH. RFC 8754 sections 2 and 4.3.1.1. */
export type SrhFault = "truncated" | "routing_type" | "header_length" | "last_entry" | "segments_left" | "tlv";

/**
 * Bytes on the wire, list reversed: Segment List[0] is the last segment (RFC 8754 section 4.1).
 * Throws RangeError when there is no segment or more than fit the 8-bit header length (127).
 */
export function encodeSrh(srh: Srh): Uint8Array {
  const count = srh.segments.length;
  if (count < 1 || count > 127) throw new RangeError(`an SRH holds 1 to 127 segments, got ${count}`);
  const bytes = new Uint8Array(SRH_FIXED_BYTES + 16 * count);
  bytes.set([srh.nextHeader, 2 * count, SRH_ROUTING_TYPE, srh.segmentsLeft, count - 1, srh.flags]);
  new DataView(bytes.buffer).setUint16(6, srh.tag);
  [...srh.segments].reverse().forEach((segment, i) => bytes.set(ipv6ToBytes(segment), SRH_FIXED_BYTES + 16 * i));
  return bytes;
}

/** Reads an SRH from the start of `bytes`; the fault otherwise. Headers with TLVs are refused ("tlv"). */
export function decodeSrh(bytes: Uint8Array): Srh | { readonly fault: SrhFault } {
  if (bytes.length < SRH_FIXED_BYTES) return { fault: "truncated" };
  const [nextHeader = 0, headerLength = 0, routingType, segmentsLeft = 0, lastEntry = 0, flags = 0] = bytes;
  if (routingType !== SRH_ROUTING_TYPE) return { fault: "routing_type" };
  if (bytes.length < SRH_FIXED_BYTES + 8 * headerLength) return { fault: "truncated" };
  if (headerLength < 2) return { fault: "header_length" };
  const room = Math.floor(headerLength / 2);
  if (lastEntry > room - 1) return { fault: "last_entry" };
  if (segmentsLeft > lastEntry + 1) return { fault: "segments_left" };
  if (headerLength !== 2 * (lastEntry + 1)) return { fault: "tlv" };
  const segments = Array.from({ length: lastEntry + 1 }, (_, i) => {
    const start = SRH_FIXED_BYTES + 16 * (lastEntry - i);
    return ipv6FromBytes(bytes.subarray(start, start + 16));
  });
  const tag = ((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0);
  return { nextHeader, segmentsLeft, flags, tag, segments };
}
