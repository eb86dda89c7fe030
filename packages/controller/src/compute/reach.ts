import type { FlatGraph } from "../topology/flat-graph";
import { IgpTree, isLeaf } from "./igp";
import { type Routing, routingBy } from "./routing";
import { growingTree } from "./tree-store";

/** How far routing alone brings a packet along a path. */
export interface Reach {
  /** Number of the algorithm; 0 is plain routing. */
  readonly algorithm: number;
  /** For each position, the furthest one to which routing by the algorithm follows the path and nothing else. */
  readonly furthest: readonly number[];
  /** 1 for each edge that has an adjacency SID of the algorithm, as it may be used by it; all have one when it is absent. */
  readonly usable: Uint8Array | undefined;
}

/**
 * How far routing by an algorithm follows the path along `edges`, whose nodes are `nodes`. Hosts have no SIDs in flexible algorithms, so those
 * end before a host. `strict` leaves no link between routers to routing.
 */
export function reachAlong(
  graph: FlatGraph,
  edges: readonly number[],
  nodes: readonly number[],
  algorithm: number,
  pin: "strict" | "loose",
): Reach {
  const routing = routingBy(graph, algorithm);
  const furthest = (pin === "loose" ? looseReach : strictReach)(routing, edges, nodes);
  return { algorithm, furthest, usable: routing.usable };
}

/**
 * If routing follows a leg, it follows each part of it: so where legs may begin never grows towards the start. From the end, as trees are then asked for what lies
 * next to their root, unless a leg is long indeed.
 */
function looseReach(routing: Routing, edges: readonly number[], nodes: readonly number[]): number[] {
  const furthest = nodes.map((_, position) => position);
  const end = lastWithSid(routing, nodes);
  const begun = Math.min(end, knownReach(routing, edges, nodes));
  let first = edges.length;
  let rest = 0;
  for (let to = end; to > begun && first > 0; to--) {
    if (first >= to) [first, rest] = [to, 0];
    const tree = new IgpTree(routing, nodes[to] as number);
    while (first > 0 && tree.isSoleNextHop(edges[first - 1] as number, rest)) {
      first--;
      rest += routing.cost[edges[first] as number] as number;
      furthest[first] = to;
    }
    rest -= routing.cost[edges[to - 1] as number] as number;
  }
  for (let from = 0; from < begun; from++) furthest[from] = Math.max(furthest[from] as number, begun);
  return furthest;
}

/**
 * How far plain routing follows the path from its very start, by the tree from there, if searches have needed it: many paths begin at one router. It may be further
 * than that. Where the end has a row it is not worth asking.
 */
function knownReach(routing: Routing, edges: readonly number[], nodes: readonly number[]): number {
  const { graph, cost } = routing;
  const last = isLeaf(graph, nodes[edges.length] as number) ? edges.length - 1 : edges.length;
  const first = isLeaf(graph, nodes[0] as number) ? 1 : 0;
  const root = nodes[first] as number;
  if (!routing.isPlain || routing.hasRow(nodes[last] as number)) return 0;
  if (edges.length <= first || hasFreeEdge(graph, root)) return 0;
  const tree = growingTree(graph, root, { cost, usable: undefined, direction: "from" });
  let position = first;
  while (position < edges.length && tree.knownSole(nodes[position + 1] as number) === edges[position]) position++;
  return position;
}

/** Over such an edge a node can have a neighbour as near to the target, which a tree from that node does not tell. */
function hasFreeEdge(graph: FlatGraph, node: number): boolean {
  const end = graph.outStart[node + 1] as number;
  for (let edge = graph.outStart[node] as number; edge < end; edge++) if (graph.cost.igp[edge] === 0) return true;
  return false;
}

/** The same where no link between routers is left to routing: only a host's own first link, and the last one to a host that has no other. */
function strictReach(routing: Routing, edges: readonly number[], nodes: readonly number[]): number[] {
  const { graph } = routing;
  const end = edges.length;
  const last = lastWithSid(routing, nodes);
  const follows = (position: number) => {
    return new IgpTree(routing, nodes[position + 1] as number).isSoleNextHop(edges[position] as number, 0);
  };
  return nodes.map((node, from) => {
    const leaves = from === 0 && graph.isHost[node] === 1 && last >= 1;
    const reached = leaves && follows(0) ? 1 : from;
    const isLast = reached === end - 1 && reached >= 1 && last === end && isLeaf(graph, nodes[end] as number);
    return isLast && follows(reached) ? end : reached;
  });
}

function lastWithSid({ graph, isPlain }: Routing, nodes: readonly number[]): number {
  const end = nodes.length - 1;
  return !isPlain && graph.isHost[nodes[end] as number] === 1 ? end - 1 : end;
}
