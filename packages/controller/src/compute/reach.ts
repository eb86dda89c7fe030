import type { FlatGraph } from "../topology/flat-graph";
import { igpTree, PLAIN_ROUTING, routingCost } from "./igp";
import { growingTree } from "./tree-store";

/** How far routing alone brings a packet along a path. */
export interface Reach {
  /** Number of the algorithm; 0 is plain routing. */
  readonly algorithm: number;
  /** For each position, the furthest one to which routing by the algorithm follows the path and nothing else. */
  readonly furthest: readonly number[];
  /** Whether the algorithm has an adjacency SID for the link behind a position: whether it may use that link. */
  readonly crosses: (position: number) => boolean;
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
  const usable = graph.algorithms.find(({ definition }) => definition.id === algorithm)?.usable;
  const furthest = (pin === "loose" ? looseReach : strictReach)(graph, edges, nodes, algorithm);
  return {
    algorithm,
    furthest,
    crosses: (position) => usable === undefined || usable[edges[position] as number] === 1,
  };
}

/**
 * If routing follows a leg, it follows each part of it: so where legs may begin never grows towards the start. From the end, as trees are then asked for what lies
 * next to their root, unless a leg is long indeed.
 */
function looseReach(graph: FlatGraph, edges: readonly number[], nodes: readonly number[], algorithm: number): number[] {
  const furthest = nodes.map((_, position) => position);
  const cost = routingCost(graph, algorithm);
  const end = lastWithSid(graph, nodes, algorithm);
  const begun = Math.min(end, algorithm === PLAIN_ROUTING ? knownReach(graph, edges, nodes) : 0);
  let first = edges.length;
  let rest = 0;
  for (let to = end; to > begun; to--) {
    if (first >= to) [first, rest] = [to, 0];
    const tree = igpTree(graph, nodes[to] as number, algorithm);
    while (first > 0 && tree.isSoleNextHop(edges[first - 1] as number, rest)) {
      first--;
      rest += cost[edges[first] as number] as number;
      furthest[first] = to;
    }
    rest -= cost[edges[to - 1] as number] as number;
  }
  return furthest.map((position, from) => (from < begun ? Math.max(position, begun) : position));
}

/**
 * How far plain routing follows the path from its very start, by the tree from there, if searches have needed it: many paths begin at one router. It may be further
 * than that.
 */
function knownReach(graph: FlatGraph, edges: readonly number[], nodes: readonly number[]): number {
  const first = isLeaf(graph, nodes[0] as number) ? 1 : 0;
  const root = nodes[first] as number;
  if (edges.length <= first || hasFreeEdge(graph, root)) return 0;
  const tree = growingTree(graph, root, { cost: graph.cost.igp, usable: undefined, direction: "from" });
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
function strictReach(
  graph: FlatGraph,
  edges: readonly number[],
  nodes: readonly number[],
  algorithm: number,
): number[] {
  const end = nodes.length - 1;
  const last = lastWithSid(graph, nodes, algorithm);
  return nodes.map((node, from) => {
    const leaves = from === 0 && graph.isHost[node] === 1 && last >= 1;
    const reached = leaves && follows(graph, edges, nodes, 0, 1, algorithm) ? 1 : from;
    const isLast = reached === end - 1 && reached >= 1 && last === end && isLeaf(graph, nodes[end] as number);
    const arrives = isLast && follows(graph, edges, nodes, reached, end, algorithm);
    return arrives ? end : reached;
  });
}

function lastWithSid(graph: FlatGraph, nodes: readonly number[], algorithm: number): number {
  const end = nodes.length - 1;
  return algorithm !== PLAIN_ROUTING && graph.isHost[nodes[end] as number] === 1 ? end - 1 : end;
}

/** A host with one link: whatever the metrics, there is one way to it from its router. */
function isLeaf(graph: FlatGraph, node: number): boolean {
  return graph.isHost[node] === 1 && graph.inStart[node + 1] === (graph.inStart[node] as number) + 1;
}

/** Whether routing by an algorithm takes packets between two positions of a path over its edges, and no others. */
export function follows(
  graph: FlatGraph,
  edges: readonly number[],
  nodes: readonly number[],
  from: number,
  to: number,
  algorithm = PLAIN_ROUTING,
): boolean {
  const tree = igpTree(graph, nodes[to] as number, algorithm);
  if (from === 0 && algorithm === PLAIN_ROUTING && knownReach(graph, edges, nodes) >= to) return true;
  const cost = routingCost(graph, algorithm);
  let rest = 0;
  for (let position = to - 1; position >= from; position--) {
    const edge = edges[position] as number;
    if (!tree.isSoleNextHop(edge, rest)) return false;
    rest += cost[edge] as number;
  }
  return true;
}
