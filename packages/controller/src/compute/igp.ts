import LRUMap from "mnemonist/lru-map";
import type { FlatGraph } from "../topology/flat-graph";
import { NO_NEXT_HOP, SEVERAL_NEXT_HOPS, type TreeTowards, treeTowards } from "./distances-to";

/** How the network forwards towards one node by IGP metric, ECMP included. */
export interface IgpTree {
  /** Cost from a node; Infinity where there is no way. */
  readonly distance: (node: number) => number;
  /** The one edge that a node's least-cost ways begin with, or NO_NEXT_HOP or SEVERAL_NEXT_HOPS. */
  readonly soleNextHop: (node: number) => number;
}

/** Memory that the trees of one topology may take; the least recently used goes first. */
const MAX_CACHE_BYTES = 64 * 1024 * 1024;
const BYTES_PER_NODE = 12;

const caches = new WeakMap<FlatGraph, LRUMap<number, TreeTowards>>();

/** Plain shortest-path routing by IGP metric, over every link. RFC 8402 section 3.1.1. */
export const PLAIN_ROUTING = 0;

/**
 * The tree towards `target`, by plain routing or by the flexible algorithm of that number. Trees towards routers are kept with the graph (64 MiB of
 * them, at least 16); the one towards a host with one link follows from its router's, so that what is kept does not grow with the hosts.
 */
export function igpTree(graph: FlatGraph, target: number, algorithm = PLAIN_ROUTING): IgpTree {
  const first = graph.inStart[target] as number;
  const isLeaf = graph.isHost[target] === 1 && (graph.inStart[target + 1] as number) === first + 1;
  if (isLeaf && algorithm === PLAIN_ROUTING) return leafTree(graph, target, graph.inEdges[first] as number);
  const { distance, soleNextHop } = keptTree(graph, target, algorithm);
  return {
    distance: (node) => distance[node] as number,
    soleNextHop: (node) => soleNextHop[node] as number,
  };
}

/** Towards a host behind `access`, its only link. */
function leafTree(graph: FlatGraph, host: number, access: number): IgpTree {
  const router = graph.edgeFrom[access] as number;
  const { distance, soleNextHop } = keptTree(graph, router, PLAIN_ROUTING);
  const last = graph.cost.igp[access] as number;
  const ofRouter = hasFreeDetour(graph, router, distance) ? SEVERAL_NEXT_HOPS : access;
  return {
    distance: (node) => (node === host ? 0 : (distance[node] as number) + last),
    soleNextHop: (node) => {
      if (node === host) return NO_NEXT_HOP;
      return node === router ? ofRouter : (soleNextHop[node] as number);
    },
  };
}

/** Whether a router has a neighbour that is as near to whatever is behind it, over links of metric zero there and back. */
function hasFreeDetour(graph: FlatGraph, router: number, distance: Float64Array): boolean {
  const end = graph.outStart[router + 1] as number;
  for (let edge = graph.outStart[router] as number; edge < end; edge++) {
    const to = graph.edgeTo[edge] as number;
    if (graph.cost.igp[edge] === 0 && graph.isHost[to] === 0 && distance[to] === 0) return true;
  }
  return false;
}

function keptTree(graph: FlatGraph, target: number, algorithm: number): TreeTowards {
  const cache = cacheOf(graph);
  const key = algorithm * graph.nodeNames.length + target;
  const kept = cache.get(key);
  if (kept !== undefined) return kept;
  const { cost, usable } = forwardingOf(graph, algorithm);
  const tree = treeTowards(graph, target, cost, usable);
  cache.set(key, tree);
  return tree;
}

function forwardingOf(graph: FlatGraph, algorithm: number): { cost: Float64Array; usable: Uint8Array | undefined } {
  if (algorithm === PLAIN_ROUTING) return { cost: graph.cost.igp, usable: undefined };
  const flexible = graph.algorithms.find(({ definition }) => definition.id === algorithm);
  if (flexible === undefined) throw new RangeError(`the graph has no algorithm ${algorithm}`);
  return flexible;
}

/**
 * Every edge over which `node` may send towards the tree's target: those on some shortest way. Over links of metric zero this
 * includes a neighbour at the same distance, which a router may or may not use: whoever needs certainty must count it.
 */
export function nextHops(graph: FlatGraph, target: number, tree: IgpTree, node: number): number[] {
  const own = tree.distance(node);
  const edges: number[] = [];
  if (node === target || own === Number.POSITIVE_INFINITY) return edges;
  const end = graph.outStart[node + 1] as number;
  for (let edge = graph.outStart[node] as number; edge < end; edge++) {
    const to = graph.edgeTo[edge] as number;
    if (graph.isHost[to] === 1 && to !== target) continue;
    if (tree.distance(to) + (graph.cost.igp[edge] as number) === own) edges.push(edge);
  }
  return edges;
}

function cacheOf(graph: FlatGraph): LRUMap<number, TreeTowards> {
  const kept = caches.get(graph);
  if (kept !== undefined) return kept;
  const capacity = Math.max(16, Math.floor(MAX_CACHE_BYTES / (BYTES_PER_NODE * graph.nodeNames.length)));
  const most = (graph.nodeNames.length + 1) * (graph.algorithms.length + 1);
  const cache = new LRUMap<number, TreeTowards>(Math.min(capacity, most));
  caches.set(graph, cache);
  return cache;
}
