import type { FlatGraph } from "../topology/flat-graph";
import type { IgpRow } from "./igp-rows";
import type { Wave } from "./wave";

/**
 * What the least-cost ways from nodes to a target cost by IGP metric, told by following the target's row from each. A search that asks about few nodes needs no tree then, which
 * would take far longer than the search.
 */
export class RowDistances {
  /** Edges from the node that was asked about to the first whose cost is known. */
  readonly #followed: number[] = [];

  /** `known` is empty, and holds what has been found. */
  constructor(
    private readonly graph: FlatGraph,
    private readonly row: IgpRow,
    target: number,
    private readonly known: Wave,
  ) {
    known.reach(target, 0);
  }

  /** Infinity where there is no way. */
  least(node: number): number {
    const { graph, known } = this;
    const { edgeFrom, edgeTo } = graph;
    const { igp } = graph.cost;
    let at = node;
    while (known.distance[at] === Number.POSITIVE_INFINITY) {
      const edge = this.row.nextHop(at);
      if (edge === undefined) break;
      this.#followed.push(edge);
      at = edgeTo[edge] as number;
    }
    let cost = known.distance[at] as number;
    for (let edge = this.#followed.pop(); edge !== undefined; edge = this.#followed.pop()) {
      cost += igp[edge] as number;
      known.reach(edgeFrom[edge] as number, cost);
    }
    return cost;
  }
}
