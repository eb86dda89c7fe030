/** Offsets of a frame: Ethernet, then IP. */
export const IP = 14;
export const IP6_END = IP + 40;

const HOP_BY_HOP = 0;
export const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION_OPTIONS = 60;
/** Headers that are searched at most. */
const SEARCHED = 6;

export type Fragment = "none" | "first" | "later";

/** What a chain of options and fragment headers ends in. */
export interface ChainEnd {
  readonly offset: number;
  /** Where the protocol at `offset` is written. */
  readonly namedAt: number;
  readonly protocol: number;
  readonly fragment: Fragment;
}

/** Follows the Next Header fields from a protocol at an offset; within the frame, whatever lengths say. RFC 8200 section 4. */
export function followChain(
  frame: Buffer,
  offset: number,
  namedAt: number,
  protocol: number,
): ChainEnd | "truncated" | "exceeded" {
  let fragment: Fragment = "none";
  for (let searched = 0; ; searched++) {
    if (protocol !== HOP_BY_HOP && protocol !== DESTINATION_OPTIONS && protocol !== FRAGMENT) break;
    if (searched === SEARCHED) return "exceeded";
    if (offset + 8 > frame.length) return "truncated";
    const isFragment = protocol === FRAGMENT;
    const bytes = isFragment ? 8 : 8 * (1 + (frame[offset + 1] ?? 0));
    protocol = frame[offset] ?? 0;
    namedAt = offset;
    if (isFragment) fragment = frame.readUInt16BE(offset + 2) >= 8 ? "later" : "first";
    offset += bytes;
    if (isFragment && fragment === "later") break;
  }
  return { offset, namedAt, protocol, fragment };
}
