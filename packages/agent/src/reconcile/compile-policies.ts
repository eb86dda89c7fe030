import { type DesiredPolicy, type IpPrefix, kernelKeyOf, type PolicyKey } from "@sextant/model";
import { admitPolicies } from "./admit-policies";
import { compileDestinations } from "./compile-destinations";
import type { CompileInput } from "./compile-input";
import { type ListVerdicts, type Note, type Refusal, wantedPolicies } from "./compile-lists";
import type { KernelCandidate, KernelDestination, KernelKey, KernelPolicy } from "./data-plane";
import { entryOfKind } from "./held-entry";
import { comparePolicies, type MatchingPolicy, matchingPolicy } from "./match-rules";
import { resolveMatch } from "./resolve-match";

/** The policies that go into the kernel and, for those that cannot go as wanted, why. */
export interface CompiledPolicies {
  /** The version of each policy that the kernel is to carry. */
  readonly chosen: ReadonlyMap<PolicyKey, DesiredPolicy>;
  readonly kernel: Map<KernelKey, KernelPolicy>;
  readonly destinations: Map<IpPrefix, KernelDestination>;
  readonly problems: ReadonlyMap<PolicyKey, Refusal>;
  /** What a person should know of policies that are in the kernel as wanted. */
  readonly notes: ReadonlyMap<PolicyKey, Note>;
}

/**
 * Chooses a version of each policy: the wanted one, or, where that is refused or has to wait for all of its lists, the one
 * installed before, or none. Each turn steps every refused one down, so it ends after at most two turns per policy.
 */
export function compilePolicies(input: CompileInput, lists: ListVerdicts): CompiledPolicies {
  const chosen = new Map(wantedPolicies(input.held.wanted).map((policy) => [policy.key, policy]));
  const problems = new Map<PolicyKey, Refusal>();
  for (const policy of [...chosen.values()]) {
    const installed = entryOfKind(input.held.installed, policy.key, "policy");
    const waiting = waitsForLists(policy, lists);
    if (installed === undefined || waiting === undefined || waitsForLists(installed, lists) !== undefined) continue;
    chosen.set(policy.key, installed);
    problems.set(policy.key, { ...waiting, kind: "waiting" });
  }
  const matching = matcher(input);
  for (;;) {
    const policies = [...chosen.values()].map(matching).sort(comparePolicies);
    const refused = admitPolicies(input, lists, policies);
    const admitted = policies.filter(({ policy }) => !refused.has(policy.key));
    const { destinations, tooDeep } = compileDestinations(admitted, input.limits.maxNesting, packetBound(lists));
    for (const key of tooDeep) refused.set(key, nestedTooDeep(input.limits.maxNesting));
    if (refused.size === 0) return finish(lists, policies, { chosen, destinations, problems });
    for (const [key, problem] of refused) {
      stepDown(input, chosen, key);
      if (!problems.has(key)) problems.set(key, problem);
    }
  }
}

/** Resolves each version of a policy once. */
function matcher({ environment }: CompileInput): (policy: DesiredPolicy) => MatchingPolicy {
  const known = new Map<DesiredPolicy, MatchingPolicy>();
  return (policy) => {
    const matching = known.get(policy) ?? matchingPolicy(policy, resolveMatch(environment, policy.match));
    known.set(policy, matching);
    return matching;
  };
}

/** From the wanted version to the installed one, from that to none. */
function stepDown({ held }: CompileInput, chosen: Map<PolicyKey, DesiredPolicy>, key: PolicyKey): void {
  const installed = entryOfKind(held.installed, key, "policy");
  const isWanted = chosen.get(key) === held.wanted.get(key)?.entry;
  const differs = held.wanted.get(key)?.revision !== held.installed.get(key)?.revision;
  if (isWanted && differs && installed !== undefined) chosen.set(key, installed);
  else chosen.delete(key);
}

function nestedTooDeep(maxNesting: number): Refusal {
  const message = `the packet path holds ${maxNesting} destination prefixes around one another: merge or drop some`;
  return { kind: "rejected", reason: "too_many_nested", message };
}

/** IPv4 never takes inserted lists. A list without a route may be back before the sender learns another size: it counts. */
function packetBound(lists: ListVerdicts): (matching: MatchingPolicy, family: "ipv4" | "ipv6") => number | undefined {
  return ({ policy }, family) => {
    const bounds = policy.candidates.flatMap((candidate) =>
      candidate.lists.flatMap(({ list }) => {
        const verdict = lists.get(list);
        if (verdict?.kind !== "ready" || (family === "ipv4" && verdict.value.encapsulation === "insert")) return [];
        return [verdict.value.mtu - verdict.value.header.length];
      }),
    );
    return bounds.length === 0 ? undefined : Math.min(...bounds);
  };
}

function finish(
  lists: ListVerdicts,
  policies: readonly MatchingPolicy[],
  result: { chosen: Map<PolicyKey, DesiredPolicy>; problems: Map<PolicyKey, Refusal> } & Pick<
    CompiledPolicies,
    "destinations"
  >,
): CompiledPolicies {
  const kernel = new Map<KernelKey, KernelPolicy>();
  const notes = new Map<PolicyKey, Note>();
  for (const { policy, match } of policies) {
    const { key, onNoPath, spread } = policy;
    const candidates = policy.candidates.map((candidate) => kernelCandidate(lists, candidate));
    kernel.set(kernelKeyOf(key), { candidates, onNoPath, spread });
    const waiting = match.missing ?? waitsForLists(policy, lists);
    if (waiting !== undefined && !result.problems.has(key)) result.problems.set(key, { ...waiting, kind: "waiting" });
    if (match.stale !== undefined) notes.set(key, { reason: "dns_stale", message: match.stale });
  }
  return { ...result, kernel, notes };
}

/**
 * The lists that packets can take; one without a route is invalid (RFC 9256 section 5.1). A candidate keeps its place without
 * any. A single list has the whole of the weight, whatever that is.
 */
function kernelCandidate(lists: ListVerdicts, candidate: DesiredPolicy["candidates"][number]): KernelCandidate {
  const usable = candidate.lists.filter(({ list }) => {
    const verdict = lists.get(list);
    return verdict?.kind === "ready" && verdict.usable;
  });
  return {
    lists: usable.map(({ list, weight }) => ({ list: kernelKeyOf(list), weight: usable.length === 1 ? 1 : weight })),
  };
}

/** A policy waits for what it never had. What it has and cannot use at present is for liveness to tell. */
function waitsForLists(policy: DesiredPolicy, lists: ListVerdicts): Note | undefined {
  const verdicts = policy.candidates.flatMap((candidate) => candidate.lists.map(({ list }) => lists.get(list)));
  const waiting = verdicts.flatMap((verdict) => (verdict?.kind === "waiting" ? [verdict] : []));
  const [first] = waiting;
  if (first === undefined || waiting.length < verdicts.length) return undefined;
  if (first.reason === "no_route") return { reason: "no_route", message: "no candidate's first segment is reachable" };
  return { reason: first.reason, message: `no list can be installed: ${first.message}` };
}
