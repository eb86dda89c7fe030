import {
  type DesiredEntry,
  DOMAIN_KEY,
  PROBING_KEY,
  type EntryKey,
  isListKey,
  kernelKeyOf,
  type ListKey,
  type Revised,
} from "@sextant/model";
import type { CompileInput } from "./compile-input";
import { compileLists, mapFull, type Verdict } from "./compile-lists";
import { type CompiledPolicies, compilePolicies } from "./compile-policies";
import type { HostConfig, KernelKey, KernelList, KernelSender } from "./data-plane";
import { type EntryState, entryOfKind } from "./held-entry";
import { emptyKernelState, type KernelState, listsOfPolicy, senderName } from "./kernel-state";

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
    senders: new Map(kernelSenders(domain).map((sender) => [senderName(sender), sender])),
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
  return entryOfKind(refused.domain !== undefined ? held.installed : held.wanted, DOMAIN_KEY, "domain");
}

/** Without a domain the configuration stays as it is: the host's own SID is still its own. */
function hostConfig(input: CompileInput, domain: ReturnType<typeof chosenDomain>): HostConfig | undefined {
  const { probeMultiplier, term } = input;
  if (domain === undefined) return input.current.config && { ...input.current.config, probeMultiplier, term };
  const { nodeSid, decapsulationSid } = domain;
  return { nodeSid, decapsulationSid, probeMultiplier, term };
}

function kernelSenders(domain: ReturnType<typeof chosenDomain>): KernelSender[] {
  const senders = domain?.senders ?? [];
  return senders.flatMap(({ sender, prefixes }) => prefixes.map((inner) => ({ sender, inner })));
}

/** Wanted lists that are ready, and those that a kept policy version still points at. */
function kernelLists(
  { held }: CompileInput,
  lists: ReadonlyMap<ListKey, Verdict<KernelList>>,
  policies: CompiledPolicies,
): Map<KernelKey, KernelList> {
  const used = new Set([...policies.kernel.values()].flatMap(listsOfPolicy));
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
  keep(DOMAIN_KEY, (input.refused.domain !== undefined ? installed : wanted).get(DOMAIN_KEY));
  keep(PROBING_KEY, wanted.get(PROBING_KEY));
  return effective;
}

function states(
  { held, refused }: CompileInput,
  lists: ReadonlyMap<ListKey, Verdict<KernelList>>,
  { problems, notes }: CompiledPolicies,
): Map<EntryKey, EntryState> {
  const result = new Map<EntryKey, EntryState>();
  for (const [key, { revision, entry }] of held.wanted) {
    const verdict = verdictOf(entry, { lists, problems, notes, domainRefused: refused.domain });
    const { kind, reason, message } = verdict;
    result.set(key, { key, revision, status: kind, reason, message });
  }
  return result;
}

type Told = Pick<EntryState, "reason" | "message"> & { readonly kind: EntryState["status"] };

const PLAIN: Told = { kind: "installed", reason: "", message: "" };

function verdictOf(
  entry: DesiredEntry,
  known: Pick<CompiledPolicies, "problems" | "notes"> & {
    readonly lists: ReadonlyMap<ListKey, Verdict<KernelList>>;
    readonly domainRefused: string | undefined;
  },
): Told {
  switch (entry.kind) {
    case "list": {
      const verdict = known.lists.get(entry.key);
      if (verdict === undefined || verdict.kind !== "ready") return verdict ?? PLAIN;
      return verdict.note === undefined ? PLAIN : { ...verdict.note, kind: "installed" };
    }
    case "policy": {
      const note = known.notes.get(entry.key);
      return known.problems.get(entry.key) ?? (note === undefined ? PLAIN : { ...note, kind: "installed" });
    }
    case "domain":
      return known.domainRefused === undefined ? PLAIN : mapFull(known.domainRefused);
    case "probing":
      return PLAIN;
  }
}
