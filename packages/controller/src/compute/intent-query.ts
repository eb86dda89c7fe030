import type { Intent } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import { millisecondsToUnits } from "../topology/metric-units";
import type { Bound, PathQuery } from "./path-query";
import { usableEdges } from "./usable-edges";

/** What can stand in the way of a path: the fields of an intent's constraints, and links that health rules out. */
const OBSTACLES = ["maxDelayMs", "maxHops", "minBandwidthMbps", "avoid", "via", "health"] as const;
export type Obstacle = (typeof OBSTACLES)[number];

/** Everything about an intent's question but the two ends. */
export type QueryTemplate = Omit<PathQuery, "source" | "target">;

type Asked = Pick<Intent, "objective" | "constraints">;

/** The obstacles that an intent really has in this snapshot, in the order of OBSTACLES. */
export function obstaclesOf({ constraints }: Asked, snapshot: TopologySnapshot): Obstacle[] {
  const { avoid } = constraints;
  const present: Record<Obstacle, boolean> = {
    maxDelayMs: constraints.maxDelayMs !== undefined,
    maxHops: constraints.maxHops !== undefined,
    minBandwidthMbps: constraints.minBandwidthMbps !== undefined,
    avoid: avoid.nodes.length + avoid.links.length + avoid.srlgs.length > 0,
    via: constraints.via.length > 0,
    health: snapshot.unusable.size > 0,
  };
  return OBSTACLES.filter((obstacle) => present[obstacle]);
}

/** Turns an intent's objective and constraints into indices and inside units, without the obstacles in `ignored`. */
export function queryTemplate(
  { objective, constraints }: Asked,
  snapshot: TopologySnapshot,
  ignored: ReadonlySet<Obstacle> = new Set(),
): QueryTemplate {
  const bounds: Bound[] = [];
  const { maxDelayMs, maxHops, minBandwidthMbps = 0, avoid, via } = constraints;
  if (maxDelayMs !== undefined && !ignored.has("maxDelayMs")) {
    bounds.push({ metric: "delay", max: millisecondsToUnits(maxDelayMs) });
  }
  if (maxHops !== undefined && !ignored.has("maxHops")) bounds.push({ metric: "hops", max: maxHops });
  return {
    objective: objective.minimize,
    bounds,
    via: ignored.has("via") ? [] : via.map(({ node }) => snapshot.flat.nodeIndex.get(node) ?? -1),
    usable: usableEdges(snapshot, {
      avoid: ignored.has("avoid") ? { nodes: [], links: [], srlgs: [] } : avoid,
      minBandwidthMbps: ignored.has("minBandwidthMbps") ? 0 : minBandwidthMbps,
      heedHealth: !ignored.has("health"),
    }),
  };
}
