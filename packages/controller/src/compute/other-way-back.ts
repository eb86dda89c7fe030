import LRUMap from "mnemonist/lru-map";
import type { FlatGraph } from "../topology/flat-graph";
import { leastSharingWay } from "./least-sharing-way";
import { reversed } from "./path-edges";

/** Ways kept per topology; the least recently used goes first. */
const MAX_KEPT = 8_192;

const kept = new WeakMap<FlatGraph, LRUMap<string, readonly number[]>>();

/**
 * A way back from the end of the path along `out` to its start that shares as few links with the path as can be: none where
 * such a way exists. Of those the best by IGP metric, then by hops, then the links whose names come first. Undefined when
 * there is no other way than the path itself. What a host with one access link leaves by is the same for every path, so what
 * lies between the routers is searched once and kept. Links that health rules out count like all others: a link that fails
 * elsewhere must not give every list whose way back crosses it another key.
 */
export function otherWayBack(graph: FlatGraph, out: readonly number[]): readonly number[] | undefined {
  const { first, last } = partBetween(graph, out);
  const way = wayBackBetween(graph, out);
  if (way.length === 0) return undefined;
  return reversed(graph, out.slice(last)).concat(way, reversed(graph, out.slice(0, first)));
}

/** The part of it that lies between the routers, which is searched once and kept; empty where there is no other way. */
function wayBackBetween(graph: FlatGraph, out: readonly number[]): readonly number[] {
  const { first, last } = partBetween(graph, out);
  if (first >= last) return [];
  const between = out.slice(first, last);
  const ways = keptWith(graph);
  const key = keyOf(between);
  const way = ways.get(key) ?? searchWay(graph, between);
  ways.set(key, way);
  return way;
}

function keyOf(between: readonly number[]): string {
  return between.join(" ");
}

/** What is left of the path without the only access links of its ends: from one position to another. */
function partBetween(graph: FlatGraph, out: readonly number[]): { readonly first: number; readonly last: number } {
  const first = isOnlyAccess(graph, out[0]) ? 1 : 0;
  const last = isOnlyAccess(graph, graph.edgeReverse[out.at(-1) ?? -1]) ? out.length - 1 : out.length;
  return { first, last };
}

/** True when the edge is a host's only way into the network. */
function isOnlyAccess(graph: FlatGraph, edge = -1): boolean {
  const node = graph.edgeFrom[edge] ?? -1;
  return graph.isHost[node] === 1 && (graph.outStart[node + 1] as number) - (graph.outStart[node] as number) === 1;
}

/** Empty when there is no other way. */
function searchWay(graph: FlatGraph, out: readonly number[]): readonly number[] {
  const way = leastSharingWay(graph, out);
  const back = reversed(graph, out);
  return way.length === back.length && way.every((edge, i) => edge === back[i]) ? [] : way;
}

function keptWith(graph: FlatGraph): LRUMap<string, readonly number[]> {
  const known = kept.get(graph);
  if (known !== undefined) return known;
  const made = new LRUMap<string, readonly number[]>(MAX_KEPT);
  kept.set(graph, made);
  return made;
}
