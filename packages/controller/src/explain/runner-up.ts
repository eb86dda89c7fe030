import { goalText, type Intent } from "@sextant/model";
import { findPath } from "../compute/find-path";
import { queryTemplate } from "../compute/intent-query";
import { pathAlong } from "../compute/path-edges";
import { compareRank, decidingGoal } from "../compute/rank";
import { removeLink } from "../compute/usable-edges";
import { type MetricsView, metricsView } from "../pipeline/intent-view";
import type { TopologySnapshot } from "../topology/snapshot";

/** The path that would be the primary if the primary were not there, and what it lost by. */
export interface RunnerUp {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
  readonly metrics: MetricsView;
  /**
   * A goal of the objective, `igp`, `hops`, or `linkNames` where all of those are equal. `protection` where it is the better path
   * alone, but the primary and its backups together are better.
   */
  readonly lostBy: string;
}

/** Any other path lacks some link of the primary, so the best without one of them, for each of them, is the second best of all. */
export function runnerUp(
  asked: Pick<Intent, "objective" | "constraints">,
  snapshot: TopologySnapshot,
  primary: readonly number[],
): RunnerUp | undefined {
  const graph = snapshot.flat;
  const source = graph.edgeFrom[primary[0] ?? -1] ?? -1;
  const target = graph.edgeTo[primary.at(-1) ?? -1] ?? -1;
  const query = { ...queryTemplate(asked, snapshot), source, target };
  let best: readonly number[] | undefined;
  for (const edge of primary) {
    const usable = query.usable.slice();
    removeLink(graph, usable, graph.edgeLink[edge]);
    const answer = findPath(graph, { ...query, usable });
    if (answer.kind !== "path") continue;
    if (best === undefined || compareRank(graph, query, answer.edges, best) < 0) best = answer.edges;
  }
  if (best === undefined) return undefined;
  const { nodes, links, metrics } = pathAlong(graph, best);
  if (compareRank(graph, query, best, primary) < 0) {
    return { nodes, links, metrics: metricsView(metrics), lostBy: "protection" };
  }
  const criteria = [...asked.objective.map(goalText), "igp", "hops"];
  const lostBy = criteria[decidingGoal(graph, query, primary, best)] ?? "linkNames";
  return { nodes, links, metrics: metricsView(metrics), lostBy };
}
