import {
  type Encapsulation,
  encodeSignedSrh,
  encodeSrh,
  type Ipv6Address,
  ipv6ToBytes,
  type Sid,
  type SigningKey,
  type Srh,
} from "@sextant/model";

const IP6_BYTES = 40;
const ROUTING = 43;
/** Stands where the packet path writes what is the packet's own. */
const PACKETS_OWN = 0;
const UNSPECIFIED = "::" as Ipv6Address;

export interface HeaderOptions {
  readonly encapsulation: Encapsulation;
  /** In travel order, at least one. Inserted: without the packet's own destination. */
  readonly segments: readonly Sid[];
  /** Of the outer header. */
  readonly source: Ipv6Address;
  /** Never with `insert`: that list ends in the packet's destination, so its signature would differ per packet. */
  readonly signingKey: SigningKey | undefined;
}

/** What the packet path puts on a packet. */
export interface HeaderBytes {
  /** SRH, or outer IPv6 header with or without SRH; fields that are the packet's own are zero. */
  readonly header: Uint8Array;
  /** Destination address that the packet gets. */
  readonly firstSegment: Sid;
}

/**
 * Serialises a segment list once, so that a packet costs a copy. `insert`: an SRH whose Segment List[0] waits for the packet's
 * destination (RFC 8754 section 4.1). `encap`: H.Encaps.Red, `encap-full`: H.Encaps (RFC 8986 sections 5.1 and 5.2).
 */
export function headerBytes({ encapsulation, segments, source, signingKey }: HeaderOptions): HeaderBytes {
  const [firstSegment] = segments;
  if (firstSegment === undefined) throw new RangeError("a segment list has at least one segment");
  if (encapsulation === "insert") {
    if (signingKey !== undefined) throw new RangeError("an inserted list cannot be signed");
    return { header: encodeSrh(srhOf([...segments, UNSPECIFIED], segments.length)), firstSegment };
  }
  const srh = outerSrh(encapsulation, segments, signingKey !== undefined);
  const routing = srh === undefined ? new Uint8Array() : encode(srh, source, signingKey);
  const header = new Uint8Array(IP6_BYTES + routing.length);
  header[0] = 6 << 4;
  header[6] = srh === undefined ? PACKETS_OWN : ROUTING;
  header.set(ipv6ToBytes(source), 8);
  header.set(ipv6ToBytes(firstSegment), 24);
  header.set(routing, IP6_BYTES);
  return { header, firstSegment };
}

/** The SRH of an outer header; none where a single segment says all. A signature needs one to be in. */
function outerSrh(encapsulation: Encapsulation, segments: readonly Sid[], signed: boolean): Srh | undefined {
  const left = segments.length - 1;
  if (encapsulation === "encap-full" || (left === 0 && signed)) return srhOf(segments, left);
  return left === 0 ? undefined : srhOf(segments.slice(1), left);
}

function srhOf(segments: readonly Ipv6Address[], segmentsLeft: number): Srh {
  return { nextHeader: PACKETS_OWN, segmentsLeft, flags: 0, tag: 0, segments };
}

function encode(srh: Srh, source: Ipv6Address, key: SigningKey | undefined): Uint8Array {
  return key === undefined ? encodeSrh(srh) : encodeSignedSrh(srh, source, key);
}
