import type { FlatGraph } from "../topology/flat-graph";
import { NumberHeap } from "./number-heap";

/**
 * Least cost from every node to `target` (Dijkstra on the reversed graph); Infinity where there is no way. Hosts are ends of
 * ways, never in between. `usable` holds 1 for each edge that may be used; all may when it is absent.
 */
export function distancesTo(graph: FlatGraph, target: number, cost: Float64Array, usable?: Uint8Array): Float64Array {
  const { inStart, inEdges, edgeFrom, isHost } = graph;
  const distance = new Float64Array(graph.nodeNames.length).fill(Number.POSITIVE_INFINITY);
  const heap = new NumberHeap();
  distance[target] = 0;
  heap.push(0, target);
  for (;;) {
    const key = heap.minKey();
    const node = heap.pop();
    if (node === undefined) return distance;
    if (key > (distance[node] as number)) continue;
    if (isHost[node] === 1 && node !== target) continue;
    const end = inStart[node + 1] as number;
    for (let i = inStart[node] as number; i < end; i++) {
      const edge = inEdges[i] as number;
      if (usable !== undefined && usable[edge] === 0) continue;
      const from = edgeFrom[edge] as number;
      const through = key + (cost[edge] as number);
      if (through < (distance[from] as number)) {
        distance[from] = through;
        heap.push(through, from);
      }
    }
  }
}
