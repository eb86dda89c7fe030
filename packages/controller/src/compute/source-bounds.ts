import type { FlatGraph } from "../topology/flat-graph";
import type { GrowingTree } from "./growing-tree";
import type { PathQuery } from "./path-query";
import { growingTree } from "./tree-store";
import { NO_WAY } from "./whole-tree";

const NONE = -1;
/** Read once: searches ask for every edge. */
const UNREACHED = NO_WAY;

/** Where the trees of a source begin: at its router, where it is a host with one link alone. */
export function rootOfBounds(graph: FlatGraph, source: number): number {
  const first = graph.outStart[source] as number;
  const isLeaf = graph.isHost[source] === 1 && (graph.outStart[source + 1] as number) === first + 1;
  return isLeaf ? (graph.edgeTo[first] as number) : source;
}

/**
 * What it costs at least to come from the source of a query to any node, by one sum. The ways are over all edges that queries of this kind may ever use: what one
 * of them has to keep off makes a way no shorter, so many share a tree. It is also kept by the router that a host hangs off where it has one link alone.
 */
export class SourceBounds {
  readonly #graph: FlatGraph;
  readonly #tree: GrowingTree;
  /** Costs of the tree, where it is whole. */
  readonly #distance: Int32Array | undefined;
  readonly #source: number;
  /** The source's own link, where the tree is its router's; -1 where it is the source's. */
  readonly #access: number;
  /** What that link costs. */
  readonly #own: number;

  constructor(
    graph: FlatGraph,
    query: Pick<PathQuery, "source" | "target" | "usable" | "superset">,
    cost: Float64Array,
  ) {
    const { source, target, usable, superset = usable } = query;
    const root = rootOfBounds(graph, source);
    const isLeaf = root !== source;
    const first = graph.outStart[source] as number;
    this.#graph = graph;
    this.#tree = growingTree(graph, root, { cost, usable: superset, direction: "from" });
    this.#tree.growTo(target);
    this.#distance = this.#tree.whole?.distance;
    this.#source = source;
    this.#access = isLeaf ? first : NONE;
    this.#own = isLeaf ? (cost[first] as number) : 0;
  }

  /** Infinity where there is no way. Neighbours differ by no more than their link's cost; the source has 0. */
  of(node: number): number {
    if (node === this.#source) return 0;
    if (this.#distance === undefined) return this.#own + this.#tree.least(node);
    const least = this.#distance[node] as number;
    return least === UNREACHED ? Number.POSITIVE_INFINITY : this.#own + least;
  }

  /** Edges of the one best way to a node by this sum, then by IGP metric; undefined where it is not known to be the only one, or there is none. */
  onlyWayTo(target: number): number[] | undefined {
    const edges: number[] = [];
    const root = this.#access === NONE ? this.#source : (this.#graph.edgeTo[this.#access] as number);
    for (let node = target; node !== root; node = this.#graph.edgeFrom[edges.at(-1) as number] as number) {
      const edge = this.#tree.sole(node);
      if (edge < 0) return undefined;
      edges.push(edge);
    }
    if (this.#access !== NONE) edges.push(this.#access);
    return edges.reverse();
  }
}
