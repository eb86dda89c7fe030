import type { FlatGraph } from "../topology/flat-graph";
import type { Fates } from "./disjoint";
import { findPath, wayOfTree } from "./find-path";
import type { FlowRules } from "./flow-rules";
import { type Flow, leastCostFlow } from "./least-cost-flow";
import { onlyPair } from "./only-pair";
import type { PathQuery } from "./path-query";
import type { Found } from "./path-set";
import { rankCosts } from "./rank";

/**
 * Paths of least total cost that are disjoint by links and, where the fates have nodes, by nodes; as many as there are, `count` at most, the
 * best first. Bounds, `via`, `include`, goals that are bottlenecks and shared-risk groups are not heeded: with any of them the
 * paths are a lower bound of the cost, and their number an upper bound of what there can be.
 */
export function disjointFlow(graph: FlatGraph, query: PathQuery, fates: Fates, count: number): Found[] {
  const rules = { ...rulesOf(fates), sharing: false };
  const flow = count === 2 ? pairBeside(graph, query, rules) : undefined;
  return pathsOf(graph, query, flow ?? leastCostFlow(graph, query, rankCosts(graph, query), rules, count));
}

/** The flow of the two paths that most intents ask for, in the short way where that will do. */
function pairBeside(graph: FlatGraph, query: PathQuery, rules: FlowRules): Flow | undefined {
  const [cost] = rankCosts(graph, query);
  const best = rules.nodes ? undefined : wayOfTree(graph, query);
  return best === undefined || cost === undefined ? undefined : onlyPair(graph, query, cost, best, rules);
}

/** Two paths that share as few links as can be, then as few nodes, then cost least; what `disjointFlow` does not heed is not heeded. */
export function leastSharingFlow(graph: FlatGraph, query: PathQuery, fates: Fates): Found[] {
  const rules = { ...rulesOf(fates), sharing: true };
  return pathsOf(graph, query, leastCostFlow(graph, query, rankCosts(graph, query), rules, 2));
}

function rulesOf({ freeLinks, freeNodes, disjoint }: Fates) {
  return { freeLinks, freeNodes, nodes: disjoint === "node" };
}

/** Takes the flow apart: the best path within it, then the best of what is left, and so on. */
function pathsOf(graph: FlatGraph, query: PathQuery, flow: Flow): Found[] {
  if (flow.ways !== undefined) return flow.ways.map((edges) => ({ kind: "path", edges, exact: true }));
  const left = new Map(flow.edges);
  const usable = takeMarks(graph);
  for (const edge of left.keys()) usable[edge] = 1;
  const isSums = query.goals.every(({ kind }) => kind === "sum");
  const goals = isSums ? query.goals : query.goals.filter(({ kind }) => kind === "sum");
  const superset = query.superset ?? query.usable;
  const plain = { ...query, goals, bounds: [], via: [], include: [], usable, superset };
  const paths: Found[] = [];
  while (paths.length < flow.units) {
    const next = findPath(graph, plain);
    if (next.kind !== "path") throw new RangeError("a flow is made of paths");
    for (const edge of next.edges) {
      const units = (left.get(edge) ?? 0) - 1;
      left.set(edge, units);
      if (units === 0) usable[edge] = 0;
    }
    paths.push(next);
  }
  for (const edge of left.keys()) usable[edge] = 0;
  spare.set(graph, usable);
  return paths;
}

/** Marks per edge for the next flow: none is set. */
const spare = new WeakMap<FlatGraph, Uint8Array>();

function takeMarks(graph: FlatGraph): Uint8Array {
  const marks = spare.get(graph) ?? new Uint8Array(graph.edgeFrom.length);
  spare.delete(graph);
  return marks;
}
