import type { FlatGraph } from "../topology/flat-graph";
import type { GrowingTree } from "./growing-tree";
import { giveWaveBack, takeWave, type Wave } from "./wave";

/** How much of a way is looked for from its beginning; the rest is the tree's, which is kept. Both grow fast with their length. */
const FORWARD_SHARE = 0.5;
/** Where there is another way it often costs much less: it is looked for among cheap ones first. */
const STAGES = [0.5, 0.7, 0.85, 1];

/**
 * Whether all least-cost ways to a tree's root from the near end of an edge begin with that edge; `rest` is the least cost from its far end. Over links of cost zero a
 * neighbour at the same cost is another next hop. Looks for another way of at most the same cost from both ends (as in bidirectional search: Pohl
 * 1971), so that neither sees much of the network; the answer is kept with the tree.
 */
export function isSoleNextHop(graph: FlatGraph, tree: GrowingTree, edge: number, rest: number): boolean {
  const near = tree.knownSole(graph.edgeFrom[edge] as number);
  if (near !== undefined) return near === edge;
  const known = tree.soleNextHops.get(edge);
  if (known !== undefined) return known;
  const cost = rest + (tree.rules.cost[edge] as number);
  const isSole = isLeastWay(graph, tree, edge) && !STAGES.some((share) => hasOtherWay(graph, tree, edge, share * cost));
  tree.noteSoleNextHop(edge, isSole);
  return isSole;
}

/** The tree's rules allow the edge, and ways do not end where it begins. */
function isLeastWay(graph: FlatGraph, { rules }: GrowingTree, edge: number): boolean {
  return graph.edgeFrom[edge] !== rules.root && isOpen(graph, rules, edge);
}

function isOpen(graph: FlatGraph, { root, usable }: GrowingTree["rules"], edge: number): boolean {
  const to = graph.edgeTo[edge] as number;
  return (usable === undefined || usable[edge] === 1) && (graph.isHost[to] === 0 || to === root);
}

/**
 * Whether there is another way of at most so much. Every such way has a last node that it reaches at no more than a share of that: those are searched for, and
 * the step after each ends where the tree knows the rest.
 */
function hasOtherWay(graph: FlatGraph, tree: GrowingTree, edge: number, most: number): boolean {
  const forward = Math.floor(most * FORWARD_SHARE);
  tree.growWithin(most - forward);
  const wave = takeWave(graph);
  const isThere = meets(graph, tree, edge, { most, forward }, wave);
  tree.noteLookedAt(wave.reachedCount);
  giveWaveBack(graph, wave);
  return isThere;
}

function meets(
  graph: FlatGraph,
  tree: GrowingTree,
  edge: number,
  { most, forward }: { readonly most: number; readonly forward: number },
  wave: Wave,
): boolean {
  const { rules } = tree;
  const { cost, root } = rules;
  const start = graph.edgeFrom[edge] as number;
  wave.begin(start, 0);
  for (let key = wave.heap.minKey(); key <= forward; key = wave.heap.minKey()) {
    const node = wave.heap.pop() as number;
    if (key > (wave.distance[node] as number)) continue;
    const end = graph.outStart[node + 1] as number;
    for (let other = graph.outStart[node] as number; other < end; other++) {
      if (other === edge || !isOpen(graph, rules, other)) continue;
      const to = graph.edgeTo[other] as number;
      const through = key + (cost[other] as number);
      if (through > most) continue;
      // Round a circle that costs nothing, or there.
      if (to === root || (to === start && through === 0)) return true;
      if (through > forward) {
        if (tree.isWithin(to, most - through)) return true;
      } else if (through < (wave.distance[to] as number)) {
        wave.reach(to, through);
        wave.heap.push(through, to);
      }
    }
  }
  return false;
}
