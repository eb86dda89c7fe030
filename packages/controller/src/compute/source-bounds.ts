import type { FlatGraph } from "../topology/flat-graph";
import type { GrowingTree } from "./growing-tree";
import type { PathQuery } from "./path-query";
import { growingTree } from "./tree-store";

/**
 * What it costs at least to come from the source of a query to any node, by one sum. The ways are over all edges that queries of this kind may ever use: what one
 * of them has to keep off makes a way no shorter, so many share a tree. It is also kept by the router that a host hangs off where it has one link alone: seen
 * from there the host itself lies behind its start, by what its link costs.
 */
export class SourceBounds {
  readonly #tree: GrowingTree;
  readonly #source: number;
  /** What the source's own link costs, where the tree is its router's. */
  readonly #own: number;

  constructor(
    graph: FlatGraph,
    query: Pick<PathQuery, "source" | "target" | "usable" | "superset">,
    cost: Float64Array,
  ) {
    const { source, target, usable, superset = usable } = query;
    const access = graph.outStart[source] as number;
    const isLeaf = graph.isHost[source] === 1 && (graph.outStart[source + 1] as number) === access + 1;
    const root = isLeaf ? (graph.edgeTo[access] as number) : source;
    this.#tree = growingTree(graph, root, { cost, usable: superset, direction: "from" });
    this.#tree.growTo(target);
    this.#source = source;
    this.#own = isLeaf ? (cost[access] as number) : 0;
  }

  /** Infinity where there is no way. Neighbours differ by no more than their link's cost; the source has the least. */
  of(node: number): number {
    return node === this.#source ? -this.#own : this.#tree.least(node);
  }

  /** The cost of a whole path by which a node is passed that lies so far from the target. */
  through(node: number, remaining: number): number {
    return remaining + this.of(node) + this.#own;
  }
}
