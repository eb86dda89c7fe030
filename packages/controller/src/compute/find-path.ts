import type { FlatGraph } from "../topology/flat-graph";
import { withoutBottlenecks } from "./bottleneck";
import { distancesToAny } from "./distances";
import { guidedSearch } from "./guided-search";
import { LabelSearch, type PrunedBound } from "./label-search";
import type { Bound, PathAnswer, PathQuery } from "./path-query";
import { compareRank, rankCosts, sumOver } from "./rank";
import { SourceBounds } from "./source-bounds";

/** Most labels that one search may make before it settles for less: about 100 MB, some seconds. */
const MAX_LABELS = 1_000_000;
/** A search without bounds but with things to include in any order may make so many times more: its labels are smaller. */
const FREE_FACTOR = 4;

/**
 * The best path that satisfies every constraint of the query. Best is by the goals in order, then the smallest (igp, hops, link
 * names in travel order compared one by one), so equal inputs give equal paths whatever the order of the document.
 *
 * Goals that are bottlenecks take edges away first (`bottleneck.ts`). Without bounds there is one label per
 * state. Where the bounds do not bind, that answer is final; where they do, labels are kept as long as none dominates them, and
 * cut off when the bound cannot be met any more. Where nothing is to be passed or included the source's trees guide the search (`guided-search.ts`), and
 * often are the answer already. All are exact. A search that would need more than `maxLabels` labels falls
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
  const [unbounded, bounded] = isDirect(query) ? [bestWay, bestWayWithin] : [bestWalk, bestWalkWithin];
  const free = unbounded(graph, query, maxLabels);
  if (free === undefined) return { kind: "none" };
  if (free === "limit") return { kind: "gave_up" };
  if (satisfies(graph, free, query.bounds)) return { kind: "path", edges: free, exact: true };

  const best = bounded(graph, query, maxLabels);
  if (best === "limit") return settleForLess(graph, query);
  return best === undefined ? { kind: "none" } : { kind: "path", edges: best, exact: true };
}

/** Whether nothing is to be passed on the way. */
function isDirect({ via, include }: PathQuery): boolean {
  return via.length + include.length === 0;
}

type Answer = number[] | "limit" | undefined;

/** The best path, bounds apart. At most one label per node is alive at a time, and each of its edges adds one: no limit is needed. */
function bestWay(graph: FlatGraph, query: PathQuery): Answer {
  return wayOfTree(graph, query) ?? guidedSearch(graph, query, { bounds: [], maxCost: query.maxCost });
}

/**
 * The one way of least cost in the tree of the source, by the first sum, then by IGP metric, if the query may use it: then it is the best in what the query may use too. Bounds,
 * stops and what is to be included are not heeded.
 */
export function wayOfTree(graph: FlatGraph, query: PathQuery): number[] | undefined {
  const [first = graph.cost.igp, second] = rankCosts(graph, query);
  // The tree tells ways of equal cost apart by their IGP metric.
  if (first !== graph.cost.igp && second !== graph.cost.igp) return undefined;
  const way = new SourceBounds(graph, query, first).onlyWayTo(query.target);
  return way?.every((edge) => query.usable[edge] === 1) === true ? way : undefined;
}

/** The best path that keeps the bounds costs at most as much as the best by a bounded metric that does: with one bound there is none where that does not. */
function bestWayWithin(graph: FlatGraph, query: PathQuery, maxLabels: number): Answer {
  const [cost = graph.cost.igp] = rankCosts(graph, query);
  const known = keepingBounds(graph, query).map((edges) => sumOver(edges, cost));
  if (known.length === 0 && query.bounds.length === 1) return undefined;
  const maxCost = Math.min(query.maxCost ?? Number.POSITIVE_INFINITY, ...known);
  return guidedSearch(graph, query, {
    bounds: query.bounds,
    maxCost: maxCost <= Number.MAX_SAFE_INTEGER ? maxCost : Number.POSITIVE_INFINITY,
    maxLabels,
  });
}

function satisfies(graph: FlatGraph, edges: readonly number[], bounds: readonly Bound[]): boolean {
  return bounds.every(({ metric, max }) => sumOver(edges, graph.cost[metric]) <= max);
}

/**
 * The best walk over the stops and what is to be included, bounds apart. Without the latter, what is still to come of the first goal is known exactly before: only
 * edges of best ways by that goal are looked at, and the search is for the best among those.
 */
function bestWalk(graph: FlatGraph, query: PathQuery, maxLabels: number): Answer {
  if (query.include.length > 0) return new LabelSearch(graph, query, [], FREE_FACTOR * maxLabels).run();
  const [cost = graph.cost.igp] = rankCosts(graph, query);
  const remaining = leastRemaining(graph, query, cost);
  const max = remaining[0]?.[query.source] as number;
  if (max === Number.POSITIVE_INFINITY) return undefined;
  // Absurd weights can make sums too large to be exact: nothing may be cut off by such.
  const guide: readonly PrunedBound[] = max <= Number.MAX_SAFE_INTEGER ? [{ max, cost, remaining }] : [];
  // At most one label per state is alive at a time, and each edge of a state adds one: no limit is needed.
  return new LabelSearch(graph, query, guide, Number.POSITIVE_INFINITY).run();
}

function bestWalkWithin(graph: FlatGraph, query: PathQuery, maxLabels: number): Answer {
  const bounds = query.bounds.map(({ metric, max }) => {
    const cost = graph.cost[metric];
    return { cost, max, remaining: leastRemaining(graph, query, cost) };
  });
  const isPossible = bounds.every(({ remaining, max }) => (remaining[0]?.[query.source] as number) <= max);
  return isPossible ? new LabelSearch(graph, query, bounds, maxLabels).run() : undefined;
}

/** The least that is still to come per number of stops passed and per node, stops included. What is to be included may cost more: then it is a lower bound. */
function leastRemaining(graph: FlatGraph, { target, via, usable }: PathQuery, cost: Float64Array): Float64Array[] {
  const remaining: Float64Array[] = [];
  for (const nodes of [[target], ...via.toReversed()]) {
    const later = remaining[0];
    const starts = nodes.map((node) => ({ node, rest: later?.[node] ?? 0 }));
    remaining.unshift(distancesToAny(graph, starts, cost, usable));
  }
  return remaining;
}

function settleForLess(graph: FlatGraph, query: PathQuery): PathAnswer {
  const best = keepingBounds(graph, query).sort((a, b) => compareRank(graph, query, a, b))[0];
  return best === undefined ? { kind: "gave_up" } : { kind: "path", edges: best, exact: false };
}

/** The best path by each bounded metric, if it keeps all bounds. */
function keepingBounds(graph: FlatGraph, query: PathQuery): (readonly number[])[] {
  return query.bounds
    .map(({ metric }) =>
      findPath(graph, { ...query, goals: [{ kind: "sum", cost: graph.cost[metric] }], bounds: [], maxCost: undefined }),
    )
    .flatMap((answer) =>
      answer.kind === "path" && satisfies(graph, answer.edges, query.bounds) ? [answer.edges] : [],
    );
}
