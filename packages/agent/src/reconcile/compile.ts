import { DOMAIN_KEY, type EntryKey, isListKey, kernelKeyOf, type ListKey, type Revised } from "@sextant/model";
import type { CompileInput } from "./compile-input";
import { compileLists, type Verdict } from "./compile-lists";
import { type CompiledPolicies, compilePolicies } from "./compile-policies";
import type { HostConfig, KernelKey, KernelList } from "./data-plane";
import { type EntryState, entryOfKind } from "./held-entry";
import { emptyKernelState, type KernelState } from "./kernel-state";

export interface Compiled {
  readonly target: KernelState;
  /** The entries that `target` was made of: the next `Held.installed`. */
  readonly effective: ReadonlyMap<EntryKey, Revised>;
  /** One state per wanted entry. */
  readonly states: ReadonlyMap<EntryKey, EntryState>;
  /** Lists in `target` that no packet can take now, because no uplink has a route to their first segment. */
  readonly unreachable: ReadonlySet<ListKey>;
}

/**
 * Desired state to kernel state. Pure, and a function of the current input alone, with one stated exception: an entry that
 * is refused keeps the version that was installed before.
 */
export function compile(input: CompileInput): Compiled {
  const lists = compileLists(input);
  const policies = compilePolicies(input, lists);
  const domain = chosenDomain(input);
  const target: KernelState = {
    ...emptyKernelState(),
    config: hostConfig(input, domain),
    lists: kernelLists(input, lists, policies),
    policies: policies.kernel,
    destinations: policies.destinations,
    domainSources: new Set(domain?.sources ?? []),
  };
  return {
    target,
    effective: effectiveEntries(input, target, policies),
    states: states(input, lists, policies),
    unreachable: new Set([...lists].flatMap(([key, verdict]) => (isUnreachable(verdict) ? [key] : []))),
  };
}

function isUnreachable(verdict: Verdict<KernelList>): boolean {
  return verdict.kind === "ready" && !verdict.usable;
}

function chosenDomain({ held, refused }: CompileInput) {
  return entryOfKind(refused.domain ? held.installed : held.wanted, DOMAIN_KEY, "domain");
}

/** Without a domain the configuration stays as it is: the host's own SID is still its own. */
function hostConfig(input: CompileInput, domain: ReturnType<typeof chosenDomain>): HostConfig | undefined {
  const { probeMultiplier, term } = input;
  if (domain === undefined) return input.current.config && { ...input.current.config, probeMultiplier, term };
  return { nodeSid: domain.nodeSid, probeMultiplier, term };
}

/** Wanted lists that are ready, and those that a kept policy version still points at. */
function kernelLists(
  { held }: CompileInput,
  lists: ReadonlyMap<ListKey, Verdict<KernelList>>,
  policies: CompiledPolicies,
): Map<KernelKey, KernelList> {
  const used = new Set([...policies.kernel.values()].flatMap(({ candidates }) => candidates));
  const kernel = new Map<KernelKey, KernelList>();
  for (const [key, verdict] of lists) {
    const needed = held.wanted.has(key) || used.has(kernelKeyOf(key));
    if (verdict.kind === "ready" && needed) kernel.set(kernelKeyOf(key), verdict.value);
  }
  return kernel;
}

function effectiveEntries(
  input: CompileInput,
  target: KernelState,
  policies: CompiledPolicies,
): Map<EntryKey, Revised> {
  const { wanted, installed } = input.held;
  const effective = new Map<EntryKey, Revised>();
  const keep = (key: EntryKey, revised: Revised | undefined) => revised && effective.set(key, revised);
  for (const key of new Set([...wanted.keys(), ...installed.keys()])) {
    if (isListKey(key) && target.lists.has(kernelKeyOf(key))) keep(key, wanted.get(key) ?? installed.get(key));
  }
  for (const [key, policy] of policies.chosen) {
    keep(key, wanted.get(key)?.entry === policy ? wanted.get(key) : installed.get(key));
  }
  keep(DOMAIN_KEY, (input.refused.domain ? installed : wanted).get(DOMAIN_KEY));
  return effective;
}

function states(
  { held, refused }: CompileInput,
  lists: ReadonlyMap<ListKey, Verdict<KernelList>>,
  { problems }: CompiledPolicies,
): Map<EntryKey, EntryState> {
  const full = { kind: "rejected", reason: "map_full", message: "no room in the kernel: domain sources" } as const;
  const result = new Map<EntryKey, EntryState>();
  for (const [key, { revision, entry }] of held.wanted) {
    const listVerdict = entry.kind === "list" ? lists.get(entry.key) : undefined;
    const policyProblem = entry.kind === "policy" ? problems.get(entry.key) : undefined;
    const problem = policyProblem ?? (entry.kind === "domain" && refused.domain ? full : listVerdict);
    const installed = { key, revision, status: "installed", reason: "", message: "" } as const;
    result.set(
      key,
      problem === undefined || problem.kind === "ready"
        ? installed
        : { key, revision, status: problem.kind, reason: problem.reason, message: problem.message },
    );
  }
  return result;
}
