import { ipv6ToBytes, mappedPrefix, type PortRange, prefixParts } from "@sextant/model";
import type { KernelRule } from "../reconcile/data-plane";
import { prefixAt } from "./address-codec";
import { STRUCT_LAYOUTS } from "./struct-layouts";

const RULE = STRUCT_LAYOUTS.sxt_rule;
const DESTINATION = STRUCT_LAYOUTS.sxt_destination;
/** enum sxt_rule_field. */
const ASKS = {
  protocol: 1 << 0,
  source: 1 << 1,
  sourcePorts: 1 << 2,
  ports: 1 << 3,
  dscp: 1 << 4,
  cgroup: 1 << 5,
  uid: 1 << 6,
  executable: 1 << 7,
} as const;

/** A rule as it stands in its row. */
export interface StoredRule {
  readonly policySlot: number;
  /** Row of the destination's next rule. */
  readonly next: number | undefined;
  readonly rule: Omit<KernelRule, "policy">;
}

/** struct sxt_rule. */
export function encodeRule({ rule, policySlot, next }: StoredRule): Buffer {
  const bytes = Buffer.alloc(RULE.bytes);
  bytes.writeBigUInt64LE(rule.rank, RULE.rank);
  bytes.writeBigUInt64LE(rule.cgroup?.id ?? 0n, RULE.cgroup_id);
  bytes.writeUInt8(rule.cgroup?.level ?? 0, RULE.cgroup_level);
  bytes.writeBigUInt64LE(rule.executable?.inode ?? 0n, RULE.executable_inode);
  bytes.writeUInt32LE(rule.executable?.device ?? 0, RULE.executable_device);
  bytes.writeUInt32LE(rule.uid ?? 0, RULE.uid);
  bytes.writeUInt32LE(next === undefined ? 0 : next + 1, RULE.next);
  bytes.writeUInt32LE(policySlot, RULE.policy);
  writePorts(bytes, RULE.first_source_port, rule.sourcePorts);
  writePorts(bytes, RULE.first_port, rule.ports);
  if (rule.source !== undefined) {
    const { address, length } = prefixParts(mappedPrefix(rule.source));
    bytes.set(ipv6ToBytes(address), RULE.source);
    bytes.writeUInt8(length, RULE.source_length);
  }
  bytes.writeUInt8(fieldsOf(rule), RULE.fields);
  bytes.writeUInt8(rule.protocol ?? 0, RULE.protocol);
  bytes.writeUInt8(rule.dscp ?? 0, RULE.dscp);
  return bytes;
}

export function decodeRule(bytes: Buffer): StoredRule {
  const fields = bytes.readUInt8(RULE.fields);
  const when = <T>(field: keyof typeof ASKS, read: () => T) => ((fields & ASKS[field]) === 0 ? undefined : read());
  const next = bytes.readUInt32LE(RULE.next);
  return {
    policySlot: bytes.readUInt32LE(RULE.policy),
    next: next === 0 ? undefined : next - 1,
    rule: {
      rank: bytes.readBigUInt64LE(RULE.rank),
      protocol: when("protocol", () => bytes.readUInt8(RULE.protocol)),
      source: when("source", () => prefixAt(bytes, RULE.source, bytes.readUInt8(RULE.source_length))),
      sourcePorts: when("sourcePorts", () => portsAt(bytes, RULE.first_source_port)),
      ports: when("ports", () => portsAt(bytes, RULE.first_port)),
      dscp: when("dscp", () => bytes.readUInt8(RULE.dscp)),
      cgroup: when("cgroup", () => ({
        id: bytes.readBigUInt64LE(RULE.cgroup_id),
        level: bytes.readUInt8(RULE.cgroup_level),
      })),
      uid: when("uid", () => bytes.readUInt32LE(RULE.uid)),
      executable: when("executable", () => ({
        device: bytes.readUInt32LE(RULE.executable_device),
        inode: bytes.readBigUInt64LE(RULE.executable_inode),
      })),
    },
  };
}

/** The row with another policy: one word of it differs. */
export function withPolicy(row: Buffer, policySlot: number): Buffer {
  const bytes = Buffer.from(row);
  bytes.writeUInt32LE(policySlot, RULE.policy);
  return bytes;
}

/** A destination as it stands in the trie, without its rules. */
export interface StoredDestination {
  readonly firstRow: number | undefined;
  /** Of the mapped prefix. */
  readonly length: number;
  readonly packetBytesMax: number | undefined;
}

/** struct sxt_destination. */
export function encodeDestination({ firstRow, length, packetBytesMax }: StoredDestination): Buffer {
  const bytes = Buffer.alloc(DESTINATION.bytes);
  bytes.writeUInt32LE(firstRow === undefined ? 0 : firstRow + 1, DESTINATION.first_rule);
  bytes.writeUInt32LE(length, DESTINATION.length);
  bytes.writeUInt32LE(packetBytesMax ?? 0, DESTINATION.packet_bytes_max);
  return bytes;
}

export function decodeDestination(bytes: Buffer): StoredDestination {
  const first = bytes.readUInt32LE(DESTINATION.first_rule);
  return {
    firstRow: first === 0 ? undefined : first - 1,
    length: bytes.readUInt32LE(DESTINATION.length),
    packetBytesMax: bytes.readUInt32LE(DESTINATION.packet_bytes_max) || undefined,
  };
}

function fieldsOf(rule: Omit<KernelRule, "policy">): number {
  let fields = 0;
  for (const [name, bit] of Object.entries(ASKS)) if (rule[name as keyof typeof ASKS] !== undefined) fields |= bit;
  return fields;
}

function writePorts(bytes: Buffer, offset: number, ports: PortRange | undefined): void {
  bytes.writeUInt16LE(ports?.first ?? 0, offset);
  bytes.writeUInt16LE(ports?.last ?? 0, offset + 2);
}

function portsAt(bytes: Buffer, offset: number): PortRange {
  return { first: bytes.readUInt16LE(offset), last: bytes.readUInt16LE(offset + 2) };
}
