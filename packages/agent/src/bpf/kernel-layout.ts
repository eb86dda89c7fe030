import {
  encodeSrh,
  type Ipv6Address,
  type Ipv6Prefix,
  ipv6FromBytes,
  ipv6ToBytes,
  prefixParts,
  type Sid,
  SRH_FIXED_BYTES,
} from "@sextant/model";
import type { HostConfig, KernelKey, KernelList, KernelMatch, KernelPolicy } from "../reconcile/data-plane";
import { LAYOUT_VERSION } from "./kernel-limits";
import { STRUCT_LAYOUTS } from "./struct-layouts";

const CONFIG = STRUCT_LAYOUTS.sxt_host_config;
const LIST = STRUCT_LAYOUTS.sxt_list;
const POLICY = STRUCT_LAYOUTS.sxt_policy;
const PREFIX = STRUCT_LAYOUTS.sxt_prefix;
const MATCH = STRUCT_LAYOUTS.sxt_match;
const DESTINATION = STRUCT_LAYOUTS.sxt_destination;

const SEGMENT_BYTES = 16;
const UNSPECIFIED = "::" as Ipv6Address;
const ON_NO_PATH = ["route", "drop"] as const;

export function encodeKey(key: KernelKey): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(key);
  return bytes;
}

export function decodeKey(bytes: Buffer): KernelKey {
  return bytes.readBigUInt64LE();
}

export function encodePrefix(prefix: Ipv6Prefix): Buffer {
  const { address, length } = prefixParts(prefix);
  const bytes = Buffer.alloc(PREFIX.bytes);
  bytes.writeUInt32LE(length, PREFIX.length);
  bytes.set(ipv6ToBytes(address), PREFIX.address);
  return bytes;
}

export function decodePrefix(bytes: Buffer): Ipv6Prefix {
  return `${addressAt(bytes, PREFIX.address)}/${bytes.readUInt32LE(PREFIX.length)}` as Ipv6Prefix;
}

export function encodeConfig(config: HostConfig): Buffer {
  const bytes = Buffer.alloc(CONFIG.bytes);
  bytes.writeUInt32LE(LAYOUT_VERSION, CONFIG.layout_version);
  bytes.writeUInt32LE(config.probeMultiplier, CONFIG.probe_multiplier);
  bytes.set(ipv6ToBytes(config.nodeSid), CONFIG.node_sid);
  bytes.writeBigUInt64LE(config.term, CONFIG.term);
  return bytes;
}

/** The host's configuration; undefined as long as none was written. */
export function decodeConfig(bytes: Buffer): HostConfig | undefined {
  const probeMultiplier = bytes.readUInt32LE(CONFIG.probe_multiplier);
  if (probeMultiplier === 0) return undefined;
  const nodeSid = addressAt(bytes, CONFIG.node_sid) as Sid;
  return { nodeSid, probeMultiplier, term: bytes.readBigUInt64LE(CONFIG.term) };
}

/** A list with its header bytes ready: Segment List[0] is left for the packet's own destination. RFC 8754 section 4.1. */
export function encodeList(slot: number, list: KernelList): Buffer {
  const [first] = list.segments;
  if (first === undefined) throw new RangeError("a segment list has at least one segment");
  const srh = encodeSrh({
    nextHeader: 0,
    segmentsLeft: list.segments.length,
    flags: 0,
    tag: 0,
    segments: [...list.segments, UNSPECIFIED],
  });
  const bytes = Buffer.alloc(LIST.bytes);
  bytes.writeUInt32LE(slot, LIST.slot);
  bytes.writeUInt32LE(list.nextHop.ifindex, LIST.ifindex);
  bytes.writeBigUInt64LE(list.nonce, LIST.nonce);
  bytes.set(ipv6ToBytes(list.nextHop.gateway ?? first), LIST.next_hop);
  bytes.set(ipv6ToBytes(first), LIST.first_segment);
  bytes.writeUInt16LE(srh.length, LIST.srh_bytes);
  bytes.writeUInt8(list.nextHop.gateway === undefined ? 0 : 1, LIST.has_gateway);
  bytes.set(srh, LIST.srh);
  return bytes;
}

export function decodeList(bytes: Buffer): { slot: number; list: KernelList } {
  const entries = Math.floor((bytes.readUInt16LE(LIST.srh_bytes) - SRH_FIXED_BYTES) / SEGMENT_BYTES);
  const count = Math.max(0, Math.min(entries - 1, (LIST.bytes - LIST.srh - SRH_FIXED_BYTES) / SEGMENT_BYTES - 1));
  const segments = Array.from(
    { length: count },
    (_, i) => addressAt(bytes, LIST.srh + SRH_FIXED_BYTES + SEGMENT_BYTES * (count - i)) as Sid,
  );
  const hasGateway = bytes.readUInt8(LIST.has_gateway) !== 0;
  const gateway = hasGateway ? addressAt(bytes, LIST.next_hop) : undefined;
  const nextHop = { ifindex: bytes.readUInt32LE(LIST.ifindex), gateway };
  return {
    slot: bytes.readUInt32LE(LIST.slot),
    list: { segments, nextHop, nonce: bytes.readBigUInt64LE(LIST.nonce) },
  };
}

export function encodePolicy(slot: number, policy: KernelPolicy): Buffer {
  const bytes = Buffer.alloc(POLICY.bytes);
  bytes.writeUInt32LE(slot, POLICY.slot);
  bytes.writeUInt8(policy.candidates.length, POLICY.candidate_count);
  bytes.writeUInt8(ON_NO_PATH.indexOf(policy.onNoPath), POLICY.on_no_path);
  policy.candidates.forEach((key, i) => bytes.writeBigUInt64LE(key, POLICY.candidates + 8 * i));
  return bytes;
}

export function decodePolicy(bytes: Buffer): { slot: number; policy: KernelPolicy } {
  const room = (POLICY.bytes - POLICY.candidates) / 8;
  const count = Math.min(room, bytes.readUInt8(POLICY.candidate_count));
  const candidates = Array.from({ length: count }, (_, i) => bytes.readBigUInt64LE(POLICY.candidates + 8 * i));
  const onNoPath = ON_NO_PATH[bytes.readUInt8(POLICY.on_no_path)] ?? "route";
  return { slot: bytes.readUInt32LE(POLICY.slot), policy: { candidates, onNoPath } };
}

export function encodeDestination(rows: readonly KernelMatch[]): Buffer {
  const bytes = Buffer.alloc(DESTINATION.bytes);
  bytes.writeUInt32LE(rows.length, DESTINATION.row_count);
  rows.forEach((row, i) => writeMatch(bytes.subarray(DESTINATION.rows + MATCH.bytes * i), row));
  return bytes;
}

export function decodeDestination(bytes: Buffer): KernelMatch[] {
  const room = (DESTINATION.bytes - DESTINATION.rows) / MATCH.bytes;
  const count = Math.min(room, bytes.readUInt32LE(DESTINATION.row_count));
  return Array.from({ length: count }, (_, i) => readMatch(bytes.subarray(DESTINATION.rows + MATCH.bytes * i)));
}

function writeMatch(bytes: Buffer, row: KernelMatch): void {
  bytes.writeBigUInt64LE(row.policy, MATCH.policy);
  bytes.writeBigUInt64LE(row.cgroup?.id ?? 0n, MATCH.cgroup_id);
  bytes.writeUInt16LE(row.ports?.first ?? 0, MATCH.first_port);
  bytes.writeUInt16LE(row.ports?.last ?? 0, MATCH.last_port);
  bytes.writeUInt8(row.ports === undefined ? 0 : 1, MATCH.has_ports);
  bytes.writeUInt8(row.protocol, MATCH.protocol);
  bytes.writeUInt8(row.cgroup?.level ?? 0, MATCH.cgroup_level);
}

function readMatch(bytes: Buffer): KernelMatch {
  const id = bytes.readBigUInt64LE(MATCH.cgroup_id);
  const hasPorts = bytes.readUInt8(MATCH.has_ports) !== 0;
  return {
    policy: bytes.readBigUInt64LE(MATCH.policy),
    cgroup: id === 0n ? undefined : { id, level: bytes.readUInt8(MATCH.cgroup_level) },
    protocol: bytes.readUInt8(MATCH.protocol),
    ports: hasPorts
      ? { first: bytes.readUInt16LE(MATCH.first_port), last: bytes.readUInt16LE(MATCH.last_port) }
      : undefined,
  };
}

function addressAt(bytes: Buffer, offset: number): Ipv6Address {
  return ipv6FromBytes(bytes.subarray(offset, offset + 16));
}
