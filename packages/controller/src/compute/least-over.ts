import LRUMap from "mnemonist/lru-map";
import type { FlatGraph } from "../topology/flat-graph";
import { allDistances } from "./distances";

/** Most edges that it pays to ask about at once: those of two links. What is kept of each goal is of so many. */
export const MAX_EDGES = 4;

/** Least sums from each node to an edge, and from it to each node. */
interface Around {
  readonly to: Float64Array;
  readonly from: Float64Array;
}

const kept = new WeakMap<Float64Array, LRUMap<number, Around>>();

/**
 * A lower bound of what any path from one node to another costs that crosses an edge, by one sum of the graph: the least that any walk over
 * whichever edges costs. Infinity where there is none. The first question about an edge takes two trees, further ones three additions.
 */
export function leastOver(
  graph: FlatGraph,
  cost: Float64Array,
  edge: number,
  { source, target }: { readonly source: number; readonly target: number },
): number {
  const { to, from } = around(graph, cost, edge);
  return (to[source] as number) + (cost[edge] as number) + (from[target] as number);
}

function around(graph: FlatGraph, cost: Float64Array, edge: number): Around {
  const byEdge = kept.get(cost) ?? new LRUMap<number, Around>(MAX_EDGES);
  kept.set(cost, byEdge);
  const known = byEdge.get(edge);
  if (known !== undefined) return known;
  const made = {
    to: allDistances(graph, graph.edgeFrom[edge] as number, { cost, direction: "towards" }),
    from: allDistances(graph, graph.edgeTo[edge] as number, { cost, direction: "from" }),
  };
  byEdge.set(edge, made);
  return made;
}
