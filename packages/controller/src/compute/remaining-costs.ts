import type { FlatGraph } from "../topology/flat-graph";
import type { PathQuery } from "./path-query";
import { SourceBounds } from "./source-bounds";
import type { Wave } from "./wave";

/** Which ways from the source to the target count. */
export interface Limits {
  /** Those that cost no more than this; absent: those of least cost. */
  readonly max?: number;
  /** Those over nodes for which this is finite; absent: over any. */
  readonly among?: Float64Array | undefined;
}

/**
 * Fills an empty wave with the cost from nodes to the target of a query, as far as ways within the limits pass them. Other nodes have Infinity, or at least so much that no such way passes them. Backwards from the target in the order of what a whole
 * way costs at least (A*: Hart, Nilsson and Raphael 1968), so few nodes are seen beside such ways. `via` and `include` are not looked at.
 */
export function fillRemaining(
  graph: FlatGraph,
  query: PathQuery,
  cost: Float64Array,
  wave: Wave,
  { max, among }: Limits,
): void {
  const { source, target, usable } = query;
  const { inStart, inEdges, edgeFrom, isHost } = graph;
  const bounds = new SourceBounds(graph, query, cost);
  const { distance, heap } = wave;
  let limit = max ?? Number.POSITIVE_INFINITY;
  wave.reach(target, 0);
  heap.push(bounds.through(target, 0), target);
  for (let key = heap.minKey(); key <= limit && key < Number.POSITIVE_INFINITY; key = heap.minKey()) {
    const node = heap.pop() as number;
    const own = distance[node] as number;
    if (key > bounds.through(node, own)) continue;
    if (node === source) {
      limit = max ?? key;
      continue;
    }
    const end = inStart[node + 1] as number;
    for (let i = inStart[node] as number; i < end; i++) {
      const edge = inEdges[i] as number;
      if (usable[edge] === 0) continue;
      const from = edgeFrom[edge] as number;
      const through = own + (cost[edge] as number);
      if (through >= (distance[from] as number) || (isHost[from] === 1 && from !== source)) continue;
      if (among?.[from] === Number.POSITIVE_INFINITY) continue;
      wave.reach(from, through);
      heap.push(bounds.through(from, through), from);
    }
  }
}

/** The one way of least cost from the source to the target; undefined when there are several. `remaining` is what `fillRemaining` found. */
export function onlyWay(
  graph: FlatGraph,
  { source, target, usable }: PathQuery,
  cost: Float64Array,
  remaining: Float64Array,
): number[] | undefined {
  const edges: number[] = [];
  for (let node = source; node !== target; ) {
    const own = remaining[node] as number;
    const end = graph.outStart[node + 1] as number;
    let only = -1;
    for (let edge = graph.outStart[node] as number; edge < end; edge++) {
      const to = graph.edgeTo[edge] as number;
      if (usable[edge] === 0 || (graph.isHost[to] === 1 && to !== target)) continue;
      if ((remaining[to] as number) + (cost[edge] as number) !== own) continue;
      if (only >= 0) return undefined;
      only = edge;
    }
    edges.push(only);
    node = graph.edgeTo[only] as number;
  }
  return edges;
}
