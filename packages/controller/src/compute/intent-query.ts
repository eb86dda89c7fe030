import LRUMap from "mnemonist/lru-map";
import type { Constraints, ElementNames, Intent, Stop } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import { lossPercentToUnits, millisecondsToUnits } from "../topology/metric-units";
import { edgeGoals } from "./edge-goals";
import type { Bound, Included, PathQuery } from "./path-query";
import { supersetEdges, usableEdges } from "./usable-edges";

/** Constraints on a sum along the path. */
export const BOUNDS = ["maxDelayMs", "maxJitterMs", "maxLossPercent", "maxIgp", "maxHops"] as const;
export type BoundName = (typeof BOUNDS)[number];

/** What can stand in the way of a path: the fields of an intent's constraints, links that health rules out, and what others have reserved. */
const OBSTACLES = [
  ...BOUNDS,
  "minBandwidthMbps",
  "avoid",
  "affinity",
  "algorithm",
  "include",
  "via",
  "health",
  "reservation",
] as const;
export type Obstacle = (typeof OBSTACLES)[number];

/** Everything about an intent's question but the two ends. */
export type QueryTemplate = Omit<PathQuery, "source" | "target">;

type Asked = Pick<Intent, "objective" | "constraints">;

const NO_ELEMENTS: ElementNames = { nodes: [], links: [], srlgs: [] };
const NO_AFFINITY: Constraints["affinity"] = { any: [], all: [], none: [] };
/** Constraints that ask for nothing. */
export const UNCONSTRAINED: Constraints = { avoid: NO_ELEMENTS, include: NO_ELEMENTS, affinity: NO_AFFINITY, via: [] };

/** The obstacles that an intent really has in this snapshot, in the order of OBSTACLES. */
export function obstaclesOf({ constraints }: Asked, snapshot: TopologySnapshot): Obstacle[] {
  return OBSTACLES.filter((obstacle) => {
    if (obstacle === "health") return snapshot.unusable.size > 0;
    if (obstacle === "reservation") return (snapshot.room?.full.size ?? 0) > 0;
    const value = constraints[obstacle];
    return typeof value === "object" ? Object.values(value).some(isAsked) : value !== undefined;
  });
}

/** A list that is not empty, or an entry of one. */
function isAsked(value: unknown): boolean {
  return !Array.isArray(value) || value.length > 0;
}

/** What a bound is on, and the most that it allows, in inside units. */
export function boundOf(name: BoundName, max: number): Bound {
  switch (name) {
    case "maxDelayMs":
      return { metric: "delay", max: millisecondsToUnits(max) };
    case "maxJitterMs":
      return { metric: "jitter", max: millisecondsToUnits(max) };
    case "maxLossPercent":
      return { metric: "loss", max: lossPercentToUnits(max) };
    case "maxIgp":
      return { metric: "igp", max };
    case "maxHops":
      return { metric: "hops", max };
  }
}

/** Templates of one snapshot that are kept; the least recently used go first. Most intents ask one of a few questions. */
const MAX_TEMPLATES = 256;
const templates = new WeakMap<TopologySnapshot, LRUMap<string, QueryTemplate>>();
const NOTHING_IGNORED: ReadonlySet<Obstacle> = new Set();

/** Turns an intent's objective and constraints into indices and inside units, without the obstacles in `ignored`. */
export function queryTemplate(
  asked: Asked,
  snapshot: TopologySnapshot,
  ignored: ReadonlySet<Obstacle> = NOTHING_IGNORED,
): QueryTemplate {
  // What is reserved looks different to nearly everybody.
  if (ignored !== NOTHING_IGNORED || snapshot.room !== undefined) return makeTemplate(asked, snapshot, ignored);
  const known = templates.get(snapshot) ?? new LRUMap<string, QueryTemplate>(MAX_TEMPLATES);
  templates.set(snapshot, known);
  const key = JSON.stringify([asked.objective, asked.constraints]);
  const template = known.get(key) ?? makeTemplate(asked, snapshot, ignored);
  known.set(key, template);
  return template;
}

function makeTemplate(
  { objective, constraints }: Asked,
  snapshot: TopologySnapshot,
  ignored: ReadonlySet<Obstacle>,
): QueryTemplate {
  const kept = Object.fromEntries(
    Object.entries(constraints).filter(([name]) => !ignored.has(name as Obstacle)),
  ) as Partial<Constraints>;
  const asked: Constraints = { ...UNCONSTRAINED, ...kept };
  const { avoid, affinity, algorithm, include, via, minBandwidthMbps = 0, ...bounds } = asked;
  const documented = { avoid, affinity, algorithm, minBandwidthMbps };
  return {
    goals: edgeGoals(snapshot.flat, objective),
    bounds: BOUNDS.flatMap((name) => (bounds[name] === undefined ? [] : boundOf(name, bounds[name]))),
    via: via.map((stop) => nodesOfStop(stop, snapshot)),
    include: includedOf(include, snapshot),
    usable: usableEdges(snapshot, {
      ...documented,
      heedHealth: !ignored.has("health"),
      heedReservations: !ignored.has("reservation"),
    }),
    superset: supersetEdges(snapshot, documented),
  };
}

/** Hosts are no stops: they carry no transit traffic. */
function nodesOfStop(stop: Stop, { flat }: TopologySnapshot): number[] {
  const names = "node" in stop ? [stop.node] : stop.instances.map(({ node }) => node);
  const nodes = names.flatMap((name) => flat.nodeIndex.get(name) ?? []);
  return [...new Set(nodes)].filter((node) => flat.isHost[node] === 0);
}

function includedOf({ nodes, links, srlgs }: ElementNames, { flat }: TopologySnapshot): Included[] {
  return [
    ...nodes.map((name): Included => ({ kind: "node", node: flat.nodeIndex.get(name) ?? -1 })),
    ...links.map((name): Included => ({ kind: "link", link: flat.linkIndex.get(name) ?? -1 })),
    ...srlgs.map((name): Included => ({ kind: "srlg", name, links: flat.srlgLinks.get(name) ?? [] })),
  ];
}
