import type { Intent } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import { changedHosts, type LackingFeatures } from "./features";
import type { SharingMap } from "./sharing-map";

/** Intents in force by name. */
type Intents = SharingMap<{ readonly value: Intent }>;

/** All that plans depend on. */
export interface PlanInputs {
  /** Undefined while there is no topology; then there are no intents either. */
  readonly snapshot: TopologySnapshot | undefined;
  readonly intents: Intents;
  /** What hosts are known not to be able to do. */
  readonly lacking: LackingFeatures;
}

/** Names of intents, each list in an order of its own that follows from the names alone. */
export interface Recomputation {
  readonly compute: readonly string[];
  readonly forget: readonly string[];
  /** Those that links reach which broke or came back: whether their plans still hold is to be seen. */
  readonly reconsider: readonly string[];
}

/** What is asked of the plans at hand, by name of their intents. */
export interface Planned {
  /** Those with a policy from or to a host. */
  endingAt(host: string): Iterable<string>;
  /** Those that stand on an edge. */
  standingOn(edge: number): Iterable<string>;
  /** Those made while an edge was not to be used. */
  madeWithout(edge: number): Iterable<string>;
}

const NOTHING_PLANNED: Planned = { endingAt: () => [], standingOn: () => [], madeWithout: () => [] };

/**
 * Stage recompute: which intents a change of inputs reaches. `planned` is what the plans at hand were made of. Unchanged
 * values are recognised by identity, so whoever keeps inputs must keep what did not change. A new topology reaches every
 * intent: any metric can make any path better. A link that cannot be used any more reaches those whose plans stand on it; one that can
 * be used again, besides those, the ones that were planned without it. What a host can do reaches the intents with policies between it
 * and others. Takes time for what changed.
 */
export function recompute(planned: PlanInputs, now: PlanInputs, plans: Planned = NOTHING_PLANNED): Recomputation {
  const isOneNetwork = planned.snapshot?.flat === now.snapshot?.flat;
  if (now.snapshot === undefined || !isOneNetwork) {
    const forget = [...planned.intents.keys()].filter((name) => !now.intents.has(name)).sort();
    return { compute: now.snapshot === undefined ? [] : [...now.intents.keys()], forget, reconsider: [] };
  }
  const { changed, forget } = changedIntents(planned.intents, now.intents);
  const compute = new Set(changed);
  for (const host of changedHosts(planned.lacking, now.lacking)) {
    for (const name of plans.endingAt(host)) if (now.intents.has(name)) compute.add(name);
  }
  const reconsider = new Set<string>();
  const reached = [...changedEdges(planned.snapshot, now.snapshot)].flatMap(({ edge, isBack }) => [
    ...plans.standingOn(edge),
    ...(isBack ? plans.madeWithout(edge) : []),
  ]);
  for (const name of reached) if (now.intents.has(name) && !compute.has(name)) reconsider.add(name);
  return { compute: [...compute].sort(), forget, reconsider: [...reconsider].sort() };
}

function changedIntents(before: Intents, now: Intents): { changed: string[]; forget: string[] } {
  const { set, gone } = now.changesSince(before);
  const changed = set.flatMap(([name, { value }]) => (before.get(name)?.value === value ? [] : [name]));
  return { changed, forget: [...gone].sort() };
}

/** Edges that one of the two could use and the other cannot. */
function* changedEdges(before: TopologySnapshot | undefined, now: TopologySnapshot) {
  const broken = before?.unusable ?? new Set<number>();
  if (broken === now.unusable) return;
  for (const edge of now.unusable) if (!broken.has(edge)) yield { edge, isBack: false };
  for (const edge of broken) if (!now.unusable.has(edge)) yield { edge, isBack: true };
}
