import type { FlatGraph } from "../topology/flat-graph";
import { treeMaker } from "./tree-store";
import { NO_NEXT_HOP, SEVERAL_NEXT_HOPS, Wave, type WaveRules } from "./wave";
import { NO_WAY, type TreeRules, type WholeTree } from "./whole-tree";

export { NO_NEXT_HOP, SEVERAL_NEXT_HOPS };

/** Least-cost ways from every node to one. */
export interface TreeTowards {
  /** Cost from each node; Infinity where there is no way. */
  readonly distance: Float64Array;
  /** The one edge that each node's least-cost ways begin with, or NO_NEXT_HOP or SEVERAL_NEXT_HOPS. */
  readonly soleNextHop: Int32Array;
}

/** The whole tree towards a node. `usable` holds 1 for each edge that may be used; all may when it is absent. */
export function treeTowards(graph: FlatGraph, target: number, cost: Float64Array, usable?: Uint8Array): TreeTowards {
  const rules = { cost, usable, direction: "towards" } as const;
  const whole = treeMaker(graph, rules).make(target);
  if (whole === undefined) return grow(graph, [{ node: target, rest: 0 }], { ...rules, root: target });
  return { distance: distancesOf(whole), soleNextHop: whole.distance.map((_, node) => whole.sole(node)) };
}

/** Least cost between one node and every other over any edges; Infinity where there is no way. */
export function allDistances(
  graph: FlatGraph,
  root: number,
  rules: Pick<TreeRules, "cost" | "direction">,
): Float64Array {
  const byAny = { ...rules, usable: undefined };
  const whole = treeMaker(graph, byAny).make(root);
  return whole === undefined ? grow(graph, [{ node: root, rest: 0 }], { ...byAny, root }).distance : distancesOf(whole);
}

function distancesOf(whole: WholeTree): Float64Array {
  const distances = Float64Array.from(whole.distance);
  for (let node = 0; node < distances.length; node++)
    if (distances[node] === NO_WAY) distances[node] = Number.POSITIVE_INFINITY;
  return distances;
}

/** Where ways may end, and what is still to come from there. */
export interface Start {
  readonly node: number;
  readonly rest: number;
}

/** Least cost from every node to one of `starts` and on from there; Infinity where there is none. The rest as in `treeTowards`. */
export function distancesToAny(
  graph: FlatGraph,
  starts: readonly Start[],
  cost: Float64Array,
  usable: Uint8Array,
): Float64Array {
  const root = starts.length === 1 ? starts[0]?.node : undefined;
  return grow(graph, starts, { cost, usable, root, direction: "towards" }).distance;
}

function grow(graph: FlatGraph, starts: readonly Start[], rules: WaveRules): TreeTowards {
  const wave = new Wave(graph);
  for (const { node, rest } of starts) wave.begin(node, rest);
  wave.advance(graph, rules);
  return { distance: wave.distance, soleNextHop: wave.sole };
}
