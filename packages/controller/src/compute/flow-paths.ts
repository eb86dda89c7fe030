import type { FlatGraph } from "../topology/flat-graph";
import type { Fates } from "./disjoint";
import { findPath } from "./find-path";
import { LeastCostFlow } from "./least-cost-flow";
import type { PathQuery } from "./path-query";
import type { Found } from "./path-set";
import { rankCosts } from "./rank";

/**
 * Paths of least total cost that are disjoint by links and, where the fates have nodes, by nodes; as many as there are, `count` at most, the
 * best first. Bounds, `via`, `include`, goals that are bottlenecks and shared-risk groups are not heeded: with any of them the
 * paths are a lower bound of the cost, and their number an upper bound of what there can be.
 */
export function disjointFlow(graph: FlatGraph, query: PathQuery, fates: Fates, count: number): Found[] {
  const flow = new LeastCostFlow(graph, query, rankCosts(graph, query), { ...rulesOf(fates), sharing: false });
  while (flow.units < count && flow.augment());
  return pathsOf(graph, query, flow);
}

/** Two paths that share as few links as can be, then as few nodes, then cost least; what `disjointFlow` does not heed is not heeded. */
export function leastSharingFlow(graph: FlatGraph, query: PathQuery, fates: Fates): Found[] {
  const flow = new LeastCostFlow(graph, query, rankCosts(graph, query), { ...rulesOf(fates), sharing: true });
  while (flow.units < 2 && flow.augment());
  return pathsOf(graph, query, flow);
}

function rulesOf({ freeLinks, freeNodes, disjoint }: Fates) {
  return { freeLinks, freeNodes, nodes: disjoint === "node" };
}

/** Takes the flow apart: the best path within it, then the best of what is left, and so on. */
function pathsOf(graph: FlatGraph, query: PathQuery, { flow, units }: LeastCostFlow): Found[] {
  const left = flow.slice();
  const plain = { ...query, goals: query.goals.filter(({ kind }) => kind === "sum"), bounds: [], via: [], include: [] };
  const paths: Found[] = [];
  while (paths.length < units) {
    const next = findPath(graph, { ...plain, usable: left.map((count) => (count > 0 ? 1 : 0)) });
    if (next.kind !== "path") throw new RangeError("a flow is made of paths");
    for (const edge of next.edges) left[edge] = (left[edge] as number) - 1;
    paths.push(next);
  }
  return paths;
}
