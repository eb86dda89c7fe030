import LRUMap from "mnemonist/lru-map";
import type { FlatGraph } from "../topology/flat-graph";
import { NO_NEXT_HOP, treeTowards } from "./distances-to";
import { reversed } from "./path-edges";

/** Hops decide between ways of equal IGP metric; no path has as many. */
const HOP_SHARE = 2 ** 10;
/** Crossing a link of the first way back costs more than any detour: metrics have 24 bits. Sums of 127 of them are exact. */
const SHARED_LINK = 2 ** 45;
/** Ways kept per topology; the least recently used goes first. */
const MAX_KEPT = 8_192;

/** What is kept with a graph. */
interface Kept {
  readonly ways: LRUMap<string, readonly number[]>;
  /** IGP metric and hops of each edge. */
  readonly cost: Float64Array;
}

const kept = new WeakMap<FlatGraph, Kept>();

/**
 * A way back from the end of the path along `out` to its start that shares as few links with the path as can be: none where
 * such a way exists. Of those the best by IGP metric, then by hops, then the links whose names come first. Undefined when
 * there is no other way than the path itself. What a host with one access link leaves by is the same for every path, so what
 * lies between the routers is searched once and kept. Links that health rules out count like all others: a link that fails
 * elsewhere must not give every list whose way back crosses it another key.
 */
export function otherWayBack(graph: FlatGraph, out: readonly number[]): readonly number[] | undefined {
  const first = isOnlyAccess(graph, out[0]) ? 1 : 0;
  const last = isOnlyAccess(graph, graph.edgeReverse[out.at(-1) ?? -1]) ? out.length - 1 : out.length;
  const between = out.slice(first, last);
  if (between.length === 0) return undefined;
  const { ways, cost } = keptWith(graph);
  const key = between.join(" ");
  const way = ways.get(key) ?? searchWay(graph, between, cost);
  ways.set(key, way);
  if (way.length === 0) return undefined;
  return [...reversed(graph, out.slice(last)), ...way, ...reversed(graph, out.slice(0, first))];
}

/** True when the edge is a host's only way into the network. */
function isOnlyAccess(graph: FlatGraph, edge = -1): boolean {
  const node = graph.edgeFrom[edge] ?? -1;
  return graph.isHost[node] === 1 && (graph.outStart[node + 1] as number) - (graph.outStart[node] as number) === 1;
}

/** Empty when there is no other way. */
function searchWay(graph: FlatGraph, out: readonly number[], ownCost: Float64Array): readonly number[] {
  const cost = ownCost.slice();
  for (const edge of out) {
    cost[edge] = (ownCost[edge] as number) + SHARED_LINK;
    const reverse = graph.edgeReverse[edge] as number;
    cost[reverse] = (ownCost[reverse] as number) + SHARED_LINK;
  }
  const home = graph.edgeFrom[out[0] as number] as number;
  const end = graph.edgeTo[out.at(-1) as number] as number;
  const { distance, soleNextHop } = treeTowards(graph, home, cost, undefined, end);
  const way: number[] = [];
  for (let node = end; node !== home; ) {
    const sole = soleNextHop[node] as number;
    if (sole === NO_NEXT_HOP) return [];
    const edge = sole >= 0 ? sole : firstOfEqual(graph, node, distance, cost);
    way.push(edge);
    node = graph.edgeTo[edge] as number;
  }
  const back = reversed(graph, out);
  const isSame = way.length === back.length && way.every((edge, i) => edge === back[i]);
  return isSame ? [] : way;
}

/** Edges of a node are in order of their links' names. */
function firstOfEqual(graph: FlatGraph, node: number, distance: Float64Array, cost: Float64Array): number {
  const end = graph.outStart[node + 1] as number;
  for (let edge = graph.outStart[node] as number; edge < end; edge++) {
    const through = (distance[graph.edgeTo[edge] as number] as number) + (cost[edge] as number);
    if (through === distance[node]) return edge;
  }
  throw new RangeError("a node that has ways has a first one");
}

function keptWith(graph: FlatGraph): Kept {
  const known = kept.get(graph);
  if (known !== undefined) return known;
  const cost = graph.cost.igp.map((metric) => metric * HOP_SHARE + 1);
  const made: Kept = { ways: new LRUMap<string, readonly number[]>(MAX_KEPT), cost };
  kept.set(graph, made);
  return made;
}
