import { CARRIER_POSITIONS } from "@sextant/model";

/** How many places of a segment on the wire each SID takes. */
export interface Packing {
  /** Places of one segment. */
  readonly positions: number;
  readonly node: number;
  readonly adjacency: number;
  readonly binding: number;
  /** What the list ends with after all steps: 0 for nothing, as in front of the packet's own destination. */
  readonly end: number;
}

/** Every SID is a segment of its own, and nothing follows. */
export const PLAIN: Packing = { positions: 1, node: 1, adjacency: 1, binding: 1, end: 0 };

/** uSIDs in F3216 carriers: node and function take a place each. RFC 9800 section 6.1. */
export const CARRIERS: Packing = { positions: CARRIER_POSITIONS, node: 1, adjacency: 2, binding: 2, end: 0 };

/** The same with a decapsulation SID behind everything. */
export const CARRIERS_TO_DECAPSULATION: Packing = { ...CARRIERS, end: 2 };
