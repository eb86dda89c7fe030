import type { Intent } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";

/** All that plans depend on. */
export interface PlanInputs {
  /** Undefined while there is no topology; then there are no intents either. */
  readonly snapshot: TopologySnapshot | undefined;
  readonly intents: ReadonlyMap<string, Intent>;
}

/** Names of intents, each list in order. */
export interface Recomputation {
  readonly compute: readonly string[];
  readonly forget: readonly string[];
}

/**
 * Stage recompute: which intents a change of inputs reaches. `planned` is what the plans at hand were made of. Unchanged
 * values are recognised by identity, so whoever keeps inputs must keep what did not change. A new snapshot reaches every
 * intent: any metric can make any path better.
 */
export function recompute(planned: PlanInputs, now: PlanInputs): Recomputation {
  const everything = planned.snapshot !== now.snapshot;
  const affected = [...now.intents].filter(([name, intent]) => everything || planned.intents.get(name) !== intent);
  return {
    compute: now.snapshot === undefined ? [] : affected.map(([name]) => name).sort(),
    forget: [...planned.intents.keys()].filter((name) => !now.intents.has(name)).sort(),
  };
}
