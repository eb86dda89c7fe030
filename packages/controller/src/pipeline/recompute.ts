import type { Intent } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import { changedHosts, type LackingFeatures } from "./features";

/** All that plans depend on. */
export interface PlanInputs {
  /** Undefined while there is no topology; then there are no intents either. */
  readonly snapshot: TopologySnapshot | undefined;
  readonly intents: ReadonlyMap<string, Intent>;
  /** What hosts are known not to be able to do. */
  readonly lacking: LackingFeatures;
}

/** Names of intents, each list in order. */
export interface Recomputation {
  readonly compute: readonly string[];
  readonly forget: readonly string[];
}

/** What is asked of the plans at hand. */
export interface Planned {
  /** Hosts at both ends of an intent's policies. */
  endsOf(intent: string): ReadonlySet<string>;
  /** Whether a list of the intent crosses one of the edges on its way out. */
  crosses(intent: string, edges: ReadonlySet<number>): boolean;
}

const NOTHING_PLANNED: Planned = { endsOf: () => new Set(), crosses: () => false };

/**
 * Stage recompute: which intents a change of inputs reaches. `planned` is what the plans at hand were made of. Unchanged
 * values are recognised by identity, so whoever keeps inputs must keep what did not change. A new topology reaches every
 * intent: any metric can make any path better; so does a link that can be used again. One that cannot be used any more reaches those
 * that use it. What a host can do reaches the intents with policies between it and others.
 */
export function recompute(planned: PlanInputs, now: PlanInputs, plans: Planned = NOTHING_PLANNED): Recomputation {
  const { everything, broken } = changedNetwork(planned.snapshot, now.snapshot);
  const changed = changedHosts(planned.lacking, now.lacking);
  const affected = [...now.intents].filter(([name, intent]) => {
    if (everything || planned.intents.get(name) !== intent) return true;
    if (broken.size > 0 && plans.crosses(name, broken)) return true;
    const ends = changed.length === 0 ? undefined : plans.endsOf(name);
    return ends !== undefined && changed.some((host) => ends.has(host));
  });
  return {
    compute: now.snapshot === undefined ? [] : affected.map(([name]) => name).sort(),
    forget: [...planned.intents.keys()].filter((name) => !now.intents.has(name)).sort(),
  };
}

/** Edges that the one could use and the other cannot, where that is all that differs for the worse. */
function changedNetwork(before: TopologySnapshot | undefined, now: TopologySnapshot | undefined) {
  const none: ReadonlySet<number> = new Set();
  if (before === now) return { everything: false, broken: none };
  if (before?.flat !== now?.flat || before === undefined || now === undefined)
    return { everything: true, broken: none };
  const broken = new Set([...now.unusable].filter((edge) => !before.unusable.has(edge)));
  return { everything: [...before.unusable].some((edge) => !now.unusable.has(edge)), broken };
}
