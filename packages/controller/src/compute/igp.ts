import LRUMap from "mnemonist/lru-map";
import type { FlatGraph } from "../topology/flat-graph";
import { type TreeTowards, treeTowards } from "./distances-to";

/** How the network forwards towards one node by IGP metric, ECMP included. */
export type IgpTree = TreeTowards;

/** Memory that the trees of one topology may take; the least recently used goes first. */
const MAX_CACHE_BYTES = 64 * 1024 * 1024;
const BYTES_PER_NODE = 12;

const caches = new WeakMap<FlatGraph, LRUMap<number, IgpTree>>();

/** The tree towards `target`, kept with the graph (64 MiB of them, at least 16). */
export function igpTree(graph: FlatGraph, target: number): IgpTree {
  const cache = cacheOf(graph);
  const kept = cache.get(target);
  if (kept !== undefined) return kept;
  const tree = treeTowards(graph, target, graph.cost.igp);
  cache.set(target, tree);
  return tree;
}

/**
 * Every edge over which `node` may send towards the tree's target: those on some shortest way. Over links of metric zero this
 * includes a neighbour at the same distance, which a router may or may not use: whoever needs certainty must count it.
 */
export function nextHops(graph: FlatGraph, target: number, distance: Float64Array, node: number): number[] {
  const own = distance[node] as number;
  const edges: number[] = [];
  if (node === target || own === Number.POSITIVE_INFINITY) return edges;
  const end = graph.outStart[node + 1] as number;
  for (let edge = graph.outStart[node] as number; edge < end; edge++) {
    const to = graph.edgeTo[edge] as number;
    if (graph.isHost[to] === 1 && to !== target) continue;
    if ((distance[to] as number) + (graph.cost.igp[edge] as number) === own) edges.push(edge);
  }
  return edges;
}

function cacheOf(graph: FlatGraph): LRUMap<number, IgpTree> {
  const kept = caches.get(graph);
  if (kept !== undefined) return kept;
  const capacity = Math.max(16, Math.floor(MAX_CACHE_BYTES / (BYTES_PER_NODE * graph.nodeNames.length)));
  const cache = new LRUMap<number, IgpTree>(Math.min(capacity, graph.nodeNames.length + 1));
  caches.set(graph, cache);
  return cache;
}
