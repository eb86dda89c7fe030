import { METRICS, type Metric, type Path, SextantError } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";
import { toFieldUnits } from "../topology/metric-units";
import { sumOver } from "./rank";

/** Names and metrics of the path along `edges` (at least one). Its arrays are no longer than they need be: hundreds of thousands are kept. */
export function pathAlong(graph: FlatGraph, edges: readonly number[]): Path {
  const value = Object.fromEntries(
    METRICS.map((metric) => [metric, toFieldUnits(metric, sumOver(edges, graph.cost[metric]))]),
  ) as Record<Metric, number>;
  const name = (node: number | undefined) => graph.nodeNames[node ?? -1] ?? "";
  return {
    nodes: [name(graph.edgeFrom[edges[0] ?? -1])].concat(edges.map((edge) => name(graph.edgeTo[edge]))),
    links: edges.map((edge) => graph.linkNames[graph.edgeLink[edge] as number] ?? ""),
    metrics: {
      delayUs: value.delay,
      igp: value.igp,
      te: value.te,
      hops: value.hops,
      jitterUs: value.jitter,
      lossPpm: value.loss,
      bottleneckMbps: edges.reduce(
        (least, edge) => Math.min(least, graph.capacityMbps[edge] as number),
        Number.MAX_SAFE_INTEGER,
      ),
      utilisationPercent: edges.reduce((most, edge) => Math.max(most, graph.utilisationPercent[edge] as number), 0),
    },
  };
}

/** The edges that a path's names stand for. Throws `internal` when the path does not exist in the graph: it was computed on another. */
export function edgesAlong(graph: FlatGraph, path: Pick<Path, "nodes" | "links">): number[] {
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
