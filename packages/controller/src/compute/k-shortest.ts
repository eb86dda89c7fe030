import Heap from "mnemonist/heap";
import type { FlatGraph } from "../topology/flat-graph";
import { findPath } from "./find-path";
import { inLayers, layeredGraph } from "./layered-graph";
import type { PathQuery } from "./path-query";
import type { Found } from "./path-set";
import { compareRank } from "./rank";

/** Most searches behind one enumeration, and most edges that all of them together may have before them. */
const MAX_SEARCHES = 512;
const MAX_EDGES_SEEN = 24_000_000;

/** The best of the paths that begin with some edges of it and then leave without others. */
interface Branch {
  readonly path: Found;
  /** How many edges of the path are given. */
  readonly given: number;
  /** What this branch takes away of the query's edges. */
  readonly usable: Uint8Array;
}

/**
 * The paths of a query, best first, beginning with `first`, the best: each once, and none that visits a node twice, with `via` or
 * `include` none that does so without having come further in between (Yen 1971, with the refinement of Lawler 1972: a path is left
 * only from where it left another). Every constraint holds for every path, as each search is for a whole path; its given
 * beginning is made by taking the edges aside away. With `via` or `include` all this is done on `layeredGraph`. Returns whether
 * all there are have come, in order: false when the work limit ended it, or cut a search short.
 */
export function* pathsInOrder(graph: FlatGraph, query: PathQuery, first: Found): Generator<Found, boolean> {
  if (query.via.length + query.include.length === 0) return yield* simplePaths(graph, query, first);
  const layered = layeredGraph(graph, query);
  if (layered === undefined) {
    yield first;
    return false;
  }
  const paths = simplePaths(layered.graph, layered.query, { ...first, edges: inLayers(layered, first.edges) });
  for (;;) {
    const next = paths.next();
    if (next.done === true) return next.value;
    yield { ...next.value, edges: next.value.edges.map((edge) => layered.edgeOf[edge] as number) };
  }
}

function* simplePaths(graph: FlatGraph, query: PathQuery, first: Found): Generator<Found, boolean> {
  const queue = new Heap<Branch>((a, b) => compareRank(graph, query, a.path.edges, b.path.edges));
  queue.push({ path: first, given: 0, usable: query.usable });
  let left = Math.min(MAX_SEARCHES, Math.floor(MAX_EDGES_SEEN / query.usable.length));
  let isComplete = first.exact;
  for (let branch = queue.pop(); branch !== undefined; branch = queue.pop()) {
    yield branch.path;
    for (const next of deviations(graph, branch)) {
      if (left-- === 0) return false;
      const path = findPath(graph, { ...query, usable: next.usable });
      if (path.kind === "path") queue.push({ ...next, path });
      isComplete &&= path.kind === "none" || (path.kind === "path" && path.exact);
    }
  }
  return isComplete;
}

/** The branches that together hold every path of this one but its best. */
function* deviations(graph: FlatGraph, { path, given, usable }: Branch): Generator<Omit<Branch, "path">> {
  const aside = usable.slice();
  for (const [at, edge] of path.edges.entries()) {
    if (at >= given) {
      const left = aside.slice();
      left[edge] = 0;
      yield { given: at, usable: left };
    }
    keepOnly(graph, aside, edge);
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
