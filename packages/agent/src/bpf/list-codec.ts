import { ipv6ToBytes, type Sid } from "@sextant/model";
import {
  type KernelKey,
  type KernelList,
  type ListDemand,
  type NextHop,
  WITHHELD_REASONS,
} from "../reconcile/data-plane";
import { addressAt } from "./address-codec";
import { STRUCT_LAYOUTS } from "./struct-layouts";

const LIST = STRUCT_LAYOUTS.sxt_list;
const NEXT_HOP = STRUCT_LAYOUTS.sxt_next_hop;
/** In the order of enum sxt_encapsulation. */
const ENCAPSULATIONS = ["insert", "encap"] as const;

/** Room for a header, bytes. */
export const HEADER_BYTES_MAX = LIST.bytes - LIST.header;

/** struct sxt_list. */
export function encodeList(key: KernelKey, list: Omit<KernelList, "nextHop">, nextHopSlot: number): Buffer {
  const bytes = Buffer.alloc(LIST.bytes);
  bytes.writeBigUInt64LE(key, LIST.key);
  bytes.writeBigUInt64LE(list.nonce, LIST.nonce);
  bytes.writeUInt32LE(nextHopSlot, LIST.next_hop);
  bytes.writeUInt32LE(list.mtu, LIST.mtu);
  bytes.writeUInt16LE(list.header.length, LIST.header_bytes);
  bytes.writeUInt8(ENCAPSULATIONS.indexOf(list.encapsulation), LIST.encapsulation);
  bytes.set(ipv6ToBytes(list.firstSegment), LIST.first_segment);
  bytes.set(list.header, LIST.header);
  return bytes;
}

/** A list as it stands in the map. */
export interface StoredList {
  readonly key: KernelKey;
  readonly nextHopSlot: number;
  readonly list: Omit<KernelList, "nextHop">;
}

/** Undefined for a slot that is free. */
export function decodeList(bytes: Buffer): StoredList | undefined {
  const key = bytes.readBigUInt64LE(LIST.key);
  if (key === 0n) return undefined;
  const end = LIST.header + Math.min(HEADER_BYTES_MAX, bytes.readUInt16LE(LIST.header_bytes));
  return {
    key,
    nextHopSlot: bytes.readUInt32LE(LIST.next_hop),
    list: {
      encapsulation: ENCAPSULATIONS[bytes.readUInt8(LIST.encapsulation)] ?? "insert",
      header: Uint8Array.from(bytes.subarray(LIST.header, end)),
      firstSegment: addressAt(bytes, LIST.first_segment) as Sid,
      mtu: bytes.readUInt32LE(LIST.mtu),
      nonce: bytes.readBigUInt64LE(LIST.nonce),
    },
  };
}

/** What liveness asks of the list in a slot. A reason that this version does not know counts as the first one. */
export function decodeDemand(bytes: Buffer): ListDemand {
  const withheld = bytes.readUInt8(LIST.withheld);
  return {
    withheld: withheld === 0 ? undefined : (WITHHELD_REASONS[withheld - 1] ?? WITHHELD_REASONS[0]),
    multiplier: bytes.readUInt8(LIST.multiplier) || undefined,
  };
}

/** Writes what liveness asks; the rest of the slot stays. */
export function encodeDemand(bytes: Buffer, { withheld, multiplier = 0 }: ListDemand): void {
  bytes.writeUInt8(withheld === undefined ? 0 : WITHHELD_REASONS.indexOf(withheld) + 1, LIST.withheld);
  bytes.writeUInt8(multiplier, LIST.multiplier);
}

/** True when two entries differ at most in what is changed in place: next hop, MTU, and what liveness asks. */
export function sameListContent(a: Buffer, b: Buffer): boolean {
  const same = (from: number, to: number) => a.compare(b, from, to, from, to) === 0;
  return same(0, LIST.next_hop) && same(LIST.header_bytes, LIST.withheld) && same(LIST.multiplier + 1, LIST.bytes);
}

/** struct sxt_next_hop. The tag is not zero and not that of the next hop that had the index before. */
export function encodeNextHop({ ifindex, gateway }: NextHop, tag: number): Buffer {
  const bytes = Buffer.alloc(NEXT_HOP.bytes);
  bytes.writeUInt32LE(ifindex, NEXT_HOP.ifindex);
  if (gateway === undefined) return bytes;
  bytes.writeUInt16LE(1, NEXT_HOP.has_gateway);
  bytes.writeUInt16LE(tag, NEXT_HOP.tag);
  bytes.set(ipv6ToBytes(gateway), NEXT_HOP.gateway);
  return bytes;
}

export function decodeNextHop(bytes: Buffer): { readonly nextHop: NextHop; readonly tag: number } {
  const hasGateway = bytes.readUInt16LE(NEXT_HOP.has_gateway) !== 0;
  const gateway = hasGateway ? addressAt(bytes, NEXT_HOP.gateway) : undefined;
  return { nextHop: { ifindex: bytes.readUInt32LE(NEXT_HOP.ifindex), gateway }, tag: bytes.readUInt16LE(NEXT_HOP.tag) };
}
