import type { FlatGraph } from "../topology/flat-graph";
import type { PathQuery } from "./path-query";
import { RowHeap } from "./row-heap";

/** Best ways from one node to all others, by several sums compared in order. */
export interface SourceTree {
  /** Sums per node: row `node` has one number per cost; Infinity where there is no way. */
  readonly sums: Float64Array;
  /** Edge by which the best way enters each node; -1 at the source and where there is no way. */
  readonly entry: Int32Array;
}

/**
 * Dijkstra by `costs` compared in order; the last must be positive on every edge, so that no walk of equal sums goes round. Hosts are
 * ends of ways only. Of ways with equal sums the one stays that was found first, which depends on names alone.
 */
export function sourceTree(
  graph: FlatGraph,
  { source, usable }: Pick<PathQuery, "source" | "usable">,
  costs: readonly Float64Array[],
): SourceTree {
  const width = costs.length;
  const sums = new Float64Array(graph.nodeNames.length * width).fill(Number.POSITIVE_INFINITY);
  const entry = new Int32Array(graph.nodeNames.length).fill(-1);
  const heap = new RowHeap(sums, width);
  const through = new Float64Array(width);
  sums.fill(0, source * width, (source + 1) * width);
  heap.push(source);
  for (let node = heap.pop(); node !== undefined; node = heap.pop()) {
    if (graph.isHost[node] === 1 && node !== source) continue;
    const end = graph.outStart[node + 1] as number;
    for (let edge = graph.outStart[node] as number; edge < end; edge++) {
      if (usable[edge] === 0) continue;
      for (let i = 0; i < width; i++) {
        through[i] = (sums[node * width + i] as number) + ((costs[i] as Float64Array)[edge] as number);
      }
      const to = graph.edgeTo[edge] as number;
      if (compareRow(through, sums, to * width) >= 0) continue;
      sums.set(through, to * width);
      entry[to] = edge;
      heap.push(to);
    }
  }
  return { sums, entry };
}

/** Compares a row with the one of `rows` that begins at `at`. */
export function compareRow(row: Float64Array, rows: Float64Array, at: number): number {
  for (let i = 0; i < row.length; i++) {
    const left = row[i] as number;
    const right = rows[at + i] as number;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
