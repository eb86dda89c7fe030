import { buildNetwork, Ecmp } from "@sextant/placement";
import type { FlatGraph } from "../topology/flat-graph";

/** Traffic besides that of intents; nodes by name. */
export interface TrafficDemand {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly mbps: number;
}

/**
 * Mbit/s that demands put on each edge when they follow the IGP's shortest ways, split evenly over equal ones. Routers may not have
 * noticed what observation found broken, so the IGP still uses it. Demands without a way, or between nodes that are not there, load nothing.
 */
export function demandLoads(graph: FlatGraph, demands: readonly TrafficDemand[]): Map<number, number> {
  const loads = new Map<number, number>();
  if (demands.length === 0) return loads;
  const ecmp = new Ecmp(networkOf(graph));
  for (const { from, to, mbps } of demands) {
    const [source, target] = [graph.nodeIndex.get(from), graph.nodeIndex.get(to)];
    if (source === undefined || target === undefined) continue;
    const way = ecmp.shares(source, target);
    way?.links.forEach((edge, i) => loads.set(edge, (loads.get(edge) ?? 0) + mbps * (way.shares[i] as number)));
  }
  return loads;
}

/** The same nodes and edges with the same indices. */
function networkOf({ nodeNames, isHost, directions, edgeFrom, edgeTo, capacityMbps }: FlatGraph) {
  return buildNetwork(
    nodeNames.map((name, node) => ({ name, isHost: isHost[node] === 1 })),
    directions.map(({ igp }, edge) => ({
      name: String(edge),
      from: edgeFrom[edge] as number,
      to: edgeTo[edge] as number,
      igp,
      capacityMbps: capacityMbps[edge] as number,
    })),
  );
}
