import type { FlatGraph } from "../topology/flat-graph";
import { igpTree } from "./igp";

/**
 * One segment of a path. `node` routes to the node at `position` on the path by IGP; `adjacency` routes to the node before
 * `position` and crosses the link to it. Positions count from 0, the start.
 */
export interface Step {
  readonly kind: "node" | "adjacency";
  readonly position: number;
}

interface Choice {
  /** Segments from here to the end. */
  readonly steps: number;
  /** How many of them are adjacencies. */
  readonly adjacencies: number;
  readonly first: Step | undefined;
}

/**
 * The fewest segments that make the IGP follow exactly the path along `edges`; none when plain routing does. Among equally
 * few: the fewest adjacencies, then the first segment that reaches furthest. Undefined when nothing can, which is the case
 * when a host does not route its first hop over the path's own first link: hosts have no adjacency SIDs to impose on themselves.
 *
 * Between two segments the packet goes wherever the IGP may send it, so each leg must be the only shortest way. If a leg is,
 * every part of it is; hence `reach` below never shrinks along the path, and the best continuation from each position follows
 * from those of the positions behind it (dynamic programming from the end).
 */
export function minimalSteps(graph: FlatGraph, edges: readonly number[]): readonly Step[] | undefined {
  const nodes = nodesAlong(graph, edges);
  const length = edges.length;
  if (followsIgp(graph, edges, nodes, 0, length)) return [];
  const reach = reachOfPositions(graph, edges, nodes);
  const choices: (Choice | undefined)[] = new Array<undefined>(length + 1);
  for (let from = length; from >= 0; from--) choices[from] = bestFrom(from, graph, nodes, reach, choices);
  let choice = choices[0];
  if (choice === undefined) return undefined;
  const steps: Step[] = [];
  while (choice?.first !== undefined) {
    steps.push(choice.first);
    choice = choices[choice.first.position];
  }
  return steps;
}

/** Indices of the nodes along the edges, the start included. */
export function nodesAlong(graph: FlatGraph, edges: readonly number[]): number[] {
  return [graph.edgeFrom[edges[0] ?? -1] ?? -1, ...edges.map((edge) => graph.edgeTo[edge] as number)];
}

function bestFrom(
  from: number,
  graph: FlatGraph,
  nodes: readonly number[],
  reach: readonly number[],
  later: readonly (Choice | undefined)[],
): Choice | undefined {
  const end = nodes.length - 1;
  const furthest = reach[from] as number;
  if (furthest === end) return { steps: 0, adjacencies: 0, first: undefined };
  let best: Choice | undefined;
  const consider = (first: Step) => {
    const rest = later[first.position];
    if (rest === undefined) return;
    const steps = rest.steps + 1;
    const adjacencies = rest.adjacencies + (first.kind === "adjacency" ? 1 : 0);
    if (best !== undefined && (steps > best.steps || (steps === best.steps && adjacencies >= best.adjacencies))) return;
    best = { steps, adjacencies, first };
  };
  // Furthest first, so that an equally good nearer one does not replace it.
  for (let position = furthest + 1; position > from; position--) {
    if (position <= furthest) consider({ kind: "node", position });
    if (graph.isHost[nodes[position - 1] as number] === 0) consider({ kind: "adjacency", position });
  }
  return best;
}

/** For each position, the furthest one to which the IGP follows the path and nothing else. */
function reachOfPositions(graph: FlatGraph, edges: readonly number[], nodes: readonly number[]): number[] {
  const reach: number[] = [];
  let furthest = 0;
  for (let from = 0; from < nodes.length; from++) {
    furthest = Math.max(furthest, from);
    while (furthest < edges.length && followsIgp(graph, edges, nodes, from, furthest + 1)) furthest++;
    reach.push(furthest);
  }
  return reach;
}

function followsIgp(
  graph: FlatGraph,
  edges: readonly number[],
  nodes: readonly number[],
  from: number,
  to: number,
): boolean {
  const tree = igpTree(graph, nodes[to] as number);
  for (let position = from; position < to; position++) {
    if (tree.soleNextHop(nodes[position] as number) !== edges[position]) return false;
  }
  return true;
}
