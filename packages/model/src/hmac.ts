import { createHmac } from "node:crypto";
import { type Ipv6Address, ipv6ToBytes } from "./ipv6";
import { encodeSrh, type Srh, type SrhTlv, segmentListBytes } from "./srh";

/** Type of the HMAC TLV. RFC 8754 section 2.1.2. */
export const HMAC_TLV_TYPE = 5;
/** The whole TLV: type, length, D bit and reserved, key id, SHA-256 digest. */
export const HMAC_TLV_BYTES = 40;
/** Flag of an SRH that carries one: no RFC asks for it, Linux does (SR6_FLAG1_HMAC). */
const HMAC_FLAG = 0x08;
/** D bit: the destination cannot be compared with the list, which leaves the first segment out. */
const REDUCED_BIT = 0x8000;
const DIGEST_OFFSET = 6;

/** A secret that both ends know by number. */
export interface SigningKey {
  /** 1 to 2^32 - 1. */
  readonly id: number;
  readonly secret: Uint8Array;
}

/**
 * The header with an HMAC TLV as its last 40 bytes (RFC 8754 section 2.1.2). Signed are source, list and key id, not the
 * payload: the TLV is the same for all packets of a source and list.
 */
export function encodeSignedSrh(srh: Srh, source: Ipv6Address, key: SigningKey): Uint8Array {
  const flags = srh.flags | HMAC_FLAG;
  const tlv = hmacTlv({ ...srh, flags }, source, key);
  return encodeSrh({ ...srh, flags, tlvs: [...(srh.tlvs ?? []), tlv] });
}

/** Whether the header's last TLV is a right HMAC of this key. */
export function isSignedBy(srh: Srh, source: Ipv6Address, key: SigningKey): boolean {
  const carried = srh.tlvs?.at(-1);
  if (carried?.type !== HMAC_TLV_TYPE) return false;
  const expected = hmacTlv(srh, source, key).value;
  return carried.value.length === expected.length && carried.value.every((byte, i) => byte === expected[i]);
}

function hmacTlv(srh: Srh, source: Ipv6Address, key: SigningKey): SrhTlv {
  const value = new Uint8Array(HMAC_TLV_BYTES - 2);
  const view = new DataView(value.buffer);
  view.setUint16(0, srh.segmentsLeft > srh.segments.length - 1 ? REDUCED_BIT : 0);
  view.setUint32(2, key.id);
  value.set(
    createHmac("sha256", key.secret)
      .update(signedText(srh, source, key.id))
      .digest(),
    DIGEST_OFFSET,
  );
  return { type: HMAC_TLV_TYPE, value };
}

/** Source, Last Entry, flags, key id, segments as they stand in the header. RFC 8754 section 2.1.2.1. */
function signedText(srh: Srh, source: Ipv6Address, keyId: number): Uint8Array {
  const segments = segmentListBytes(srh.segments);
  const text = new Uint8Array(22 + segments.length);
  text.set(ipv6ToBytes(source));
  text.set([srh.segments.length - 1, srh.flags], 16);
  new DataView(text.buffer).setUint32(18, keyId);
  text.set(segments, 22);
  return text;
}
