import {
  type DesiredPolicy,
  type Ipv6Prefix,
  kernelKeyOf,
  type ListKey,
  type PolicyKey,
  type Revised,
} from "@sextant/model";
import type { CompileInput } from "./compile-input";
import { compileDestinations, type MatchingPolicy } from "./compile-destinations";
import { mapFull, type Verdict, wantedPolicies } from "./compile-lists";
import type { KernelKey, KernelList, KernelMatch, KernelPolicy } from "./data-plane";
import { entryOfKind } from "./held-entry";
import { comparePolicies } from "./precedence";

type Problem = Extract<Verdict<never>, { kind: "rejected" | "waiting" }>;

/** The policies that go into the kernel and, for those that cannot go as wanted, why. */
export interface CompiledPolicies {
  /** The version of each policy that the kernel is to carry. */
  readonly chosen: ReadonlyMap<PolicyKey, DesiredPolicy>;
  readonly kernel: Map<KernelKey, KernelPolicy>;
  readonly destinations: Map<Ipv6Prefix, readonly KernelMatch[]>;
  readonly problems: ReadonlyMap<PolicyKey, Problem>;
}

/**
 * Chooses a version of each policy: the wanted one, or, where that is refused, the one installed before, or none. Refusing
 * one policy can make room for another's rows, never take it, so stepping the refused ones down until nothing is refused
 * ends after at most two steps per policy.
 */
export function compilePolicies(
  input: CompileInput,
  lists: ReadonlyMap<ListKey, Verdict<KernelList>>,
): CompiledPolicies {
  const chosen = new Map(wantedPolicies(input.held.wanted).map((policy) => [policy.key, policy]));
  const problems = new Map<PolicyKey, Problem>();
  for (;;) {
    const matching = [...chosen.values()].sort(comparePolicies).map((policy) => withCgroup(input, policy));
    const { destinations, overflowing } = compileDestinations(withRows(matching), input.limits.maxRowsPerDestination);
    const refused = refusals(input, lists, matching, overflowing);
    if (refused.size === 0) return finish(input, { chosen, lists, matching, destinations, problems });
    for (const [key, problem] of refused) {
      stepDown(input, chosen, key);
      if (!problems.has(key)) problems.set(key, problem);
    }
  }
}

/** From the wanted version to the installed one, from that to none. */
function stepDown({ held }: CompileInput, chosen: Map<PolicyKey, DesiredPolicy>, key: PolicyKey): void {
  const installed = entryOfKind(held.installed, key, "policy");
  const isWanted = chosen.get(key) === held.wanted.get(key)?.entry;
  const differs = revisionOf(held.wanted.get(key)) !== revisionOf(held.installed.get(key));
  if (isWanted && differs && installed !== undefined) chosen.set(key, installed);
  else chosen.delete(key);
}

function revisionOf(revised: Revised | undefined): string | undefined {
  return revised?.revision;
}

function withCgroup({ environment }: CompileInput, policy: DesiredPolicy): MatchingPolicy {
  const path = policy.match.cgroup;
  return { policy, cgroup: path === undefined ? undefined : environment.cgroupOf(path) };
}

/** A policy whose cgroup does not exist matches no process: it is in the kernel without rows until there is one. */
function withRows(matching: readonly MatchingPolicy[]): MatchingPolicy[] {
  return matching.filter((entry) => !isCgroupMissing(entry));
}

function isCgroupMissing({ policy, cgroup }: MatchingPolicy): boolean {
  return policy.match.cgroup !== undefined && cgroup === undefined;
}

/** Every policy of this choice that cannot be installed, with the first reason found. Policies arrive best first. */
function refusals(
  input: CompileInput,
  lists: ReadonlyMap<ListKey, Verdict<KernelList>>,
  matching: readonly MatchingPolicy[],
  overflowing: ReadonlySet<PolicyKey>,
): Map<PolicyKey, Problem> {
  const { maxPolicies, maxDestinations, maxRowsPerDestination } = input.limits;
  const refused = new Map<PolicyKey, Problem>();
  const prefixes = new Set<Ipv6Prefix>();
  for (const [index, { policy }] of matching.entries()) {
    const fresh = policy.match.destinations.filter((prefix) => !prefixes.has(prefix));
    const problem =
      structuralProblem(input, lists, policy) ??
      (index >= maxPolicies ? rejection(mapFull(`the host holds ${maxPolicies} policies`)) : undefined) ??
      (prefixes.size + fresh.length > maxDestinations
        ? rejection(mapFull(`the host holds ${maxDestinations} destination prefixes`))
        : undefined) ??
      (overflowing.has(policy.key) ? tooManyRows(maxRowsPerDestination) : undefined);
    if (problem === undefined) for (const prefix of fresh) prefixes.add(prefix);
    else refused.set(policy.key, problem);
  }
  return refused;
}

function structuralProblem(
  input: CompileInput,
  lists: ReadonlyMap<ListKey, Verdict<KernelList>>,
  policy: DesiredPolicy,
): Problem | undefined {
  const { maxCandidates } = input.limits;
  if (policy.candidates.length > maxCandidates) {
    const message = `${policy.candidates.length} candidates, the packet path holds ${maxCandidates}`;
    return { kind: "rejected", reason: "too_many_candidates", message };
  }
  if (policy.candidates.some((candidate) => candidate.lists.length !== 1)) {
    return { kind: "rejected", reason: "too_many_lists", message: "a candidate needs exactly one segment list" };
  }
  if (input.refused.policies.has(kernelKeyOf(policy.key))) return rejection(mapFull("policies"));
  if (policy.match.destinations.some((prefix) => input.refused.destinations.has(prefix))) {
    return rejection(mapFull("destinations"));
  }
  return policy.candidates.map(({ lists: [weighted] }) => listProblem(lists, weighted?.list)).find(Boolean);
}

function listProblem(lists: ReadonlyMap<ListKey, Verdict<KernelList>>, key: ListKey | undefined): Problem | undefined {
  const verdict = key === undefined ? undefined : lists.get(key);
  if (verdict === undefined) {
    return { kind: "rejected", reason: "unknown_list", message: `${key ?? "a candidate"} names no known segment list` };
  }
  return verdict.kind === "rejected" ? { ...verdict, message: `${key ?? ""}: ${verdict.message}` } : undefined;
}

function tooManyRows(maxRows: number): Problem {
  const message = `a destination has room for ${maxRows} match rows, policies of higher precedence fill them`;
  return { kind: "rejected", reason: "too_many_rows", message };
}

function rejection(verdict: Verdict<never>): Problem | undefined {
  return verdict.kind === "ready" ? undefined : verdict;
}

interface Choice {
  readonly chosen: ReadonlyMap<PolicyKey, DesiredPolicy>;
  readonly lists: ReadonlyMap<ListKey, Verdict<KernelList>>;
  readonly matching: readonly MatchingPolicy[];
  readonly destinations: Map<Ipv6Prefix, readonly KernelMatch[]>;
  readonly problems: Map<PolicyKey, Problem>;
}

function finish(input: CompileInput, choice: Choice): CompiledPolicies {
  const kernel = new Map<KernelKey, KernelPolicy>();
  for (const entry of choice.matching) {
    const { policy } = entry;
    const candidates = usableLists(choice.lists, policy).map(kernelKeyOf);
    kernel.set(kernelKeyOf(policy.key), { candidates, onNoPath: policy.onNoPath });
    const waiting = waitingProblem(entry, choice.lists);
    if (waiting !== undefined && !choice.problems.has(policy.key)) choice.problems.set(policy.key, waiting);
  }
  return { chosen: choice.chosen, kernel, destinations: choice.destinations, problems: choice.problems };
}

/** The lists that packets can take, best first; a list without a route makes its candidate invalid (RFC 9256 5.1). */
function usableLists(lists: ReadonlyMap<ListKey, Verdict<KernelList>>, policy: DesiredPolicy): ListKey[] {
  return policy.candidates.flatMap(({ lists: [weighted] }) =>
    weighted !== undefined && isUsable(lists.get(weighted.list)) ? [weighted.list] : [],
  );
}

function isUsable(verdict: Verdict<KernelList> | undefined): boolean {
  return verdict?.kind === "ready" && verdict.usable;
}

/** A policy waits for what it never had. What it has and cannot use at present is for liveness to tell. */
function waitingProblem(entry: MatchingPolicy, lists: ReadonlyMap<ListKey, Verdict<KernelList>>): Problem | undefined {
  if (isCgroupMissing(entry)) {
    const message = `cgroup ${entry.policy.match.cgroup ?? ""} does not exist on this host yet`;
    return { kind: "waiting", reason: "cgroup_missing", message };
  }
  const keys = entry.policy.candidates.flatMap((candidate) => candidate.lists.map(({ list }) => list));
  if (keys.length > 0 && !keys.some((key) => lists.get(key)?.kind === "ready")) {
    return { kind: "waiting", reason: "no_route", message: "no candidate's first segment is reachable" };
  }
  return undefined;
}
