import { type Ipv6Address, ipv6FromBytes, ipv6ToBytes } from "./ipv6";
import { type Ipv6Prefix, prefixParts } from "./ipv6-prefix";
import { ADJACENCY_FUNCTION_MIN, decodeSid, NODE_ID_MAX, NODE_ID_MIN, type Sid } from "./sid";

/** uSIDs of 16 bits behind the 32-bit block of an F3216 carrier. RFC 9800 section 6.1. */
export const CARRIER_POSITIONS = 6;
const BLOCK_BYTES = 4;

/**
 * Packs SIDs of the blocks into the fewest carriers, in order. A node takes one position; an adjacency and a decapsulation
 * take two, node and function, which stay in one carrier: routers know the function behind its node only. All SIDs of a carrier are
 * of one block. Behind a SID of `closing` the carrier ends, as it must where the node goes on with the next segment. Throws
 * RangeError for a SID outside all blocks.
 */
export function packCarriers(
  blocks: readonly Ipv6Prefix[],
  sids: readonly Sid[],
  closing: ReadonlySet<Sid> = new Set<Sid>(),
): Sid[] {
  const carriers: { readonly block: Ipv6Prefix; readonly positions: number[] }[] = [];
  let room = 0;
  for (const sid of sids) {
    const block = blocks.find((each) => decodeSid(each, sid) !== undefined);
    if (block === undefined) throw new RangeError(`${sid} is no SID of ${blocks.join(", ")}`);
    const positions = positionsOf(sid);
    const last = carriers.at(-1);
    // Filling in order is the fewest: whatever starts a new carrier earlier has no less left to pack.
    if (last?.block !== block || positions.length > room) {
      carriers.push({ block, positions: [...positions] });
      room = CARRIER_POSITIONS;
    } else last.positions.push(...positions);
    room = closing.has(sid) ? 0 : room - positions.length;
  }
  return carriers.map(({ block, positions }) => carrierOf(block, positions));
}

/** The SIDs that a carrier of the block holds, in order; undefined when it is none. A plain SID is a carrier of itself. */
export function unpackCarrier(block: Ipv6Prefix, carrier: Ipv6Address): Sid[] | undefined {
  const bytes = ipv6ToBytes(carrier);
  const blockBytes = ipv6ToBytes(prefixParts(block).address);
  if (blockBytes.subarray(0, BLOCK_BYTES).some((byte, i) => byte !== bytes[i])) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + BLOCK_BYTES);
  const positions = Array.from({ length: CARRIER_POSITIONS }, (_, i) => view.getUint16(2 * i));
  const used = positions.findLastIndex((position) => position !== 0) + 1;
  const sids: Sid[] = [];
  for (let i = 0; i < used; ) {
    const [node = 0, next = 0] = positions.slice(i);
    if (node < NODE_ID_MIN || node > NODE_ID_MAX) return undefined;
    const taken = next >= ADJACENCY_FUNCTION_MIN ? 2 : 1;
    sids.push(carrierOf(block, positions.slice(i, i + taken)));
    i += taken;
  }
  return sids.length === 0 ? undefined : sids;
}

function positionsOf(sid: Sid): readonly number[] {
  const view = new DataView(ipv6ToBytes(sid).buffer, BLOCK_BYTES);
  const sidFunction = view.getUint16(2);
  return sidFunction === 0 ? [view.getUint16(0)] : [view.getUint16(0), sidFunction];
}

function carrierOf(block: Ipv6Prefix, positions: readonly number[]): Sid {
  const bytes = ipv6ToBytes(prefixParts(block).address);
  const view = new DataView(bytes.buffer, bytes.byteOffset + BLOCK_BYTES);
  positions.forEach((position, i) => view.setUint16(2 * i, position));
  return ipv6FromBytes(bytes) as Sid;
}
