import type { FlatGraph } from "../topology/flat-graph";
import { NumberHeap } from "./number-heap";

/** No way to the target, or the node is the target. */
export const NO_NEXT_HOP = -1;
/** Several next hops of equal cost. */
export const SEVERAL_NEXT_HOPS = -2;

/** Least-cost ways from every node to one. */
export interface TreeTowards {
  /** Cost from each node; Infinity where there is no way. */
  readonly distance: Float64Array;
  /** The one edge that each node's least-cost ways begin with, or NO_NEXT_HOP or SEVERAL_NEXT_HOPS. */
  readonly soleNextHop: Int32Array;
}

/**
 * Dijkstra on the reversed graph. Hosts are ends of ways, never in between. `usable` holds 1 for each edge that may be used; all may
 * when it is absent. Every edge is looked at once, when its far end has its final cost: so what is equal then stays a next hop, over
 * links of cost zero too. With `until` it ends when the ways of that node, and of all that are as near, are final; those of nodes further away are not.
 */
export function treeTowards(
  graph: FlatGraph,
  target: number,
  cost: Float64Array,
  usable?: Uint8Array,
  until?: number,
): TreeTowards {
  return grow(graph, [{ node: target, rest: 0 }], cost, usable, until);
}

/** Where ways may end, and what is still to come from there. */
export interface Start {
  readonly node: number;
  readonly rest: number;
}

/** Least cost from every node to one of `starts` and on from there; Infinity where there is none. The rest as in `treeTowards`. */
export function distancesToAny(
  graph: FlatGraph,
  starts: readonly Start[],
  cost: Float64Array,
  usable?: Uint8Array,
  until?: number,
): Float64Array {
  return grow(graph, starts, cost, usable, until).distance;
}

function grow(
  graph: FlatGraph,
  starts: readonly Start[],
  cost: Float64Array,
  usable?: Uint8Array,
  until?: number,
): TreeTowards {
  const target = starts.length === 1 ? starts[0]?.node : undefined;
  const { inStart, inEdges, edgeFrom, isHost } = graph;
  const distance = new Float64Array(graph.nodeNames.length).fill(Number.POSITIVE_INFINITY);
  const soleNextHop = new Int32Array(distance.length).fill(NO_NEXT_HOP);
  const heap = new NumberHeap();
  for (const { node, rest } of starts) {
    distance[node] = rest;
    if (rest < Number.POSITIVE_INFINITY) heap.push(rest, node);
  }
  let furthest = Number.POSITIVE_INFINITY;
  for (;;) {
    const key = heap.minKey();
    const node = heap.pop();
    if (node === undefined || key > furthest) return { distance, soleNextHop };
    if (node === until) furthest = key;
    if (key > (distance[node] as number) || (isHost[node] === 1 && node !== target)) continue;
    const end = inStart[node + 1] as number;
    for (let i = inStart[node] as number; i < end; i++) {
      const edge = inEdges[i] as number;
      if (usable !== undefined && usable[edge] === 0) continue;
      const from = edgeFrom[edge] as number;
      const through = key + (cost[edge] as number);
      const known = distance[from] as number;
      if (through < known) {
        distance[from] = through;
        soleNextHop[from] = edge;
        heap.push(through, from);
      } else if (through === known && from !== target) {
        soleNextHop[from] = SEVERAL_NEXT_HOPS;
      }
    }
  }
}
