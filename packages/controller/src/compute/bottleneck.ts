import type { FlatGraph } from "../topology/flat-graph";
import type { EdgeGoal, PathAnswer, PathQuery } from "./path-query";
import { compareByGoals, smallestOver } from "./rank";

type Search = (query: PathQuery) => PathAnswer;
type Found = Extract<PathAnswer, { kind: "path" }>;

/**
 * Turns goals that are bottlenecks into edges taken away, so that the sums that are left decide alone. For each, in order: the
 * greatest threshold such that the edges not below it still have a path as good by all goals before. Feasibility only falls as the
 * threshold rises, so a binary search over the values that occur is exact. A label with the bottleneck as one more sum would not
 * be: the worse of two bottlenecks may stop counting further along. Undefined where nothing satisfies the query.
 */
export function withoutBottlenecks(
  graph: FlatGraph,
  query: PathQuery,
  search: Search,
): { readonly query: PathQuery; readonly exact: boolean } | Exclude<PathAnswer, Found> {
  const before: EdgeGoal[] = [];
  let { usable } = query;
  let exact = true;
  for (const goal of query.goals) {
    if (goal.kind === "sum") before.push(goal);
    else {
      const asked = { ...query, goals: [...before] };
      const widest = widestEdges(asked, usable, goal.value, search);
      if ("kind" in widest) return widest;
      usable = widest.usable;
      exact &&= widest.exact;
    }
  }
  return { query: { ...query, goals: before, usable }, exact };
}

function widestEdges(query: PathQuery, usable: Uint8Array, value: Float64Array, search: Search) {
  const first = search({ ...query, usable });
  if (first.kind !== "path") return first;
  let { exact } = first;
  let best = smallestOver(first.edges, value);
  const values = valuesAbove(value, usable, best);
  let low = 0;
  let high = values.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const answer = search({ ...query, usable: edgesFrom(usable, value, values[middle] as number) });
    if (answer.kind === "gave_up" || (answer.kind === "path" && !answer.exact)) exact = false;
    if (answer.kind === "path" && compareByGoals(query.goals, answer.edges, first.edges) <= 0) {
      best = smallestOver(answer.edges, value);
      while (low <= high && (values[low] as number) <= best) low++;
    } else high = middle - 1;
  }
  return { usable: edgesFrom(usable, value, best), exact };
}

/** Values of usable edges that are greater than `floor`, each once, in order. */
function valuesAbove(value: Float64Array, usable: Uint8Array, floor: number): number[] {
  const values = new Set<number>();
  for (let edge = 0; edge < value.length; edge++) {
    if (usable[edge] === 1 && (value[edge] as number) > floor) values.add(value[edge] as number);
  }
  return [...values].sort((a, b) => a - b);
}

function edgesFrom(usable: Uint8Array, value: Float64Array, least: number): Uint8Array {
  return usable.map((open, edge) => ((value[edge] as number) >= least ? open : 0));
}
