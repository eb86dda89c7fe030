import type { PathState } from "@sextant/model";
import type { KernelKey, KernelList, KernelPolicy, WithheldReason } from "../reconcile/data-plane";

/** A list of a candidate, as packets find it. */
export interface TracedList {
  readonly key: KernelKey;
  /** Undefined when the kernel does not hold it. */
  readonly list: KernelList | undefined;
  readonly state: PathState;
  /** Why it is left alone while the policy has another list; undefined when it is not. */
  readonly withheld: WithheldReason | undefined;
  /** True when packets may take it now. */
  readonly usable: boolean;
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
  readonly judgements: ReadonlyMap<KernelKey, Pick<TracedList, "state" | "withheld">>;
  readonly listSlots: ReadonlyMap<KernelKey, number>;
}

/** All candidates in order of preference. RFC 9256 sections 2.9 and 2.11. Withheld lists are the last resort. */
export function traceCandidates(policy: KernelPolicy, facts: ListFacts): TracedCandidate[] {
  const best = candidatesWith(policy, facts, ({ withheld }) => withheld === undefined);
  return best.some(({ chosen }) => chosen) ? best : candidatesWith(policy, facts, () => true);
}

function candidatesWith(
  { candidates }: KernelPolicy,
  facts: ListFacts,
  will: (list: TracedList) => boolean,
): TracedCandidate[] {
  const traced = candidates.map(({ lists }) =>
    lists.map((weighted) => {
      const found = tracedList(weighted, facts);
      return { ...found, usable: canBeTaken(found) && will(found) };
    }),
  );
  const chosen = traced.findIndex((lists) => lists.some(({ usable }) => usable));
  return traced.map((lists, index) => ({
    chosen: index === chosen,
    lists: index === chosen ? withShares(lists) : lists,
  }));
}

/** One that was never proved is given the benefit of the doubt. */
function canBeTaken({ list, state }: TracedList): boolean {
  return list !== undefined && state !== "dead";
}

function tracedList({ list: key, weight }: { list: KernelKey; weight: number }, facts: ListFacts): TracedList {
  const { state, withheld } = facts.judgements.get(key) ?? { state: "unproven", withheld: undefined };
  const slot = facts.listSlots.get(key) ?? 0;
  return { key, list: facts.lists.get(key), state, withheld, usable: false, slot, weight, share: 0 };
}

function withShares(lists: readonly TracedList[]): TracedList[] {
  const total = lists.reduce((sum, list) => sum + (list.usable ? list.weight : 0), 0);
  return lists.map((list) => ({ ...list, share: list.usable ? list.weight / total : 0 }));
}
