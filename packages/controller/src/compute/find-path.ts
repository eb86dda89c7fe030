import type { FlatGraph } from "../topology/flat-graph";
import { withoutBottlenecks } from "./bottleneck";
import { distancesToAny } from "./distances-to";
import { LabelSearch } from "./label-search";
import type { Bound, PathAnswer, PathQuery } from "./path-query";
import { compareRank, rankCosts, sumOver } from "./rank";
import { fillRemaining, type Limits, onlyWay } from "./remaining-costs";
import { giveWaveBack, takeWave } from "./wave";

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
  const free = findUnbounded(graph, query, maxLabels);
  if (free === undefined) return { kind: "none" };
  if (free === "limit") return { kind: "gave_up" };
  if (satisfies(graph, free, query.bounds)) return { kind: "path", edges: free, exact: true };

  const best = findBounded(graph, query, maxLabels);
  if (best === "limit") return settleForLess(graph, query);
  return best === undefined ? { kind: "none" } : { kind: "path", edges: best, exact: true };
}

function findBounded(graph: FlatGraph, query: PathQuery, maxLabels: number): number[] | "limit" | undefined {
  const goal = goalBound(graph, query);
  if (goal === "impossible") return undefined;
  const among = goal?.remaining[0];
  const bounds = query.bounds.map(({ metric, max }) => {
    return { max, ...leastRemaining(graph, query, graph.cost[metric], { max, among }) };
  });
  const isPossible = bounds.every(({ remaining, max }) => (remaining[0]?.[query.source] as number) <= max);
  const all = goal === undefined ? bounds : [...bounds, goal];
  const best = isPossible ? new LabelSearch(graph, query, all, maxLabels).run() : undefined;
  for (const { giveBack } of all) giveBack();
  return best;
}

/**
 * What the first goal is at most: as much as on the best path by a bounded metric that keeps all bounds. That leaves few nodes to look at. Undefined where no
 * such path does, which with one bound means that none at all does.
 */
function goalBound(
  graph: FlatGraph,
  query: PathQuery,
): (Remaining & { readonly max: number }) | "impossible" | undefined {
  if (query.include.length + query.via.length > 0) return undefined;
  const [cost = graph.cost.igp] = rankCosts(graph, query);
  const known = keepingBounds(graph, query).map((edges) => sumOver(edges, cost));
  if (known.length === 0 && query.bounds.length === 1) return "impossible";
  const max = Math.min(...known);
  return max <= Number.MAX_SAFE_INTEGER ? { max, ...leastRemaining(graph, query, cost, { max }) } : undefined;
}

function satisfies(graph: FlatGraph, edges: readonly number[], bounds: readonly Bound[]): boolean {
  return bounds.every(({ metric, max }) => sumOver(edges, graph.cost[metric]) <= max);
}

/**
 * The best path without the bounds. What is still to come of the first goal is known exactly before, unless something is to be
 * included: then only edges of best paths by that goal are looked at, and the search is for the best among those.
 */
function findUnbounded(graph: FlatGraph, query: PathQuery, maxLabels: number): number[] | "limit" | undefined {
  if (query.include.length > 0) return new LabelSearch(graph, query, [], FREE_FACTOR * maxLabels).run();
  const [cost = graph.cost.igp] = rankCosts(graph, query);
  const guide = leastRemaining(graph, query, cost, {});
  const best = findGuided(graph, query, cost, guide.remaining);
  guide.giveBack();
  return best;
}

function findGuided(graph: FlatGraph, query: PathQuery, cost: Float64Array, remaining: readonly Float64Array[]) {
  const [first = new Float64Array(0)] = remaining;
  const max = first[query.source] as number;
  if (max === Number.POSITIVE_INFINITY) return undefined;
  // Absurd weights can make sums too large to be exact: nothing may be cut off by such.
  const isExact = max <= Number.MAX_SAFE_INTEGER;
  const only = isExact && query.via.length === 0 ? onlyWay(graph, query, cost, first) : undefined;
  // At most one label per state is alive at a time, and each edge of a state adds one: no limit is needed.
  return (
    only ?? new LabelSearch(graph, query, isExact ? [{ max, cost, remaining }] : [], Number.POSITIVE_INFINITY).run()
  );
}

/** The least that is still to come, per number of stops passed; to be given back. */
interface Remaining {
  readonly cost: Float64Array;
  readonly remaining: readonly Float64Array[];
  readonly giveBack: () => void;
}

/**
 * The least that is still to come, stops included. What is to be included may cost more: then it is a lower bound. Without stops it is known for the nodes that
 * `limits` let ways pass.
 */
function leastRemaining(graph: FlatGraph, query: PathQuery, cost: Float64Array, limits: Limits): Remaining {
  const { target, via, usable } = query;
  if (via.length === 0) {
    const wave = takeWave(graph);
    fillRemaining(graph, query, cost, wave, limits);
    return { cost, remaining: [wave.distance], giveBack: () => giveWaveBack(graph, wave) };
  }
  const remaining: Float64Array[] = [];
  for (const nodes of [[target], ...via.toReversed()]) {
    const later = remaining[0];
    const starts = nodes.map((node) => ({ node, rest: later?.[node] ?? 0 }));
    remaining.unshift(distancesToAny(graph, starts, cost, usable));
  }
  return { cost, remaining, giveBack: () => undefined };
}

function settleForLess(graph: FlatGraph, query: PathQuery): PathAnswer {
  const best = keepingBounds(graph, query).sort((a, b) => compareRank(graph, query, a, b))[0];
  return best === undefined ? { kind: "gave_up" } : { kind: "path", edges: best, exact: false };
}

/** The best path by each bounded metric, if it keeps all bounds. */
function keepingBounds(graph: FlatGraph, query: PathQuery): (readonly number[])[] {
  return query.bounds
    .map(({ metric }) => findPath(graph, { ...query, goals: [{ kind: "sum", cost: graph.cost[metric] }], bounds: [] }))
    .flatMap((answer) =>
      answer.kind === "path" && satisfies(graph, answer.edges, query.bounds) ? [answer.edges] : [],
    );
}
