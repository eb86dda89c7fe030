import type { FlatGraph } from "../topology/flat-graph";
import type { PathAnswer, PathQuery } from "./path-query";
import { smallestOver, sumOver } from "./rank";

export type Found = Extract<PathAnswer, { kind: "path" }>;

/** A bottleneck without a limit counts as this, so that sums of some stay exact. */
const WIDEST = 2 ** 46;

/**
 * What a path adds to the cost of a set, to be compared in order: the sum or, negative, the bottleneck of each goal, then the IGP
 * metric and the hops.
 */
export function costOf(graph: FlatGraph, { goals }: Pick<PathQuery, "goals">, edges: readonly number[]): number[] {
  const byGoals = goals.map((goal) =>
    goal.kind === "sum" ? sumOver(edges, goal.cost) : -Math.min(WIDEST, smallestOver(edges, goal.value)),
  );
  return [...byGoals, sumOver(edges, graph.cost.igp), edges.length];
}

/** Cost of a set of paths, to be compared in order. */
export function totalCost(graph: FlatGraph, query: Pick<PathQuery, "goals">, paths: readonly Found[]): number[] {
  const costs = paths.map(({ edges }) => costOf(graph, query, edges));
  return (costs[0] ?? []).map((_, i) => costs.reduce((sum, cost) => sum + (cost[i] as number), 0));
}

/** Negative when `a` is smaller. */
export function compareCosts(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
}

export function isSamePath(a: Found, b: Found): boolean {
  return a.edges.length === b.edges.length && a.edges.every((edge, i) => edge === b.edges[i]);
}
