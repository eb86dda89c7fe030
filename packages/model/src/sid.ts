import type { Brand } from "./brand";
import { type Ipv6Address, ipv6FromBytes, ipv6ToBytes } from "./ipv6";
import { type Ipv6Prefix, prefixParts } from "./ipv6-prefix";

/** An SRv6 segment identifier: an IPv6 address with locator, function and (zero) argument. RFC 8986 section 3.1. */
export type Sid = Brand<Ipv6Address, "Sid">;

/** Node ids: the 16 bits after the block. 0xE000 and above is the local block of uSIDs (RFC 9800 section 4.1.1). */
export const NODE_ID_MIN = 1;
export const NODE_ID_MAX = 0xdfff;
/** Node ids of hosts that name none: derived from their names within this range, above the usual router numbers. */
export const DERIVED_NODE_ID_MIN = 0x8000;
/** Functions of adjacency SIDs (End.X): the local block. */
export const ADJACENCY_FUNCTION_MIN = 0xe000;
export const ADJACENCY_FUNCTION_MAX = 0xffff;
/** Function of a host's decapsulation SID (End.DT46); no adjacency has it. RFC 8986 section 4.8. */
export const DECAPSULATION_FUNCTION = 0xff46;

/** F3216: 32-bit block, 16-bit node, 16-bit function. RFC 9800 section 6.1. */
export const BLOCK_BITS = 32;
const NODE_BITS = 16;
const LOCATOR_BITS = BLOCK_BITS + NODE_BITS;

/** What a SID of our block stands for. */
export type SidMeaning =
  | { readonly kind: "node"; readonly nodeId: number }
  | { readonly kind: "adjacency"; readonly nodeId: number; readonly function: number }
  | { readonly kind: "decapsulation"; readonly nodeId: number };

/** The /48 locator of a node. The block must be a /32. */
export function nodeLocator(block: Ipv6Prefix, nodeId: number): Ipv6Prefix {
  return `${nodeSid(block, nodeId)}/${LOCATOR_BITS}` as Ipv6Prefix;
}

/** End SID of a node (also its uN): block:node::. RFC 8986 section 4.1. */
export function nodeSid(block: Ipv6Prefix, nodeId: number): Sid {
  return compose(block, nodeId, 0);
}

/** End.X SID of one adjacency of a node (uN and uA together): block:node:function::. RFC 8986 section 4.2. */
export function adjacencySid(block: Ipv6Prefix, nodeId: number, adjacencyFunction: number): Sid {
  return compose(block, nodeId, adjacencyFunction);
}

/** SID of a host where outer headers end: block:node:ff46::. RFC 8986 section 4.8. */
export function decapsulationSid(block: Ipv6Prefix, nodeId: number): Sid {
  return compose(block, nodeId, DECAPSULATION_FUNCTION);
}

/** The SID with the same node and function bits in another block: what it is called in another algorithm. RFC 9350 section 14.2. */
export function sidInBlock(block: Ipv6Prefix, sid: Sid): Sid {
  const bytes = ipv6ToBytes(sid);
  bytes.set(ipv6ToBytes(prefixParts(block).address).subarray(0, BLOCK_BITS / 8));
  return ipv6FromBytes(bytes) as Sid;
}

/** Reads a SID of the block back; undefined when it lies outside, or carries an argument or an unknown function. */
export function decodeSid(block: Ipv6Prefix, sid: Ipv6Address): SidMeaning | undefined {
  const bytes = ipv6ToBytes(sid);
  const blockBytes = ipv6ToBytes(prefixParts(block).address);
  if (blockBytes.subarray(0, 4).some((byte, i) => byte !== bytes[i])) return undefined;
  if (bytes.subarray(8).some((byte) => byte !== 0)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const nodeId = view.getUint16(4);
  const sidFunction = view.getUint16(6);
  if (nodeId < NODE_ID_MIN || nodeId > NODE_ID_MAX) return undefined;
  if (sidFunction === 0) return { kind: "node", nodeId };
  if (sidFunction === DECAPSULATION_FUNCTION) return { kind: "decapsulation", nodeId };
  return sidFunction >= ADJACENCY_FUNCTION_MIN ? { kind: "adjacency", nodeId, function: sidFunction } : undefined;
}

function compose(block: Ipv6Prefix, nodeId: number, sidFunction: number): Sid {
  const { address, length } = prefixParts(block);
  if (length !== BLOCK_BITS) throw new RangeError(`a locator block is a /${BLOCK_BITS}, got ${block}`);
  const bytes = ipv6ToBytes(address);
  const view = new DataView(bytes.buffer);
  view.setUint16(4, nodeId);
  view.setUint16(6, sidFunction);
  return ipv6FromBytes(bytes) as Sid;
}
