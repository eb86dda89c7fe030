import { goalText, type Intent } from "@sextant/model";
import { findPath } from "../compute/find-path";
import { queryTemplate } from "../compute/intent-query";
import { pathsInOrder } from "../compute/k-shortest";
import { PathInGraph } from "../compute/path-edges";
import { compareRank, decidingGoal } from "../compute/rank";
import { type MetricsView, metricsView } from "../pipeline/intent-view";
import type { TopologySnapshot } from "../topology/snapshot";
import type { NamedPath } from "./path-text";

/** The path that would be the primary if the primary were not there, and what it lost by. */
export interface RunnerUp extends NamedPath {
  readonly metrics: MetricsView;
  /**
   * A goal of the objective, `igp`, `hops`, or `linkNames` where all of those are equal. `protection` where it is the better path
   * alone, but the primary and its backups together are better.
   */
  readonly lostBy: string;
}

/** The best path that is not the primary. */
export function runnerUp(
  asked: Pick<Intent, "objective" | "constraints">,
  snapshot: TopologySnapshot,
  primary: readonly number[],
): RunnerUp | undefined {
  const graph = snapshot.flat;
  const source = graph.edgeFrom[primary[0] ?? -1] ?? -1;
  const target = graph.edgeTo[primary.at(-1) ?? -1] ?? -1;
  const query = { ...queryTemplate(asked, snapshot), source, target };
  const best = findPath(graph, query);
  if (best.kind !== "path") return undefined;
  for (const { edges } of pathsInOrder(graph, query, best)) {
    const order = compareRank(graph, query, edges, primary);
    if (order === 0) continue;
    const { nodes, links, metrics } = new PathInGraph(graph, edges);
    const criteria = [...asked.objective.map(goalText), "igp", "hops"];
    const lostBy = criteria[decidingGoal(graph, query, primary, edges)] ?? "linkNames";
    return { nodes, links, metrics: metricsView(metrics), lostBy: order < 0 ? "protection" : lostBy };
  }
  return undefined;
}
