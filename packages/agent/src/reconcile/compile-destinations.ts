import { type IpPrefix, isIpv4, type PolicyKey } from "@sextant/model";
import type { KernelDestination } from "./data-plane";
import { comparePrefixRules, type MatchingPolicy, type PrefixRule, rulesOf } from "./match-rules";
import { type NestedPrefix, nestPrefixes } from "./prefix-nesting";

/** IP bytes of the largest packet to a family that fits with the header of any list of a policy; undefined: no bound. */
export type PacketBound = (policy: MatchingPolicy, family: "ipv4" | "ipv6") => number | undefined;

export interface CompiledDestinations {
  readonly destinations: Map<IpPrefix, KernelDestination>;
  /** Policies whose prefixes lie in too many others; `destinations` is right once they are left out. */
  readonly tooDeep: ReadonlySet<PolicyKey>;
}

/** Turns matches into rules per destination prefix. Policies arrive best first. */
export function compileDestinations(
  policies: readonly MatchingPolicy[],
  maxNesting: number,
  packetBound: PacketBound,
): CompiledDestinations {
  const own = new Map<IpPrefix, Own>();
  for (const [index, policy] of policies.entries()) addRules(own, policy, index, packetBound);
  const nesting = nestPrefixes(own.keys());
  const tooDeep = new Set<PolicyKey>();
  const bounds = new Map<IpPrefix, number | undefined>();
  const destinations = new Map<IpPrefix, KernelDestination>();
  for (const nested of nesting) {
    if (nested.depth > maxNesting) for (const key of leastOf(nested, own).policies) tooDeep.add(key);
    const { prefix, parent } = nested;
    const { rules = [], bound } = own.get(prefix) ?? {};
    const around = parent === undefined || isIpv4(parent.prefix) !== isIpv4(prefix) ? undefined : parent.prefix;
    const packetBytesMax = smaller(bound, around === undefined ? undefined : bounds.get(around));
    bounds.set(prefix, packetBytesMax);
    destinations.set(prefix, { rules: rules.sort(comparePrefixRules).map(({ rule }) => rule), packetBytesMax });
  }
  return { destinations, tooDeep };
}

/** What the policies that name a prefix themselves bring to it. */
interface Own {
  readonly rules: PrefixRule[];
  readonly policies: Set<PolicyKey>;
  /** Place of the best of them in the order of policies. */
  readonly best: number;
  bound: number | undefined;
}

function addRules(own: Map<IpPrefix, Own>, matching: MatchingPolicy, index: number, packetBound: PacketBound): void {
  const bounds = { ipv4: packetBound(matching, "ipv4"), ipv6: packetBound(matching, "ipv6") };
  for (const rule of rulesOf(matching)) {
    const { prefix } = rule;
    const entry = own.get(prefix) ?? { rules: [], policies: new Set(), best: index, bound: undefined };
    entry.rules.push(rule);
    entry.policies.add(matching.policy.key);
    entry.bound = smaller(entry.bound, bounds[isIpv4(prefix) ? "ipv4" : "ipv6"]);
    own.set(prefix, entry);
  }
}

/** Of a prefix and all around it, the one whose best policy matters least. */
function leastOf(nested: NestedPrefix, own: ReadonlyMap<IpPrefix, Own>): Own {
  let least: Own | undefined;
  for (let one: NestedPrefix | undefined = nested; one !== undefined; one = one.parent) {
    const entry = own.get(one.prefix);
    if (entry !== undefined && (least === undefined || entry.best > least.best)) least = entry;
  }
  if (least === undefined) throw new Error(`${nested.prefix} is nested in nothing, itself included`);
  return least;
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
