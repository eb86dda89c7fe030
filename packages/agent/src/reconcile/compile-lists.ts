import {
  type DesiredList,
  type DesiredPolicy,
  type EntryKey,
  isListKey,
  isPolicyKey,
  kernelKeyOf,
  type ListKey,
} from "@sextant/model";
import type { CompileInput } from "./compile-input";
import type { KernelList } from "./data-plane";
import { type EntryReason, entryOfKind } from "./held-entry";
import { comparePolicies } from "./precedence";

/** What becomes of one wanted entry. */
export type Verdict<T> =
  /** `usable`: packets can take it now. */
  | { readonly kind: "ready"; readonly value: T; readonly usable: boolean }
  | { readonly kind: "waiting" | "rejected"; readonly reason: EntryReason; readonly message: string };

/** Verdict on every segment list that is wanted, or that an installed policy version still uses. */
export function compileLists(input: CompileInput): Map<ListKey, Verdict<KernelList>> {
  const verdicts = new Map<ListKey, Verdict<KernelList>>();
  let room = input.limits.maxLists;
  for (const key of listsByPrecedence(input)) {
    const list = entryOfKind(input.held.wanted, key, "list");
    if (list === undefined) continue;
    const verdict = room > 0 ? listVerdict(input, list) : mapFull(`the host holds ${input.limits.maxLists} lists`);
    if (verdict.kind === "ready") room--;
    verdicts.set(key, verdict);
  }
  for (const key of input.held.installed.keys()) {
    const list = entryOfKind(input.held.installed, key, "list");
    if (list !== undefined && !verdicts.has(list.key)) verdicts.set(list.key, listVerdict(input, list));
  }
  return verdicts;
}

/** Refusal of an entry for which the kernel has no room. */
export function mapFull(detail: string): Verdict<never> {
  return { kind: "rejected", reason: "map_full", message: `no room in the kernel: ${detail}` };
}

/**
 * A list that the kernel already holds keeps its secret, and stays with its counters while its first segment has no route; but
 * it is invalid then (RFC 9256 section 5.1). Probes cannot tell: none can be sent. A new one waits for a route.
 */
function listVerdict(input: CompileInput, list: DesiredList): Verdict<KernelList> {
  const { maxSegments } = input.limits;
  const key = kernelKeyOf(list.key);
  const [first] = list.segments;
  if (first === undefined) return { kind: "rejected", reason: "invalid_entry", message: "a list needs a segment" };
  if (list.segments.length > maxSegments) {
    const message = `${list.segments.length} segments, this host puts at most ${maxSegments} on a packet`;
    return { kind: "rejected", reason: "too_many_segments", message };
  }
  if (input.refused.lists.has(key)) return mapFull("lists");
  const known = input.current.lists.get(key);
  const found = input.environment.nextHopOf(first);
  const nextHop = found ?? known?.nextHop;
  if (nextHop === undefined) {
    return { kind: "waiting", reason: "no_route", message: `no uplink has a route to the first segment ${first}` };
  }
  const value = { segments: list.segments, nextHop, nonce: known?.nonce ?? input.newNonce() };
  return { kind: "ready", value, usable: found !== undefined };
}

/** Wanted lists, those of the policies that matter most first, then the unused ones by key. */
function listsByPrecedence({ held }: CompileInput): Set<ListKey> {
  const used = wantedPolicies(held.wanted)
    .sort(comparePolicies)
    .flatMap((policy) => policy.candidates.flatMap(({ lists }) => lists.map(({ list }) => list)));
  return new Set([...used, ...[...held.wanted.keys()].filter(isListKey).sort()]);
}

/** All policies among the entries, in no particular order. */
export function wantedPolicies(entries: CompileInput["held"]["wanted"]): DesiredPolicy[] {
  return [...entries.keys()]
    .filter((key: EntryKey) => isPolicyKey(key))
    .flatMap((key) => {
      const policy = entryOfKind(entries, key, "policy");
      return policy === undefined ? [] : [policy];
    });
}
