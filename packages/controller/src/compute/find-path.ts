import type { FlatGraph } from "../topology/flat-graph";
import { distancesTo } from "./distances-to";
import { LabelSearch, type PrunedBound } from "./label-search";
import type { Bound, PathAnswer, PathQuery } from "./path-query";

/** Most labels that one search may make before it settles for less: about 100 MB, some seconds. */
const MAX_LABELS = 1_000_000;

/**
 * The best path that satisfies every constraint of the query. Best is the smallest (objective, igp, hops, link names in travel
 * order compared one by one), so equal inputs give equal paths whatever the order of the document.
 *
 * Without bounds the search is Dijkstra's: one label per state. Where the bounds do not bind, that answer is final; where they
 * do, labels are kept as long as none dominates them, and cut off when the bound cannot be met any more. Both are exact. A
 * search that would need more than `maxLabels` labels falls back to the best of the paths that are shortest by one bounded
 * metric each, and says `exact: false`.
 */
export function findPath(graph: FlatGraph, query: PathQuery, maxLabels = MAX_LABELS): PathAnswer {
  if (query.via.some((node) => node < 0)) return { kind: "none" };
  // At most one label per state is alive at a time, and each edge of a state adds one: no limit is needed.
  const free = new LabelSearch(graph, query, [], Number.POSITIVE_INFINITY).run();
  if (free === undefined || free === "limit") return { kind: "none" };
  if (satisfies(graph, free, query.bounds)) return { kind: "path", edges: free, exact: true };

  const bounds = query.bounds.map((bound) => prune(graph, query, bound));
  if (bounds.some(({ remaining, max }) => (remaining[0]?.[query.source] as number) > max)) return { kind: "none" };
  const best = new LabelSearch(graph, query, bounds, maxLabels).run();
  if (best === "limit") return settleForLess(graph, query);
  return best === undefined ? { kind: "none" } : { kind: "path", edges: best, exact: true };
}

/** Sum of a metric over edges, in inside units. */
export function sumOver(edges: readonly number[], cost: Float64Array): number {
  return edges.reduce((sum, edge) => sum + (cost[edge] as number), 0);
}

function satisfies(graph: FlatGraph, edges: readonly number[], bounds: readonly Bound[]): boolean {
  return bounds.every(({ metric, max }) => sumOver(edges, graph.cost[metric]) <= max);
}

function prune(graph: FlatGraph, query: PathQuery, bound: Bound): PrunedBound {
  const cost = graph.cost[bound.metric];
  const stops = [...query.via, query.target];
  const remaining: Float64Array[] = [];
  let afterwards = 0;
  for (const stop of stops.reverse()) {
    const distance = distancesTo(graph, stop, cost, query.usable);
    const later = afterwards;
    remaining.unshift(distance.map((value) => value + later));
    afterwards = later + legBefore(query, remaining.length, distance);
  }
  return { ...bound, remaining };
}

/** Cost of the leg that ends at the stop just handled and starts at the via node before it. */
function legBefore(query: PathQuery, handled: number, distance: Float64Array): number {
  const before = query.via[query.via.length - handled];
  return before === undefined ? 0 : (distance[before] as number);
}

function settleForLess(graph: FlatGraph, query: PathQuery): PathAnswer {
  const tries = query.bounds
    .map(({ metric }) => findPath(graph, { ...query, objective: metric, bounds: [] }))
    .flatMap((answer) =>
      answer.kind === "path" && satisfies(graph, answer.edges, query.bounds) ? [answer.edges] : [],
    );
  const cost = graph.cost[query.objective];
  const best = tries.sort((a, b) => sumOver(a, cost) - sumOver(b, cost))[0];
  return best === undefined ? { kind: "gave_up" } : { kind: "path", edges: best, exact: false };
}
