import type { PathState } from "@sextant/model";
import type { KernelKey, KernelList, KernelPolicy } from "../reconcile/data-plane";

/** A list of a candidate, as packets find it. */
export interface TracedList {
  readonly key: KernelKey;
  /** Undefined when the kernel does not hold it. */
  readonly list: KernelList | undefined;
  readonly state: PathState;
  /** Its index in the kernel, which the choice among several depends on. */
  readonly slot: number;
  readonly weight: number;
  /** Part of the policy's flows that it takes now, 0 to 1: its weight among the usable lists of the chosen candidate. */
  readonly share: number;
}

/** A candidate of the winning policy. */
export interface TracedCandidate {
  readonly lists: readonly TracedList[];
  /** The first with a usable list: packets take it. */
  readonly chosen: boolean;
}

/** What of kernel state the choice among candidates depends on. */
export interface ListFacts {
  readonly lists: ReadonlyMap<KernelKey, KernelList>;
  readonly listStates: ReadonlyMap<KernelKey, PathState>;
  readonly listSlots: ReadonlyMap<KernelKey, number>;
}

/** All candidates in order of preference. RFC 9256 sections 2.9 and 2.11. */
export function traceCandidates({ candidates }: KernelPolicy, facts: ListFacts): TracedCandidate[] {
  const traced = candidates.map(({ lists }) => lists.map((weighted) => tracedList(weighted, facts)));
  const chosen = traced.findIndex((lists) => lists.some(isUsable));
  return traced.map((lists, index) => ({
    chosen: index === chosen,
    lists: index === chosen ? withShares(lists) : lists,
  }));
}

/** True when packets may take the list. One that was never proved is given the benefit of the doubt. */
export function isUsable({ list, state }: Pick<TracedList, "list" | "state">): boolean {
  return list !== undefined && state !== "dead";
}

function tracedList({ list: key, weight }: { list: KernelKey; weight: number }, facts: ListFacts): TracedList {
  const [list, state, slot] = [facts.lists.get(key), facts.listStates.get(key), facts.listSlots.get(key)];
  return { key, list, state: state ?? "unproven", slot: slot ?? 0, weight, share: 0 };
}

function withShares(lists: readonly TracedList[]): TracedList[] {
  const total = lists.reduce((sum, list) => sum + (isUsable(list) ? list.weight : 0), 0);
  return lists.map((list) => ({ ...list, share: isUsable(list) ? list.weight / total : 0 }));
}
