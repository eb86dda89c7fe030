import { type DesiredPolicy, type IpPrefix, isIpv4, kernelKeyOf, type PortRange } from "@sextant/model";
import type { KernelRule } from "./data-plane";
import { sameValue } from "./kernel-state";
import { compareRules, compareText, mappedLength, portCount, rankOf } from "./precedence";
import type { ResolvedMatch } from "./resolve-match";

/** A policy whose match is resolved. */
export interface MatchingPolicy {
  readonly policy: DesiredPolicy;
  readonly match: ResolvedMatch;
  /** Rank of the best rule that it could have: decides who stays when a map has not room for all. */
  readonly bestRank: bigint;
  /** How many rules it has. */
  readonly ruleCount: number;
}

/** A rule of one destination prefix. */
export interface PrefixRule {
  readonly prefix: IpPrefix;
  readonly intent: string;
  readonly policyKey: string;
  readonly rule: KernelRule;
}

/** Of policies that are held: most are the same, and resolved the same, from one compilation to the next. */
const KNOWN = new WeakMap<DesiredPolicy, MatchingPolicy>();
const KNOWN_RULES = new WeakMap<MatchingPolicy, readonly PrefixRule[]>();

/** The policy with what follows from its resolved match; rules are counted, not made. */
export function matchingPolicy(policy: DesiredPolicy, match: ResolvedMatch): MatchingPolicy {
  const known = KNOWN.get(policy);
  if (known !== undefined && sameValue(known.match, match)) return known;
  const matching = { policy, match, bestRank: bestRank(policy, match), ruleCount: ruleCount(policy, match) };
  KNOWN.set(policy, matching);
  return matching;
}

/** Order of whole policies, best first, each by its best rule. */
export function comparePolicies(a: MatchingPolicy, b: MatchingPolicy): number {
  return compareRules(
    { rank: a.bestRank, intent: a.policy.intent, policyKey: a.policy.key },
    { rank: b.bestRank, intent: b.policy.intent, policyKey: b.policy.key },
  );
}

/**
 * Rules of a policy: one for each combination of destination, source prefix, source ports and ports. A source of one family
 * never sends to the other.
 */
export function rulesOf(matching: MatchingPolicy): readonly PrefixRule[] {
  const known = KNOWN_RULES.get(matching);
  if (known !== undefined) return known;
  const rules = makeRules(matching);
  KNOWN_RULES.set(matching, rules);
  return rules;
}

function makeRules({ policy, match }: MatchingPolicy): PrefixRule[] {
  const { protocol, dscp, sources, sourcePorts, ports } = policy.match;
  const { cgroup, uid, executable } = match;
  const rest = { protocol, dscp, cgroup, uid, executable };
  const key = kernelKeyOf(policy.key);
  const { priority, intent, key: policyKey } = policy;
  const rules: PrefixRule[] = [];
  for (const prefix of match.destinations) {
    for (const source of options(
      sources.filter((one) => isIpv4(one) === isIpv4(prefix)),
      sources.length,
    )) {
      for (const sourceRange of ranges(sourcePorts)) {
        for (const range of ranges(ports)) {
          const fields = { source, sourcePorts: sourceRange, ports: range, ...rest };
          const rank = rankOf({ ...fields, priority, destination: prefix });
          rules.push({ prefix, intent, policyKey, rule: { policy: key, rank, ...fields } });
        }
      }
    }
  }
  return rules;
}

/** Total order of the rules of one prefix, best first. */
export function comparePrefixRules(a: PrefixRule, b: PrefixRule): number {
  return (
    compareRules({ ...a, rank: a.rule.rank }, { ...b, rank: b.rule.rank }) ||
    compareText(a.rule.source ?? "", b.rule.source ?? "") ||
    (a.rule.sourcePorts?.first ?? 0) - (b.rule.sourcePorts?.first ?? 0) ||
    (a.rule.ports?.first ?? 0) - (b.rule.ports?.first ?? 0)
  );
}

function ruleCount({ match: { sources, sourcePorts, ports } }: DesiredPolicy, { destinations }: ResolvedMatch): number {
  const distinct = new Set(sources);
  const ipv4Sources = [...distinct].filter((source) => isIpv4(source)).length;
  const perDestination = ranges(sourcePorts).length * ranges(ports).length;
  const withSources = (prefix: IpPrefix) => (isIpv4(prefix) ? ipv4Sources : distinct.size - ipv4Sources);
  const pairs = destinations.reduce((sum, prefix) => sum + (distinct.size === 0 ? 1 : withSources(prefix)), 0);
  return pairs * perDestination;
}

function bestRank(
  { priority, match }: DesiredPolicy,
  { cgroup, uid, executable, destinations }: ResolvedMatch,
): bigint {
  const { protocol, dscp } = match;
  const longest = (prefixes: readonly IpPrefix[]) =>
    prefixes.reduce<IpPrefix | undefined>(
      (best, one) => (best === undefined || mappedLength(one) > mappedLength(best) ? one : best),
      undefined,
    );
  return rankOf({
    priority,
    protocol,
    dscp,
    cgroup,
    uid,
    executable,
    source: longest(match.sources),
    sourcePorts: narrowest(match.sourcePorts),
    ports: narrowest(match.ports),
    destination: longest(destinations) ?? ("::/0" as IpPrefix),
  });
}

function narrowest(all: readonly PortRange[]): PortRange | undefined {
  return all.reduce<PortRange | undefined>(
    (best, one) => (best === undefined || portCount(one) < portCount(best) ? one : best),
    undefined,
  );
}

/** The distinct values, or the one that matches everything where none was given. */
function options<T>(values: readonly T[], given: number): readonly (T | undefined)[] {
  return given === 0 ? [undefined] : [...new Set(values)];
}

function ranges(values: readonly PortRange[]): readonly (PortRange | undefined)[] {
  const distinct = new Map(values.map((range) => [`${range.first}-${range.last}`, range]));
  return values.length === 0 ? [undefined] : [...distinct.values()];
}
