import { type IpPrefix, mappedPrefix, type PortRange, prefixParts } from "@sextant/model";
import type { KernelRule } from "./data-plane";

/** What of a rule counts when several match a packet. */
export interface Specificity extends Omit<KernelRule, "policy" | "rank"> {
  /** 0 to 65535. */
  readonly priority: number;
  readonly destination: IpPrefix;
}

/** A rule with the names that decide where ranks are equal. */
export interface RankedRule {
  readonly rank: bigint;
  readonly intent: string;
  readonly policyKey: string;
}

/** Cgroups deeper than this count as this deep. */
const DEEPEST_CGROUP = 63;
const EVERY_PORT = 65_536;

/**
 * Rank of a rule, 64 bits from the most to the least significant field: priority (16), depth of the cgroup (6), executable (1),
 * user (1), few destination ports (17), few source ports by powers of two (5), protocol (1), DSCP (1), length of the source
 * prefix (8) and of the destination prefix (8), both mapped. The highest of all rules that match wins.
 */
export function rankOf(rule: Specificity): bigint {
  const fields: readonly (readonly [value: number, bits: number])[] = [
    [Math.min(rule.priority, 0xffff), 16],
    [Math.min(rule.cgroup?.level ?? 0, DEEPEST_CGROUP), 6],
    [Number(rule.executable !== undefined), 1],
    [Number(rule.uid !== undefined), 1],
    [EVERY_PORT + 1 - portCount(rule.ports), 17],
    [narrowness(rule.sourcePorts), 5],
    [Number(rule.protocol !== undefined), 1],
    [Number(rule.dscp !== undefined), 1],
    [rule.source === undefined ? 0 : mappedLength(rule.source), 8],
    [mappedLength(rule.destination), 8],
  ];
  return fields.reduce((rank, [value, bits]) => (rank << BigInt(bits)) | BigInt(value), 0n);
}

/** Best first: higher rank, then the intent's name, then the policy's key so that the order is total. */
export function compareRules(a: RankedRule, b: RankedRule): number {
  if (a.rank !== b.rank) return a.rank > b.rank ? -1 : 1;
  return compareText(a.intent, b.intent) || compareText(a.policyKey, b.policyKey);
}

/** How many ports a range has; no range at all is wider than every range. */
export function portCount(ports: PortRange | undefined): number {
  return ports === undefined ? EVERY_PORT + 1 : ports.last - ports.first + 1;
}

/** 0 for any packet, 1 for every port, one more for each halving, 17 for a single port. */
function narrowness(ports: PortRange | undefined): number {
  return ports === undefined ? 0 : 1 + Math.floor(Math.log2(EVERY_PORT / portCount(ports)));
}

/** Length in bits of the IPv6 form: IPv4 lies below ::ffff:0:0/96. */
export function mappedLength(prefix: IpPrefix): number {
  return prefixParts(mappedPrefix(prefix)).length;
}

/** Code-unit order: the same on every machine, unlike localeCompare. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
