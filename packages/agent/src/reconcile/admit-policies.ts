import { type DesiredPolicy, type IpPrefix, kernelKeyOf, type ListKey, type PolicyKey } from "@sextant/model";
import type { CompileInput } from "./compile-input";
import { type ListVerdicts, mapFull, type Refusal } from "./compile-lists";
import type { MatchingPolicy } from "./match-rules";

/** What admitted policies take of each map. */
interface Taken {
  policies: number;
  groups: number;
  rules: number;
  readonly prefixes: Set<IpPrefix>;
}

/** Every policy that cannot be installed, with the first reason found. Policies arrive best first: the last ones find no room. */
export function admitPolicies(
  input: CompileInput,
  lists: ListVerdicts,
  policies: readonly MatchingPolicy[],
): Map<PolicyKey, Refusal> {
  const refused = new Map<PolicyKey, Refusal>();
  const taken: Taken = { policies: 0, groups: 0, rules: 0, prefixes: new Set() };
  for (const matching of policies) {
    const problem = structuralProblem(input, lists, matching) ?? roomProblem(input, taken, matching);
    if (problem !== undefined) refused.set(matching.policy.key, problem);
  }
  return refused;
}

/** Takes room for the policy, or says of what there is none. */
function roomProblem({ limits }: CompileInput, taken: Taken, matching: MatchingPolicy): Refusal | undefined {
  const { match, ruleCount, policy } = matching;
  const fresh = match.destinations.filter((prefix) => !taken.prefixes.has(prefix));
  const groups = policy.candidates.filter((candidate) => candidate.lists.length > 1).length;
  if (taken.policies + 1 > limits.maxPolicies) return mapFull(`the host holds ${limits.maxPolicies} policies`);
  if (taken.groups + groups > limits.maxGroups) {
    return mapFull(`the host holds ${limits.maxGroups} candidates with several lists`);
  }
  if (taken.prefixes.size + fresh.length > limits.maxDestinations) {
    return mapFull(`the host holds ${limits.maxDestinations} destination prefixes`);
  }
  if (taken.rules + ruleCount > limits.maxRules) {
    return mapFull(`the host holds ${limits.maxRules} rules, this policy needs ${ruleCount}`);
  }
  taken.policies++;
  taken.groups += groups;
  taken.rules += ruleCount;
  for (const prefix of fresh) taken.prefixes.add(prefix);
  return undefined;
}

function structuralProblem(input: CompileInput, lists: ListVerdicts, matching: MatchingPolicy): Refusal | undefined {
  const { policy, match } = matching;
  const { refused } = input;
  const unfit = unfitCandidates(input, policy) ?? unfitMatch(input, policy);
  if (unfit !== undefined) return unfit;
  const full =
    refused.policies.get(kernelKeyOf(policy.key)) ??
    match.destinations.map((prefix) => refused.destinations.get(prefix)).find((message) => message !== undefined);
  if (full !== undefined) return mapFull(full);
  const keys = policy.candidates.flatMap((candidate) => candidate.lists.map(({ list }) => list));
  return keys.map((key) => listProblem(lists, key)).find((problem) => problem !== undefined);
}

function unfitCandidates({ limits }: CompileInput, { candidates }: DesiredPolicy): Refusal | undefined {
  if (candidates.length > limits.maxCandidates) {
    const message = `${candidates.length} candidates, the packet path holds ${limits.maxCandidates}`;
    return { kind: "rejected", reason: "too_many_candidates", message };
  }
  const most = Math.max(0, ...candidates.map(({ lists }) => lists.length));
  if (most <= limits.maxListsPerCandidate) return undefined;
  const message = `a candidate of ${most} lists, the packet path holds ${limits.maxListsPerCandidate}`;
  return { kind: "rejected", reason: "too_many_lists", message };
}

function unfitMatch({ features }: CompileInput, { match }: DesiredPolicy): Refusal | undefined {
  if (match.executable === undefined || features.executables) return undefined;
  const message = "this host's kernel cannot tell which program made a socket: match the cgroup or the user instead";
  return { kind: "rejected", reason: "unsupported_mode", message };
}

function listProblem(lists: ListVerdicts, key: ListKey): Refusal | undefined {
  const verdict = lists.get(key);
  if (verdict === undefined) {
    return { kind: "rejected", reason: "unknown_list", message: `${key} names no known segment list` };
  }
  return verdict.kind === "rejected" ? { ...verdict, message: `${key}: ${verdict.message}` } : undefined;
}
