import { edgeGoals } from "../compute/edge-goals";
import { leastOver, MAX_EDGES } from "../compute/least-over";
import { edgesAlong } from "../compute/path-edges";
import { sumOver } from "../compute/rank";
import type { FlatGraph } from "../topology/flat-graph";
import type { IntentPlan, PlannedPolicy } from "./plan";

/** Edges that observation found broken. */
type Unusable = ReadonlySet<number>;

/** Sums of many weighted metrics may be rounded: what is so near is taken for equal. */
const ROUNDING = 1 + 1e-9;

/**
 * Edges that a plan stands on, each once: those that its candidates cross on their way out, and, where it has several paths, those that leave
 * its two ends: what nobody can avoid there is exempt from being disjoint.
 */
export function foundationOf(plan: IntentPlan, graph: FlatGraph): readonly number[] {
  const edges: number[] = [];
  const { seen, round } = nextRound(graph);
  const add = (edge: number) => {
    if (seen[edge] === round) return;
    seen[edge] = round;
    edges.push(edge);
  };
  for (const policy of plan.policies) {
    for (const path of pathsOf(policy, graph)) for (const edge of path) add(edge);
    if (plan.intent.protection.backups === 0 && plan.intent.multipath.paths === 1) continue;
    for (const node of endsOf(policy, graph)) {
      const end = graph.outStart[node + 1] as number;
      for (let edge = graph.outStart[node] as number; edge < end; edge++) add(edge);
    }
  }
  return edges;
}

interface Rounds {
  /** The last round in which each edge was seen. */
  readonly seen: Float64Array;
  round: number;
}

const rounds = new WeakMap<FlatGraph, Rounds>();

/** No edge has been seen in it: cheaper than a set for each of hundreds of thousands of plans. */
function nextRound(graph: FlatGraph): Rounds {
  const known = rounds.get(graph) ?? { seen: new Float64Array(graph.edgeFrom.length), round: 0 };
  rounds.set(graph, known);
  known.round++;
  return known;
}

/**
 * True when a plan that was made while the edges of `then` were not to be used has the same paths as one that is made now. It is certain of
 * that; where it says false, they may still be the same.
 *
 * Its paths were the best of all that kept off `then`. They still are among those that keep off `now` too, if none of their own edges is in it:
 * taking other edges away takes no better choice away and adds none. Edges that came back can only add choices that cross one of them, and each of
 * those costs at least `leastOver` that edge by the first goal. Where that is more than a path could cost that is chosen instead
 * (`mostOf`), all is as it was. Of several sets of backups with equal cost another may be found from the beginning.
 */
export function holds(plan: IntentPlan, graph: FlatGraph, then: Unusable, now: Unusable): boolean {
  if (then === now || then.size + now.size === 0) return true;
  const foundation = foundationOf(plan, graph);
  if (foundation.some((edge) => then.has(edge) !== now.has(edge))) return false;
  const back = [...then].filter((edge) => !now.has(edge));
  if (back.length === 0) return true;
  // One that crosses what is broken had no other way.
  if (back.length > MAX_EDGES || foundation.some((edge) => now.has(edge))) return false;
  const [first] = edgeGoals(graph, plan.intent.objective);
  if (first?.kind !== "sum") return false;
  const { cost } = first;
  return plan.policies.every((policy) => {
    const [source = -1, target = -1] = endsOf(policy, graph);
    const most = mostOf(plan, policy, graph, cost) * ROUNDING;
    return back.every((edge) => leastOver(graph, cost, edge, { source, target }) > most);
  });
}

/**
 * The most that a path can cost by the first goal that takes a place among those of a policy. A single path: what it costs. One of a primary
 * and backups, none of which shares anything: what they cost together, less what the others cost at least; each of those is no better than the
 * best path of all, which is the primary. Infinity where this cannot be said.
 */
function mostOf({ intent }: IntentPlan, policy: PlannedPolicy, graph: FlatGraph, cost: Float64Array): number {
  const { candidates, protection, noPath } = policy.computed;
  const [primary] = candidates;
  if (primary === undefined || noPath !== undefined || intent.multipath.paths > 1) return Infinity;
  if (!candidates.every(({ exact }) => exact)) return Infinity;
  const costs = pathsOf(policy, graph).map((edges) => sumOver(edges, cost));
  const best = costs[0] ?? 0;
  if (protection === undefined) return best;
  if (!protection.exact || protection.found < protection.wanted || protection.movesPrimary) return Infinity;
  return costs.reduce((sum, each) => sum + each, 0) - (costs.length - 1) * best;
}

/** Ways out of all candidates, the primary's first. */
function pathsOf({ candidates }: PlannedPolicy, graph: FlatGraph): (readonly number[])[] {
  return candidates.flatMap(({ lists }) =>
    lists.map(({ path, encoded }) => (encoded.kind === "encoded" ? encoded.loops.out : edgesAlong(graph, path))),
  );
}

function endsOf({ computed }: PlannedPolicy, graph: FlatGraph): number[] {
  return [computed.host, computed.egress ?? ""].map((name) => graph.nodeIndex.get(name) ?? -1);
}
