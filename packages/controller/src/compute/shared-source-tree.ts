import LRUMap from "mnemonist/lru-map";
import type { FlatGraph } from "../topology/flat-graph";
import type { PathQuery } from "./path-query";
import { type SourceTree, sourceTree } from "./source-tree";

/** Trees kept per set of usable edges: policies of one source come one after the other. */
const MAX_KEPT = 8;

interface Kept {
  readonly costs: readonly Float64Array[];
  readonly tree: SourceTree;
}

const kept = new WeakMap<Uint8Array, LRUMap<number, Kept>>();

/**
 * The tree of a query's source, shared by all queries with the same array of usable edges, the same costs and the same source. It must
 * not be changed, and neither may an array of usable edges once it was searched.
 */
export function sharedSourceTree(
  graph: FlatGraph,
  query: Pick<PathQuery, "source" | "usable">,
  costs: readonly Float64Array[],
): SourceTree {
  const trees = kept.get(query.usable) ?? new LRUMap<number, Kept>(MAX_KEPT);
  kept.set(query.usable, trees);
  const known = trees.get(query.source);
  if (known?.costs.length === costs.length && known.costs.every((cost, i) => cost === costs[i])) return known.tree;
  const tree = sourceTree(graph, query, costs);
  trees.set(query.source, { costs, tree });
  return tree;
}
