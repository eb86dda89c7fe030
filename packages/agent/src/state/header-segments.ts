import { ipv6FromBytes, type Sid } from "@sextant/model";
import type { KernelList } from "../reconcile/data-plane";

const IPV6_BYTES = 40;
const SRH_FIXED_BYTES = 8;
const SEGMENT_BYTES = 16;
const LAST_ENTRY = 4;

/**
 * Segments of a list in travel order, read from its header bytes: without an inserted list's last, which is the packet's own
 * destination; with the first, which a reduced header names in the outer destination only (RFC 8754 section 4.1).
 */
export function headerSegments({ encapsulation, header, firstSegment }: KernelList): Sid[] {
  const srh = header.subarray(encapsulation === "encap" ? IPV6_BYTES : 0);
  const count = srh.length < SRH_FIXED_BYTES ? 0 : (srh[LAST_ENTRY] ?? 0) + 1;
  const entries = Array.from({ length: count }, (_, i) => {
    const start = SRH_FIXED_BYTES + SEGMENT_BYTES * i;
    return ipv6FromBytes(srh.subarray(start, start + SEGMENT_BYTES)) as Sid;
  });
  const travelled = (encapsulation === "insert" ? entries.slice(1) : entries).reverse();
  return travelled[0] === firstSegment ? travelled : [firstSegment, ...travelled];
}
