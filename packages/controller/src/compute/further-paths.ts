import type { FlatGraph } from "../topology/flat-graph";
import { edgesDisjointFrom, exemptionsOf } from "./disjoint";
import { findPath, sumOver } from "./find-path";
import type { PathAnswer, PathQuery } from "./path-query";
import { removeLink } from "./usable-edges";

type Found = Extract<PathAnswer, { kind: "path" }>;

/** Most searches for paths that share links with others. */
const MAX_SEARCHES = 512;

/**
 * Paths to share traffic with `first`, the best path of the query; `count` at most, fewer where there are no more. First
 * those that have no link in common with any before (but for what every path must cross), best first. Then the best of the
 * others, found by taking links of those found away, one more at a time: every other path avoids some link of each.
 */
export function furtherPaths(graph: FlatGraph, query: PathQuery, first: Found, count: number): Found[] {
  const found = [first];
  const exemptions = exemptionsOf(graph, query);
  let usable = query.usable;
  while (found.length <= count) {
    usable = edgesDisjointFrom(graph, usable, found.at(-1)?.edges ?? [], "link", exemptions);
    const next = findPath(graph, { ...query, usable });
    if (next.kind !== "path" || found.some((path) => isSame(path, next))) break;
    found.push(next);
  }
  for (const next of bestFirst(graph, query, first)) {
    if (found.length > count) break;
    if (!found.some((path) => isSame(path, next))) found.push(next);
  }
  return found.slice(1);
}

interface Branch {
  readonly path: Found;
  /** Links taken away, in order. */
  readonly without: readonly number[];
}

/** Distinct paths, best first, as far as the work limit allows. */
function* bestFirst(graph: FlatGraph, query: PathQuery, first: Found): Generator<Found> {
  const queue: Branch[] = [{ path: first, without: [] }];
  const tried = new Set<string>();
  let last: Found | undefined;
  for (;;) {
    const branch = takeBest(graph, query, queue);
    if (branch === undefined) return;
    // The same path comes by several ways, one after the other, and each way leads on to others.
    if (last === undefined || !isSame(last, branch.path)) yield branch.path;
    last = branch.path;
    for (const edge of branch.path.edges) {
      const without = [...branch.without, graph.edgeLink[edge] as number].sort((a, b) => a - b);
      if (tried.has(without.join(" "))) continue;
      if (tried.size >= MAX_SEARCHES) return;
      tried.add(without.join(" "));
      const usable = query.usable.slice();
      for (const link of without) removeLink(graph, usable, link);
      const path = findPath(graph, { ...query, usable });
      if (path.kind === "path") queue.push({ path, without });
    }
  }
}

function takeBest(graph: FlatGraph, query: PathQuery, queue: Branch[]): Branch | undefined {
  let best = 0;
  queue.forEach((branch, i) => {
    const leader = queue[best];
    if (leader !== undefined && compare(graph, query, branch.path, leader.path) < 0) best = i;
  });
  return queue.splice(best, 1)[0];
}

/** Objective, IGP metric, hops, then the links: the order of the search itself. */
function compare(graph: FlatGraph, { objective }: PathQuery, a: Found, b: Found): number {
  for (const metric of [objective, "igp", "hops"] as const) {
    const difference = sumOver(a.edges, graph.cost[metric]) - sumOver(b.edges, graph.cost[metric]);
    if (difference !== 0) return difference;
  }
  const links = (path: Found) => path.edges.map((edge) => graph.edgeLink[edge] as number);
  const [left, right] = [links(a), links(b)];
  const at = left.findIndex((link, i) => link !== right[i]);
  return at < 0 ? 0 : (left[at] as number) - (right[at] ?? -1);
}

function isSame(a: Found, b: Found): boolean {
  return a.edges.length === b.edges.length && a.edges.every((edge, i) => edge === b.edges[i]);
}
