import type { FlatGraph } from "../topology/flat-graph";
import { withoutBottlenecks } from "./bottleneck";
import { distancesToAny } from "./distances-to";
import { LabelSearch, type PrunedBound } from "./label-search";
import type { Bound, PathAnswer, PathQuery } from "./path-query";
import { compareRank, sumOver } from "./rank";

/** Most labels that one search may make before it settles for less: about 100 MB, some seconds. */
const MAX_LABELS = 1_000_000;
/** A search without bounds but with things to include in any order may make so many times more: its labels are smaller. */
const FREE_FACTOR = 4;

/**
 * The best path that satisfies every constraint of the query. Best is by the goals in order, then the smallest (igp, hops, link
 * names in travel order compared one by one), so equal inputs give equal paths whatever the order of the document.
 *
 * Goals that are bottlenecks take edges away first (`bottleneck.ts`). Without bounds the search is Dijkstra's: one label per
 * state. Where the bounds do not bind, that answer is final; where they do, labels are kept as long as none dominates them, and
 * cut off when the bound cannot be met any more. All are exact. A search that would need more than `maxLabels` labels falls
 * back to the best of the paths that are shortest by one bounded metric each, and says `exact: false`.
 */
export function findPath(graph: FlatGraph, query: PathQuery, maxLabels = MAX_LABELS): PathAnswer {
  if (query.goals.every(({ kind }) => kind === "sum")) return findBySums(graph, query, maxLabels);
  const rest = withoutBottlenecks(graph, query, (part) => findBySums(graph, part, maxLabels));
  if ("kind" in rest) return rest;
  const answer = findBySums(graph, rest.query, maxLabels);
  return answer.kind === "path" ? { ...answer, exact: answer.exact && rest.exact } : answer;
}

function findBySums(graph: FlatGraph, query: PathQuery, maxLabels: number): PathAnswer {
  if (query.via.some((nodes) => nodes.length === 0)) return { kind: "none" };
  // At most one label per state is alive at a time, and each edge of a state adds one: a limit is for many layers only.
  const maxFree = query.include.length === 0 ? Number.POSITIVE_INFINITY : FREE_FACTOR * maxLabels;
  const free = new LabelSearch(graph, query, [], maxFree).run();
  if (free === undefined) return { kind: "none" };
  if (free === "limit") return { kind: "gave_up" };
  if (satisfies(graph, free, query.bounds)) return { kind: "path", edges: free, exact: true };

  const bounds = query.bounds.map((bound) => prune(graph, query, bound));
  if (bounds.some(({ remaining, max }) => (remaining[0]?.[query.source] as number) > max)) return { kind: "none" };
  const best = new LabelSearch(graph, query, bounds, maxLabels).run();
  if (best === "limit") return settleForLess(graph, query);
  return best === undefined ? { kind: "none" } : { kind: "path", edges: best, exact: true };
}

function satisfies(graph: FlatGraph, edges: readonly number[], bounds: readonly Bound[]): boolean {
  return bounds.every(({ metric, max }) => sumOver(edges, graph.cost[metric]) <= max);
}

/** What is to be included may cost more: the rest counts stops only, and is a lower bound. */
function prune(graph: FlatGraph, query: PathQuery, bound: Bound): PrunedBound {
  const cost = graph.cost[bound.metric];
  let next = distancesToAny(graph, [{ node: query.target, rest: 0 }], cost, query.usable);
  const remaining = [next];
  for (const stop of query.via.toReversed()) {
    const later = next;
    next = distancesToAny(
      graph,
      stop.map((node) => ({ node, rest: later[node] as number })),
      cost,
      query.usable,
    );
    remaining.unshift(next);
  }
  return { ...bound, remaining };
}

function settleForLess(graph: FlatGraph, query: PathQuery): PathAnswer {
  const tries = query.bounds
    .map(({ metric }) => findPath(graph, { ...query, goals: [{ kind: "sum", cost: graph.cost[metric] }], bounds: [] }))
    .flatMap((answer) =>
      answer.kind === "path" && satisfies(graph, answer.edges, query.bounds) ? [answer.edges] : [],
    );
  const best = tries.sort((a, b) => compareRank(graph, query, a, b))[0];
  return best === undefined ? { kind: "gave_up" } : { kind: "path", edges: best, exact: false };
}
