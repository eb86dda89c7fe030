import LRUMap from "mnemonist/lru-map";
import type { FlatGraph } from "../topology/flat-graph";
import { leastSharingWay } from "./least-sharing-way";
import { reversed } from "./path-edges";

/** Ways kept per topology; the least recently used goes first. */
const MAX_KEPT = 8_192;

/** A path between routers, and its other way back: empty where there is none. */
interface Kept {
  readonly between: readonly number[];
  readonly way: readonly number[];
}

/** By a hash of the path. */
const kept = new WeakMap<FlatGraph, LRUMap<number, Kept>>();

/**
 * A way back from the end of the path along `out` to its start that shares as few links with the path as can be: none where
 * such a way exists. Of those the best by IGP metric, then by hops, then the links whose names come first. Undefined when
 * there is no other way than the path itself. What a host with one access link leaves by is the same for every path, so what
 * lies between the routers is searched once and kept. Links that health rules out count like all others: a link that fails
 * elsewhere must not give every list whose way back crosses it another key.
 */
export function otherWayBack(graph: FlatGraph, out: readonly number[]): readonly number[] | undefined {
  const { first, last } = partBetween(graph, out);
  const way = first < last ? wayBackBetween(graph, out.slice(first, last)) : [];
  if (way.length === 0) return undefined;
  return reversed(graph, out.slice(last)).concat(way, reversed(graph, out.slice(0, first)));
}

/** Empty where there is no other way. */
function wayBackBetween(graph: FlatGraph, between: readonly number[]): readonly number[] {
  const ways = keptWith(graph);
  const hash = hashOf(between);
  const known = ways.get(hash);
  if (known !== undefined && isEqual(known.between, between)) return known.way;
  const way = searchWay(graph, between);
  ways.set(hash, { between, way });
  return way;
}

/** FNV-1a over whole numbers; paths that share one take turns. */
function hashOf(numbers: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const number of numbers) hash = Math.imul(hash ^ number, 0x01000193);
  return hash;
}

function isEqual(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, i) => number === b[i]);
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
  return isEqual(way, reversed(graph, out)) ? [] : way;
}

function keptWith(graph: FlatGraph): LRUMap<number, Kept> {
  const known = kept.get(graph);
  if (known !== undefined) return known;
  const made = new LRUMap<number, Kept>(MAX_KEPT);
  kept.set(graph, made);
  return made;
}
