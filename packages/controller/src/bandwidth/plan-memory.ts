import { changedHosts, type LackingFeatures } from "../pipeline/features";
import { foundationOf, holds } from "../pipeline/holds";
import type { IntentPlan, PlannedPolicy } from "../pipeline/plan";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";
import type { Wish } from "./wish";

/** What a policy was planned for, besides its wish. */
export interface PlannedFor {
  /** Its room included. */
  readonly snapshot: TopologySnapshot;
  /** Mbit/s left on the edges that were full. */
  readonly left: ReadonlyMap<number, number>;
  readonly lacking: LackingFeatures;
}

type Edges = ReadonlySet<number>;

/** What decides whether a plan still holds, and no more: a room leads to the whole admission that it is of. */
interface Kept extends Pick<PlannedFor, "left" | "lacking"> {
  readonly flat: FlatGraph;
  readonly unusable: Edges;
  readonly full: Edges;
  readonly wish: Wish;
  readonly planned: PlannedPolicy;
}

/**
 * The plans of the last admission, taken again where they still hold although other links are full or broken. Holds those of one admission, and of the one that is being made.
 */
export class PlanMemory {
  #last = new Map<string, Kept>();
  #now: Map<string, Kept>;

  /** Begins with what another one holds. */
  constructor(from?: PlanMemory) {
    this.#now = new Map(from === undefined ? [] : from.#now);
  }

  /** What was kept in the admission before this one is forgotten. */
  begin(): void {
    this.#last = this.#now;
    this.#now = new Map();
  }

  /** The plan of a wish; `round` counts how often it was planned in this admission before. */
  take(wish: Wish, round: number, now: PlannedFor, make: () => PlannedPolicy): PlannedPolicy {
    const key = `${round} ${wish.id}`;
    const kept = this.#last.get(key);
    if (kept !== undefined && isStillRight(kept, wish, now)) {
      this.#now.set(key, kept);
      return kept.planned;
    }
    const planned = make();
    const { snapshot, left, lacking } = now;
    const { flat, unusable } = snapshot;
    this.#now.set(key, { flat, unusable, full: fullIn(snapshot), left, lacking, wish, planned });
    return planned;
  }
}

function isStillRight(kept: Kept, { intent, pair, mbps }: Wish, now: PlannedFor): boolean {
  if (kept.wish.intent !== intent || kept.wish.mbps !== mbps || kept.flat !== now.snapshot.flat) return false;
  // Weights of several paths follow from what is left on each link.
  if (intent.multipath.paths > 1) return false;
  const ends = changedHosts(kept.lacking, now.lacking);
  if (ends.some((host) => host === pair.host || host === pair.egress)) return false;
  const { flat, unusable } = now.snapshot;
  const { computed } = kept.planned;
  if (computed.noPath !== undefined || computed.protection?.shortfall !== undefined) {
    // Reasons tell what is left.
    return isSame(kept.left, now.left) && isSubset(unusable, kept.unusable) && unusable.size === kept.unusable.size;
  }
  // First other links become full, then others break: each step leaves the plan as it is.
  const plan = { intent, policies: [kept.planned], unknownSources: [] };
  const full = fullIn(now.snapshot);
  // Who crosses what is broken had no sound way, at whatever cost: any link with room again may be one.
  if (!isSubset(kept.full, full) && isLastResort(plan, kept)) return false;
  return holds(plan, flat, kept.full, full) && holds(plan, flat, kept.unusable, unusable);
}

function isLastResort(plan: IntentPlan, { flat, unusable }: Kept): boolean {
  if (unusable.size === 0) return false;
  return foundationOf(plan, flat).some((edge) => unusable.has(edge));
}

const NOTHING: Edges = new Set();

function fullIn({ room }: TopologySnapshot): Edges {
  return room?.full ?? NOTHING;
}

function isSubset(part: Edges, whole: Edges): boolean {
  if (part === whole) return true;
  for (const edge of part) if (!whole.has(edge)) return false;
  return true;
}

function isSame(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean {
  return a.size === b.size && [...a].every(([edge, left]) => b.get(edge) === left);
}
