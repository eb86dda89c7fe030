import { addressPrefix, type IpPrefix, ipPrefixCovers, mappedPrefix, prefixParts } from "@sextant/model";
import type { KernelDestination, KernelRule } from "../reconcile/data-plane";
import { type RuleDifference, ruleDifferences } from "./rule-differences";
import type { TracedPacket } from "./traced-packet";

/** A rule as it competes for a packet. */
export interface TracedRule {
  readonly prefix: IpPrefix;
  readonly rule: KernelRule;
  /** Empty: it matches, and what matters is its rank. */
  readonly differences: readonly RuleDifference[];
}

type Destinations = ReadonlyMap<IpPrefix, KernelDestination>;

/**
 * The rules of every prefix around the packet's destination, in the order in which they win: falling rank; of equal ranks the
 * one of the longer prefix, and then the earlier one.
 */
export function rankRules(destinations: Destinations, packet: TracedPacket): TracedRule[] {
  const address = addressPrefix(packet.destination);
  return [...destinations]
    .filter(([prefix]) => ipPrefixCovers(prefix, address))
    .sort(([a], [b]) => lengthOf(b) - lengthOf(a))
    .flatMap((entry) => tracedRules(entry, packet))
    .sort(byRank);
}

/** The `count` rules that the packet comes closest to: fewest differences first, among equals in falling rank. */
export function nearestRules(destinations: Destinations, packet: TracedPacket, count: number): TracedRule[] {
  return [...destinations]
    .flatMap((entry) => tracedRules(entry, packet))
    .sort((a, b) => a.differences.length - b.differences.length || byRank(a, b))
    .slice(0, count);
}

function tracedRules([prefix, { rules }]: [IpPrefix, KernelDestination], packet: TracedPacket): TracedRule[] {
  return rules.map((rule) => ({ prefix, rule, differences: ruleDifferences(prefix, rule, packet) }));
}

function byRank({ rule: a }: TracedRule, { rule: b }: TracedRule): number {
  return a.rank === b.rank ? 0 : a.rank > b.rank ? -1 : 1;
}

function lengthOf(prefix: IpPrefix): number {
  return prefixParts(mappedPrefix(prefix)).length;
}
