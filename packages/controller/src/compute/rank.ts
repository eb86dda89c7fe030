import type { FlatGraph } from "../topology/flat-graph";
import type { EdgeGoal, PathQuery } from "./path-query";

type Ranking = Pick<PathQuery, "goals">;

/** Sum over edges, in inside units. */
export function sumOver(edges: readonly number[], cost: Float64Array): number {
  let sum = 0;
  for (const edge of edges) sum += cost[edge] as number;
  return sum;
}

/** Smallest value among edges; Infinity for none. */
export function smallestOver(edges: readonly number[], value: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const edge of edges) least = Math.min(least, value[edge] as number);
  return least;
}

/** Many queries have the same goals; none at all may be those of any graph. */
const sumsOf = new WeakMap<
  PathQuery["goals"],
  { readonly graph: FlatGraph; readonly costs: readonly Float64Array[] }
>();

/** The sums that a path's rank consists of, in order: those of the goals, then the IGP metric and the hops, each once. */
export function rankCosts(graph: FlatGraph, { goals }: Ranking): readonly Float64Array[] {
  const known = sumsOf.get(goals);
  if (known?.graph === graph) return known.costs;
  const sums = goals.flatMap((goal) => (goal.kind === "sum" ? goal.cost : []));
  const costs = [...new Set([...sums, graph.cost.igp, graph.cost.hops])];
  sumsOf.set(goals, { graph, costs });
  return costs;
}

/** Negative when the path along `a` is better than the one along `b`, positive when it is worse, 0 when they have the same links. */
export function compareRank(graph: FlatGraph, ranking: Ranking, a: readonly number[], b: readonly number[]): number {
  const byGoals = compareByGoals(allGoals(graph, ranking), a, b);
  if (byGoals !== 0) return byGoals;
  const at = a.findIndex((edge, i) => graph.edgeLink[edge] !== graph.edgeLink[b[i] ?? -1]);
  return at < 0 ? 0 : (graph.edgeLink[a[at] as number] as number) - (graph.edgeLink[b[at] as number] as number);
}

/** Position of the first goal that tells two paths apart, IGP metric and hops counted as the last two; -1 where none does. */
export function decidingGoal(graph: FlatGraph, ranking: Ranking, a: readonly number[], b: readonly number[]): number {
  return allGoals(graph, ranking).findIndex((goal) => compareByGoals([goal], a, b) !== 0);
}

/** The same as `compareRank`, by some goals only. */
export function compareByGoals(goals: readonly EdgeGoal[], a: readonly number[], b: readonly number[]): number {
  for (const goal of goals) {
    const difference =
      goal.kind === "sum"
        ? sumOver(a, goal.cost) - sumOver(b, goal.cost)
        : smallestOver(b, goal.value) - smallestOver(a, goal.value);
    if (difference !== 0) return difference;
  }
  return 0;
}

function allGoals(graph: FlatGraph, { goals }: Ranking): EdgeGoal[] {
  return [...goals, { kind: "sum", cost: graph.cost.igp }, { kind: "sum", cost: graph.cost.hops }];
}
