import Heap from "mnemonist/heap";
import type { FlatGraph } from "../topology/flat-graph";
import { findPath } from "./find-path";
import type { PathQuery } from "./path-query";
import { type Found, isSamePath } from "./path-set";
import { compareRank } from "./rank";

/** Most searches behind one enumeration. */
const MAX_SEARCHES = 512;

/** The best of the paths that begin with some edges of it and then leave without others. */
interface Branch {
  readonly path: Found;
  /** How many edges of the path are given. */
  readonly given: number;
  /** What this branch takes away of the query's edges. */
  readonly usable: Uint8Array;
}

/**
 * The paths of a query, best first, beginning with `first`, the best: each once, and none that visits a node twice (Yen 1971, with
 * the refinement of Lawler 1972: a path is left only from where it left another). Every constraint holds for every path, as
 * each search is for a whole path; its given beginning is made by taking the edges aside away. With `via` or `include`, where a
 * path may visit a node again, no beginning is given: a path then avoids some link of each before it, and those that cross all
 * links of another and more are missed. It ends where there are no more, or after MAX_SEARCHES searches.
 */
export function* pathsInOrder(graph: FlatGraph, query: PathQuery, first: Found): Generator<Found> {
  const isSimple = query.via.length + query.include.length === 0;
  const byRank = (a: Branch, b: Branch) => compareRank(graph, query, a.path.edges, b.path.edges);
  const queue = new Heap<Branch>(byRank);
  const tried = new Set<string>();
  queue.push({ path: first, given: 0, usable: query.usable });
  let last: Found | undefined;
  let searches = 0;
  for (let branch = queue.pop(); branch !== undefined; branch = queue.pop()) {
    // Without a given beginning the same path comes by several ways, one after the other, and each leads on to others.
    if (last === undefined || !isSamePath(last, branch.path)) yield branch.path;
    last = branch.path;
    for (const next of deviations(graph, branch, isSimple)) {
      const key = isSimple ? "" : removed(query.usable, next.usable);
      if (tried.has(key)) continue;
      if (!isSimple) tried.add(key);
      if (++searches > MAX_SEARCHES) return;
      const path = findPath(graph, { ...query, usable: next.usable });
      if (path.kind === "path") queue.push({ ...next, path });
    }
  }
}

/** The branches that together hold every path of this one but its best. */
function* deviations(
  graph: FlatGraph,
  { path, given, usable }: Branch,
  isSimple: boolean,
): Generator<Omit<Branch, "path">> {
  const aside = usable.slice();
  for (const [at, edge] of path.edges.entries()) {
    if (at >= given) {
      const left = aside.slice();
      left[edge] = 0;
      if (!isSimple) left[graph.edgeReverse[edge] as number] = 0;
      yield { given: isSimple ? at : 0, usable: left };
    }
    if (isSimple) keepOnly(graph, aside, edge);
  }
}

/** Takes away all ways out of an edge's first node but the edge. Coming back to the node leads nowhere new. */
function keepOnly(graph: FlatGraph, usable: Uint8Array, kept: number): void {
  const node = graph.edgeFrom[kept] as number;
  const end = graph.outStart[node + 1] as number;
  for (let edge = graph.outStart[node] as number; edge < end; edge++) {
    if (edge !== kept) usable[edge] = 0;
  }
}

function removed(before: Uint8Array, after: Uint8Array): string {
  const gone: number[] = [];
  before.forEach((open, edge) => {
    if (open !== after[edge]) gone.push(edge);
  });
  return gone.join(" ");
}
