import type { FlatGraph } from "../topology/flat-graph";
import type { GrowingTree } from "./growing-tree";
import { type Forwarding, forwardingBy, igpRows, PLAIN_KIND } from "./igp-rows";
import { isSoleNextHop } from "./sole-next-hop";
import { growingTree } from "./tree-store";
import { NO_NEXT_HOP, SEVERAL_NEXT_HOPS } from "./wave";

/** How the network forwards towards one node by IGP metric, ECMP included. */
export interface IgpTree {
  /** Cost from a node; Infinity where there is no way. */
  readonly distance: (node: number) => number;
  /** The one edge that a node's least-cost ways begin with, or NO_NEXT_HOP or SEVERAL_NEXT_HOPS. */
  readonly soleNextHop: (node: number) => number;
  /** Whether all least-cost ways from an edge's near end begin with it; `rest` is the least cost from its far end. Looks no further than that takes. */
  readonly isSoleNextHop: (edge: number, rest: number) => boolean;
}

/** Plain shortest-path routing by IGP metric, over every link. RFC 8402 section 3.1.1. */
export const PLAIN_ROUTING = 0;

/**
 * The tree towards `target`, by plain routing or by the flexible algorithm of that number. Trees grow as far as
 * they are asked, and are kept with the graph, and so are rows where much is asked; the one towards a host with one link follows from its router's, so that what
 * is kept does not grow with the hosts.
 */
export function igpTree(graph: FlatGraph, target: number, algorithm = PLAIN_ROUTING): IgpTree {
  const first = graph.inStart[target] as number;
  const isLeaf = graph.isHost[target] === 1 && (graph.inStart[target + 1] as number) === first + 1;
  if (isLeaf && algorithm === PLAIN_ROUTING) return leafTree(graph, target, graph.inEdges[first] as number);
  return routedTree(graph, target, algorithm);
}

/** Where there is a row no tree is needed: it is looked for when something else is asked. */
function routedTree(graph: FlatGraph, target: number, algorithm: number): IgpTree {
  const rows = igpRows(graph);
  const kind = kindOf(graph, algorithm);
  let grown: GrowingTree | undefined;
  const tree = () => (grown ??= treeOf(graph, target, algorithm));
  return {
    distance: (node) => tree().distance(node),
    soleNextHop: (node) => tree().sole(node),
    isSoleNextHop: (edge, rest) => {
      const told = rows.isSole(kind, target, edge);
      if (told !== undefined) return told;
      const before = tree().lookedAt;
      const isSole = isSoleNextHop(graph, tree(), edge, rest);
      rows.spend(kind, target, tree().lookedAt - before);
      return isSole;
    },
  };
}

/** Towards a host behind `access`, its only link. */
function leafTree(graph: FlatGraph, host: number, access: number): IgpTree {
  const router = graph.edgeFrom[access] as number;
  const tree = routedTree(graph, router, PLAIN_ROUTING);
  const last = graph.cost.igp[access] as number;
  const ofRouter = hasFreeDetour(graph, router, tree) ? SEVERAL_NEXT_HOPS : access;
  return {
    distance: (node) => (node === host ? 0 : tree.distance(node) + last),
    soleNextHop: (node) => {
      if (node === host) return NO_NEXT_HOP;
      return node === router ? ofRouter : tree.soleNextHop(node);
    },
    isSoleNextHop: (edge, rest) => {
      const node = graph.edgeFrom[edge] as number;
      if (node === host) return false;
      return node === router ? ofRouter === edge : tree.isSoleNextHop(edge, rest - last);
    },
  };
}

/** Whether a router has a neighbour that is as near to whatever is behind it, over links of metric zero there and back. */
function hasFreeDetour(graph: FlatGraph, router: number, tree: IgpTree): boolean {
  const end = graph.outStart[router + 1] as number;
  for (let edge = graph.outStart[router] as number; edge < end; edge++) {
    const to = graph.edgeTo[edge] as number;
    if (graph.cost.igp[edge] === 0 && graph.isHost[to] === 0 && tree.distance(to) === 0) return true;
  }
  return false;
}

function treeOf(graph: FlatGraph, target: number, algorithm: number): GrowingTree {
  return growingTree(graph, target, { ...forwardingOf(graph, algorithm), direction: "towards" });
}

/** What an algorithm, or plain routing, adds up along ways, per edge. */
export function routingCost(graph: FlatGraph, algorithm: number): Float64Array {
  return forwardingOf(graph, algorithm).cost;
}

function forwardingOf(graph: FlatGraph, algorithm: number): Forwarding {
  return forwardingBy(graph, kindOf(graph, algorithm));
}

/** What rows know an algorithm by. */
function kindOf(graph: FlatGraph, algorithm: number): number {
  if (algorithm === PLAIN_ROUTING) return PLAIN_KIND;
  const place = graph.algorithms.findIndex(({ definition }) => definition.id === algorithm);
  if (place < 0) throw new RangeError(`the graph has no algorithm ${algorithm}`);
  return PLAIN_KIND + 1 + place;
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
