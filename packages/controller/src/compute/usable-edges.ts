import LRUMap from "mnemonist/lru-map";
import type { Constraints } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";

/** Parts of the constraints that take edges away before any search. */
export interface EdgeRules {
  readonly avoid: Constraints["avoid"];
  readonly affinity: Constraints["affinity"];
  /** Name of the flexible algorithm whose links alone are left. */
  readonly algorithm: string | undefined;
  /** Least capacity of a link, 0 for any. */
  readonly minBandwidthMbps: number;
  /** False to use links in spite of what health says. */
  readonly heedHealth: boolean;
  /** False to use links though others have reserved what is wanted of them. */
  readonly heedReservations: boolean;
}

/** Different rules of one snapshot that are kept; the least recently used go first. */
const MAX_KEPT = 64;

/** By graph where nothing but documents counts: then what is known of these edges outlives every change of health. */
const kept = new WeakMap<TopologySnapshot | FlatGraph, LRUMap<string, Uint8Array>>();
/** Apart from the others: what a policy finds reserved makes a snapshot of its own, and many find the same. */
const keptInRooms = new WeakMap<FlatGraph, LRUMap<string, Uint8Array>>();

/** 1 for each edge that the rules leave, not to be written to: equal rules share it. Names that do not exist take nothing away. */
export function usableEdges(snapshot: TopologySnapshot, rules: EdgeRules): Uint8Array {
  if (snapshot.room === undefined || !rules.heedReservations) {
    const byRules = rulesOf(kept, rules.heedHealth ? snapshot : snapshot.flat);
    return keep(byRules, JSON.stringify(rules), () => edgesLeft(snapshot, rules));
  }
  const broken = rules.heedHealth ? [...snapshot.unusable] : [];
  const key = JSON.stringify([rules, broken, [...snapshot.room.full]]);
  return keep(rulesOf(keptInRooms, snapshot.flat), key, () => edgesLeft(snapshot, rules));
}

function rulesOf<K extends object>(by: WeakMap<K, LRUMap<string, Uint8Array>>, scope: K): LRUMap<string, Uint8Array> {
  const known = by.get(scope) ?? new LRUMap<string, Uint8Array>(MAX_KEPT);
  by.set(scope, known);
  return known;
}

function keep(byRules: LRUMap<string, Uint8Array>, key: string, make: () => Uint8Array): Uint8Array {
  const usable = byRules.get(key) ?? make();
  byRules.set(key, usable);
  return usable;
}

/** Rules that leave so much of a network share what is known of all of it: ways that keep them are seldom longer. */
const MOST_OF_ALL = 0.8;
const everyEdge = new WeakMap<FlatGraph, Uint8Array>();
const supersets = new WeakMap<Uint8Array, Uint8Array>();

/** Edges for lower bounds: at least those that the rules of documents leave, whatever health and reservations say; one array for many rules. */
export function supersetEdges(
  snapshot: TopologySnapshot,
  rules: Omit<EdgeRules, "heedHealth" | "heedReservations">,
): Uint8Array {
  const left = usableEdges(snapshot, { ...rules, heedHealth: false, heedReservations: false });
  const known = supersets.get(left);
  if (known !== undefined) return known;
  const every = everyEdge.get(snapshot.flat) ?? new Uint8Array(left.length).fill(1);
  everyEdge.set(snapshot.flat, every);
  const count = left.reduce((sum, isLeft) => sum + isLeft, 0);
  const superset = count >= MOST_OF_ALL * left.length ? every : left;
  supersets.set(left, superset);
  return superset;
}

/** What documents leave is the same whatever links are broken, and what they reserve. */
function edgesLeft(snapshot: TopologySnapshot, rules: EdgeRules): Uint8Array {
  if (!rules.heedHealth && !rules.heedReservations) return edgesOfDocuments(snapshot.flat, rules);
  const usable = usableEdges(snapshot, { ...rules, heedHealth: false, heedReservations: false }).slice();
  if (rules.heedHealth) for (const edge of snapshot.unusable) usable[edge] = 0;
  if (rules.heedReservations) for (const edge of snapshot.room?.full ?? []) usable[edge] = 0;
  return usable;
}

function edgesOfDocuments(graph: FlatGraph, rules: EdgeRules): Uint8Array {
  const usable = new Uint8Array(graph.edgeFrom.length).fill(1);
  if (rules.minBandwidthMbps > 0) {
    graph.capacityMbps.forEach((capacity, edge) => {
      if (capacity < rules.minBandwidthMbps) usable[edge] = 0;
    });
  }
  for (const name of rules.avoid.nodes) removeNode(graph, usable, graph.nodeIndex.get(name));
  for (const name of rules.avoid.links) removeLink(graph, usable, graph.linkIndex.get(name));
  for (const srlg of rules.avoid.srlgs) {
    for (const link of graph.srlgLinks.get(srlg) ?? []) removeLink(graph, usable, link);
  }
  removeByAffinity(graph, usable, rules.affinity);
  if (rules.algorithm !== undefined) keepAlgorithm(graph, usable, rules.algorithm);
  return usable;
}

/** Of an algorithm that the topology does not define, no link is left. */
function keepAlgorithm({ algorithms }: FlatGraph, usable: Uint8Array, name: string): void {
  const algorithm = algorithms.find(({ definition }) => definition.name === name);
  usable.forEach((_, edge) => {
    if (algorithm?.usable[edge] !== 1) usable[edge] = 0;
  });
}

/** An access link without any affinity was not coloured at all: only `none` could speak of it, and finds nothing. */
function removeByAffinity(graph: FlatGraph, usable: Uint8Array, { any, all, none }: Constraints["affinity"]): void {
  if (any.length + all.length + none.length === 0) return;
  graph.links.forEach(({ affinity }, link) => {
    const edge = graph.linkEdge[link] as number;
    const isAccess =
      graph.isHost[graph.edgeFrom[edge] as number] === 1 || graph.isHost[graph.edgeTo[edge] as number] === 1;
    if (isAccess && affinity.length === 0) return;
    const has = (name: string) => affinity.includes(name);
    if ((any.length === 0 || any.some(has)) && all.every(has) && !none.some(has)) return;
    removeLink(graph, usable, link);
  });
}

/** Takes both directions of a link away. */
export function removeLink(graph: FlatGraph, usable: Uint8Array, link: number | undefined): void {
  const edge = graph.linkEdge[link ?? -1];
  if (edge === undefined) return;
  usable[edge] = 0;
  usable[graph.edgeReverse[edge] as number] = 0;
}

/** Takes every edge of a node away. */
export function removeNode(graph: FlatGraph, usable: Uint8Array, node: number | undefined): void {
  if (node === undefined) return;
  const end = graph.outStart[node + 1] as number;
  for (let edge = graph.outStart[node] as number; edge < end; edge++) {
    usable[edge] = 0;
    usable[graph.edgeReverse[edge] as number] = 0;
  }
}
