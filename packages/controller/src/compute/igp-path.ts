import type { Constraints, PathMetrics } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";
import { findPath } from "./find-path";
import { igpTree, nextHops } from "./igp";
import { BOUNDS, type BoundName, boundOf, UNCONSTRAINED } from "./intent-query";
import { PathInGraph } from "./path-edges";
import { sumOver } from "./rank";
import { passedStops, stopName } from "./stops";
import { usableEdges } from "./usable-edges";

/** Where plain routing takes packets. */
export interface IgpPath {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
  readonly metrics: PathMetrics;
  /** True when there are equally short ways beside this one, so that flows are spread over them. */
  readonly ecmp: boolean;
  /** Constraints of the intent that this path breaks, each as a sentence. */
  readonly breaks: readonly string[];
}

/** The way by IGP metric, and what an intent would find wrong with it; undefined where there is none. */
export function igpPath(
  snapshot: TopologySnapshot,
  source: number,
  target: number,
  constraints: Constraints,
): IgpPath | undefined {
  const graph = snapshot.flat;
  const usable = new Uint8Array(graph.edgeFrom.length).fill(1);
  const answer = findPath(graph, { source, target, via: [], include: [], goals: [], bounds: [], usable });
  if (answer.kind !== "path") return undefined;
  const path = new PathInGraph(graph, answer.edges);
  const { nodes, links, metrics } = path;
  const breaks = brokenConstraints(snapshot, answer.edges, nodes, constraints);
  return { nodes, links, metrics, ecmp: spreads(graph, source, target), breaks };
}

/** True when some node that packets can come through has several next hops. */
function spreads(graph: FlatGraph, source: number, target: number): boolean {
  const tree = igpTree(graph, target);
  const seen = new Set([source]);
  const queue = [source];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    const hops = nextHops(graph, target, tree, node);
    if (hops.length > 1) return true;
    const next = hops.map((edge) => graph.edgeTo[edge] as number).filter((to) => !seen.has(to));
    for (const to of next) seen.add(to);
    queue.push(...next);
  }
  return false;
}

function brokenConstraints(
  snapshot: TopologySnapshot,
  edges: readonly number[],
  nodes: readonly string[],
  constraints: Constraints,
): string[] {
  const { minBandwidthMbps = 0, avoid, affinity, algorithm, via } = constraints;
  const { flat } = snapshot;
  const nothing = {
    avoid: UNCONSTRAINED.avoid,
    affinity: UNCONSTRAINED.affinity,
    algorithm: UNCONSTRAINED.algorithm,
    minBandwidthMbps: 0,
    heedHealth: false,
    heedReservations: false,
  };
  const isOpen = (rules: Partial<typeof nothing>) => {
    const usable = usableEdges(snapshot, { ...nothing, ...rules });
    return edges.every((edge) => usable[edge] === 1);
  };
  const missing = missingIncluded(flat, edges, nodes, constraints.include);
  const findings: [boolean, string][] = [
    ...BOUNDS.map((name): [boolean, string] => {
      const max = constraints[name];
      const bound = boundOf(name, max ?? Number.POSITIVE_INFINITY);
      return [sumOver(edges, flat.cost[bound.metric]) > bound.max, `${EXCEEDS[name]} ${name} ${max ?? ""}`];
    }),
    [!isOpen({ minBandwidthMbps }), `crosses a link below minBandwidthMbps ${minBandwidthMbps}`],
    [!isOpen({ avoid }), "crosses what avoid excludes"],
    [!isOpen({ affinity }), "crosses a link of the wrong affinity"],
    [!isOpen(algorithm === undefined ? {} : { algorithm }), `leaves the topology of algorithm ${algorithm ?? ""}`],
    [missing.length > 0, `does not cross ${missing.join(", ")}`],
    [passedStops(via, nodes).length < via.length, `does not pass ${via.map(stopName).join(", then ")}`],
    [!isOpen({ heedHealth: true }), "crosses a link that is down by observation"],
    [!isOpen({ heedReservations: true }), "crosses a link with less bandwidth left than is to be reserved"],
  ];
  return findings.filter(([broken]) => broken).map(([, text]) => text);
}

const EXCEEDS: Readonly<Record<BoundName, string>> = {
  maxDelayMs: "takes longer than",
  maxJitterMs: "varies more than",
  maxLossPercent: "loses more than",
  maxIgp: "costs more than",
  maxHops: "has more hops than",
};

function missingIncluded(
  { links, edgeLink }: FlatGraph,
  edges: readonly number[],
  nodes: readonly string[],
  include: Constraints["include"],
): string[] {
  const crossed = edges.flatMap((edge) => links[edgeLink[edge] as number] ?? []);
  return [
    ...include.nodes.filter((name) => !nodes.includes(name)),
    ...include.links.filter((name) => !crossed.some((link) => link.name === name)),
    ...include.srlgs.filter((name) => !crossed.some(({ srlgs }) => srlgs.includes(name))),
  ];
}
