import LRUMap from "mnemonist/lru-map";
import { type Goal, METRICS } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";
import { toWeightedUnits } from "../topology/metric-units";
import type { EdgeGoal } from "./path-query";

/** Different goals of one topology that are kept; the least recently used goes first. */
const MAX_KEPT = 64;

const kept = new WeakMap<FlatGraph, LRUMap<string, EdgeGoal>>();

/** An intent's goals by the edges of a graph; equal goals of one graph are the same object. */
export function edgeGoals(graph: FlatGraph, goals: readonly Goal[]): EdgeGoal[] {
  let known = kept.get(graph);
  if (known === undefined) {
    known = new LRUMap<string, EdgeGoal>(MAX_KEPT);
    kept.set(graph, known);
  }
  const cache = known;
  return goals.map((goal) => {
    const key = JSON.stringify(goal);
    const edgeGoal = cache.get(key) ?? edgeGoalOf(graph, goal);
    cache.set(key, edgeGoal);
    return edgeGoal;
  });
}

function edgeGoalOf(graph: FlatGraph, goal: Goal): EdgeGoal {
  if (goal.kind === "bottleneck") {
    const value = goal.of === "bandwidth" ? graph.capacityMbps : graph.utilisationPercent.map((percent) => 0 - percent);
    return { kind: "bottleneck", value };
  }
  const weighed = METRICS.flatMap((metric) => ({ metric, weight: goal.weights[metric] ?? 0 })).filter(
    ({ weight }) => weight > 0,
  );
  const [only] = weighed;
  // A multiple of one metric ranks paths as the metric itself does.
  if (weighed.length === 1 && only !== undefined) return { kind: "sum", cost: graph.cost[only.metric] };
  const cost = new Float64Array(graph.edgeFrom.length);
  for (const { metric, weight } of weighed) {
    const own = graph.cost[metric];
    for (let edge = 0; edge < cost.length; edge++) {
      cost[edge] = (cost[edge] as number) + weight * toWeightedUnits(metric, own[edge] as number);
    }
  }
  return { kind: "sum", cost };
}
