import LRUMap from "mnemonist/lru-map";
import type { FlatGraph } from "../topology/flat-graph";
import { sourceTree } from "./source-tree";

/** Memory that the distances of one graph may take; the least recently used go first. */
const MAX_CACHE_BYTES = 64 * 1024 * 1024;
const LEAST_KEPT = 16;
/** A goal, the IGP metric and the hops. */
const BYTES_PER_NODE = 3 * 8;

/**
 * How far every node is at least from a source, by several sums compared in order, over all edges of the graph. What is kept is kept by the
 * router that a host hangs off where it has one link alone: all hosts behind that router share it. Seen from there the host itself
 * lies behind its start, by what its link costs.
 */
export class SourceDistances {
  readonly #sums: Float64Array;
  readonly #width: number;
  /** The source's own row, where another node's distances are used. */
  readonly #own: readonly number[] | undefined;

  constructor(
    graph: FlatGraph,
    readonly source: number,
    costs: readonly Float64Array[],
  ) {
    const access = graph.outStart[source] as number;
    const isLeaf = graph.isHost[source] === 1 && (graph.outStart[source + 1] as number) === access + 1;
    this.#sums = sumsFrom(graph, isLeaf ? (graph.edgeTo[access] as number) : source, costs);
    this.#width = costs.length;
    this.#own = isLeaf ? costs.map((cost) => 0 - (cost[access] as number)) : undefined;
  }

  /** False where there is no way. */
  reaches(node: number): boolean {
    return this.#sums[node * this.#width] !== Number.POSITIVE_INFINITY;
  }

  /** Sum number `i`; of a node that is reached. */
  of(node: number, i: number): number {
    if (node === this.source && this.#own !== undefined) return this.#own[i] as number;
    return this.#sums[node * this.#width + i] as number;
  }
}

interface Kept {
  readonly sums: LRUMap<string, Float64Array>;
  readonly allEdges: Uint8Array;
}

const keptWith = new WeakMap<FlatGraph, Kept>();
const numbers = new WeakMap<Float64Array, number>();
let lastNumber = 0;

function sumsFrom(graph: FlatGraph, source: number, costs: readonly Float64Array[]): Float64Array {
  const { sums: kept, allEdges } = keptOf(graph);
  const key = `${source} ${costs.map(numberOf).join(" ")}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const { sums } = sourceTree(graph, { source, usable: allEdges }, costs);
  kept.set(key, sums);
  return sums;
}

function keptOf(graph: FlatGraph): Kept {
  const known = keptWith.get(graph);
  if (known !== undefined) return known;
  const capacity = Math.max(LEAST_KEPT, Math.floor(MAX_CACHE_BYTES / (BYTES_PER_NODE * graph.nodeNames.length)));
  const made: Kept = {
    sums: new LRUMap<string, Float64Array>(Math.min(capacity, 4 * graph.nodeNames.length)),
    allEdges: new Uint8Array(graph.edgeFrom.length).fill(1),
  };
  keptWith.set(graph, made);
  return made;
}

/** Tells arrays apart: equal costs of one graph are one array. */
function numberOf(cost: Float64Array): number {
  const known = numbers.get(cost);
  if (known !== undefined) return known;
  numbers.set(cost, ++lastNumber);
  return lastNumber;
}
