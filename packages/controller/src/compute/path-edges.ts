import { type Metric, type Path, type PathMetrics, SextantError } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";
import { toFieldUnits } from "../topology/metric-units";
import { smallestOver, sumOver } from "./rank";

/**
 * A path in a graph: its edges (at least one). Names and metrics are made anew whenever they are asked for: hundreds of thousands of paths are kept, and few of them are
 * ever looked at.
 */
export class PathInGraph implements Path {
  readonly #graph: FlatGraph;

  constructor(
    graph: FlatGraph,
    readonly edges: readonly number[],
  ) {
    this.#graph = graph;
  }

  isIn(graph: FlatGraph): boolean {
    return graph === this.#graph;
  }

  get nodes(): readonly string[] {
    const { nodeNames, edgeFrom, edgeTo } = this.#graph;
    const name = (node: number | undefined) => nodeNames[node ?? -1] ?? "";
    return [name(edgeFrom[this.edges[0] ?? -1])].concat(this.edges.map((edge) => name(edgeTo[edge])));
  }

  get links(): readonly string[] {
    const { linkNames, edgeLink } = this.#graph;
    return this.edges.map((edge) => linkNames[edgeLink[edge] as number] ?? "");
  }

  get metrics(): PathMetrics {
    const { cost, capacityMbps, utilisationPercent } = this.#graph;
    const sum = (metric: Metric) => toFieldUnits(metric, sumOver(this.edges, cost[metric]));
    return {
      delayUs: sum("delay"),
      igp: sum("igp"),
      te: sum("te"),
      hops: sum("hops"),
      jitterUs: sum("jitter"),
      lossPpm: sum("loss"),
      bottleneckMbps: Math.min(Number.MAX_SAFE_INTEGER, smallestOver(this.edges, capacityMbps)),
      utilisationPercent: this.edges.reduce((most, edge) => Math.max(most, utilisationPercent[edge] as number), 0),
    };
  }
}

/** The edges that a path's names stand for. Throws `internal` when the path does not exist in the graph: it was computed on another. */
export function edgesAlong(graph: FlatGraph, path: Pick<Path, "nodes" | "links">): readonly number[] {
  if (path instanceof PathInGraph && path.isIn(graph)) return path.edges;
  let from = graph.nodeIndex.get(path.nodes[0] ?? "") ?? -1;
  return path.links.map((linkName, i) => {
    const either = graph.linkEdge[graph.linkIndex.get(linkName) ?? -1] ?? -1;
    const edge = graph.edgeFrom[either] === from ? either : (graph.edgeReverse[either] ?? -1);
    if (graph.edgeFrom[edge] !== from || graph.nodeNames[from] !== path.nodes[i]) {
      throw new SextantError("internal", `link "${linkName}" does not leave "${path.nodes[i] ?? ""}" in this topology`);
    }
    from = graph.edgeTo[edge] as number;
    return edge;
  });
}

/** The same links the other way round. */
export function reversed(graph: FlatGraph, edges: readonly number[]): number[] {
  return edges.map((edge) => graph.edgeReverse[edge] as number).reverse();
}
