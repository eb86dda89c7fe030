import type { Fates } from "./disjoint";
import { type DisjointTask, searchDisjointSet, type SetAnswer, sharedFates } from "./disjoint-search";
import { findPath } from "./find-path";
import { disjointFlow, leastSharingFlow } from "./flow-paths";
import type { PathQuery } from "./path-query";
import { compareCosts, type Found, isSamePath, totalCost } from "./path-set";
import { compareRank, rankCosts, sumOver } from "./rank";
import { sourceTree } from "./source-tree";

/** Paths, best first, and whether it is certain that there are no better ones, nor more. */
export interface PathSet {
  readonly paths: readonly Found[];
  readonly exact: boolean;
}

/**
 * As many paths as there are up to `count` (one at least) that share nothing, of least total cost, all under the constraints of the
 * query. `best` is its best path: it stays where a set of least cost has it. A flow answers where only links and nodes count and
 * nothing bounds a path, and wherever its paths happen to do; a bounded search, seeded with the greedy choice, answers the rest.
 */
export function disjointSet(task: DisjointTask, best: Found, count: number): PathSet {
  const { graph, query, fates } = task;
  const flow = disjointFlow(graph, query, fates, count);
  let exact = true;
  for (let size = flow.length; size > 1; size--) {
    const relaxed = size === flow.length ? flow : disjointFlow(graph, query, fates, size);
    const answer = setOf(task, best, relaxed);
    exact &&= answer.exact;
    if (answer.paths !== undefined) return { paths: distinct(inOrder(task, answer.paths)), exact };
  }
  return { paths: [best], exact };
}

/** Two paths that share as little as can be: links, then other things; then of least total cost. Both may be the same one. */
export function leastSharingPair(task: DisjointTask, best: Found): PathSet {
  const { graph, query, fates } = task;
  if (isPlain(query, fates)) return { paths: inOrder(task, leastSharingFlow(graph, query, fates)), exact: true };
  const known = [best, ...leastSharingPath(task, [best]).paths];
  const { paths, exact } = searchDisjointSet(task, 2, { sharing: true, known });
  return { paths: inOrder(task, paths ?? known), exact };
}

/** One path that shares as little as can be with those of `before`; it may be one of them. */
export function leastSharingPath(task: DisjointTask, before: readonly Found[]): PathSet {
  const { graph, query, fates } = task;
  const taken = new Set(before.flatMap(({ edges }) => fates.of(edges)));
  if (!isPlain(query, fates)) {
    const known = inclusionMinimal(task, taken);
    const { paths, exact } = searchDisjointSet(task, 1, { sharing: true, fixed: before, known });
    return { paths: paths ?? [], exact };
  }
  const own = new Set(fates.of(leastPriced(task, taken)));
  const usable = fates.without(
    query.usable,
    [...taken].filter((fate) => !own.has(fate)),
  );
  const answer = findPath(graph, { ...query, usable });
  return { paths: answer.kind === "path" ? [answer] : [], exact: true };
}

/** Whether a flow heeds all there is to heed. */
function isPlain({ bounds, via, include, goals }: PathQuery, { disjoint }: Fates): boolean {
  const isFree = bounds.length + via.length + include.length === 0;
  return isFree && disjoint !== "srlg" && goals.every(({ kind }) => kind === "sum");
}

/**
 * The paths of the flow, `relaxed`, which nothing undercuts, where they will do: but the greedy choice where it costs no more, so that `best`
 * stays. Else what the search finds.
 */
function setOf(task: DisjointTask, best: Found, relaxed: readonly Found[]): SetAnswer {
  const { graph, query } = task;
  const isBound = query.goals.every(({ kind }) => kind === "sum");
  const isAnswer = isBound && keepsAll(task, relaxed);
  if (isAnswer && isSamePath(relaxed[0] as Found, best)) return { paths: relaxed, exact: true };
  // Where the flow will do, the greedy choice is wanted only at the same cost.
  const least = isAnswer && relaxed.length === 2 ? firstCost(task, relaxed) - firstCost(task, [best]) : undefined;
  const greedy = greedySet(task, best, relaxed.length, least);
  if (isBound && greedy !== undefined) {
    const more = compareCosts(totalCost(graph, query, greedy), totalCost(graph, query, relaxed));
    if (more <= 0) return { paths: greedy, exact: true };
  }
  if (isAnswer) return { paths: relaxed, exact: true };
  return searchDisjointSet(task, relaxed.length, { known: greedy });
}

/** By the first goal. */
function firstCost({ graph, query }: DisjointTask, paths: readonly Found[]): number {
  return totalCost(graph, query, paths)[0] as number;
}

/** The best path, then the best that shares nothing with it, and so on, none of which costs more than `maxCost`; undefined where that ends too soon. */
function greedySet(
  { graph, query, fates }: DisjointTask,
  best: Found,
  count: number,
  maxCost?: number,
): readonly Found[] | undefined {
  const paths = [best];
  while (paths.length < count) {
    const next = findPath(graph, { ...query, usable: fates.besides(query.usable, paths), maxCost });
    if (next.kind !== "path") return undefined;
    paths.push(next);
  }
  return paths;
}

function keepsAll({ graph, query, fates }: DisjointTask, paths: readonly Found[]): boolean {
  const { via, include, bounds } = query;
  if (via.length + include.length > 0 || sharedFates(fates, paths).length > 0) return false;
  return paths.every(({ edges }) => bounds.every(({ metric, max }) => sumOver(edges, graph.cost[metric]) <= max));
}

function inOrder({ graph, query }: DisjointTask, paths: readonly Found[]): Found[] {
  return [...paths].sort((a, b) => compareRank(graph, query, a.edges, b.edges));
}

/** A path of which everything is exempt shares nothing with itself. */
function distinct(sorted: readonly Found[]): Found[] {
  return sorted.filter((path, i) => i === 0 || !isSamePath(sorted[i - 1] as Found, path));
}

/** A path of whose share in `taken` nothing can be taken away alone; undefined where there is no path. */
function inclusionMinimal({ graph, query, fates }: DisjointTask, taken: ReadonlySet<number>): Found[] | undefined {
  let { usable } = query;
  let path = findPath(graph, query);
  if (path.kind !== "path") return undefined;
  for (const fate of fates.of(path.edges).filter((each) => taken.has(each))) {
    const without = fates.without(usable, [fate]);
    const next = findPath(graph, { ...query, usable: without });
    if (next.kind !== "path") continue;
    path = next;
    usable = without;
  }
  return [path];
}

/** Edges of the path whose links, then nodes, are in `taken` as rarely as can be, then the best. */
function leastPriced({ graph, query }: DisjointTask, taken: ReadonlySet<number>): number[] {
  const links = Float64Array.from(graph.edgeLink, (link) => (taken.has(link) ? 1 : 0));
  const first = graph.linkNames.length;
  const nodes = Float64Array.from(graph.edgeTo, (to) => (to !== query.target && taken.has(first + to) ? 1 : 0));
  const { entry } = sourceTree(graph, query, [links, nodes, ...rankCosts(graph, query)]);
  const edges: number[] = [];
  for (let edge = entry[query.target] as number; edge >= 0; edge = entry[graph.edgeFrom[edge] as number] as number) {
    edges.push(edge);
  }
  return edges.reverse();
}
