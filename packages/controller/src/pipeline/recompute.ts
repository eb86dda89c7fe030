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

/**
 * Stage recompute: which intents a change of inputs reaches. `planned` is what the plans at hand were made of. Unchanged
 * values are recognised by identity, so whoever keeps inputs must keep what did not change. A new snapshot reaches every
 * intent: any metric can make any path better. What a host can do reaches the intents with policies between it and others:
 * `endsOf` gives the hosts at both ends of an intent's planned policies.
 */
export function recompute(
  planned: PlanInputs,
  now: PlanInputs,
  endsOf: (intent: string) => ReadonlySet<string> = () => new Set(),
): Recomputation {
  const everything = planned.snapshot !== now.snapshot;
  const changed = changedHosts(planned.lacking, now.lacking);
  const affected = [...now.intents].filter(([name, intent]) => {
    if (everything || planned.intents.get(name) !== intent) return true;
    const ends = changed.length === 0 ? undefined : endsOf(name);
    return ends !== undefined && changed.some((host) => ends.has(host));
  });
  return {
    compute: now.snapshot === undefined ? [] : affected.map(([name]) => name).sort(),
    forget: [...planned.intents.keys()].filter((name) => !now.intents.has(name)).sort(),
  };
}
