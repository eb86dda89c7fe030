import type { FlatGraph } from "../topology/flat-graph";
import { findPath } from "./find-path";
import type { PathQuery } from "./path-query";

/** Among the paths that satisfy the query, the best of those with the greatest bottleneck; undefined when there is none. */
export function widestPath(graph: FlatGraph, query: PathQuery): readonly number[] | undefined {
  const capacities = [...new Set(graph.capacityMbps)].sort((a, b) => a - b);
  let best: readonly number[] | undefined;
  let low = 0;
  let high = capacities.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const least = capacities[middle] as number;
    const usable = query.usable.map((open, edge) => ((graph.capacityMbps[edge] as number) >= least ? open : 0));
    const answer = findPath(graph, { ...query, usable });
    if (answer.kind === "path") {
      best = answer.edges;
      low = middle + 1;
    } else high = middle - 1;
  }
  return best;
}
