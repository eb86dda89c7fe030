import type { Constraints, PathMetrics } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";
import { findPath } from "./find-path";
import { igpTree, nextHops } from "./igp";
import { pathAlong } from "./path-edges";
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
  const answer = findPath(graph, { source, target, via: [], objective: "igp", bounds: [], usable });
  if (answer.kind !== "path") return undefined;
  const path = pathAlong(graph, answer.edges);
  const breaks = brokenConstraints(snapshot, answer.edges, path.nodes, path.metrics, constraints);
  return { ...path, ecmp: spreads(graph, source, target), breaks };
}

/** True when some node that packets can come through has several next hops. */
function spreads(graph: FlatGraph, source: number, target: number): boolean {
  const { distance } = igpTree(graph, target);
  const seen = new Set([source]);
  const queue = [source];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    const hops = nextHops(graph, target, distance, node);
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
  metrics: PathMetrics,
  { maxDelayMs, maxHops, minBandwidthMbps = 0, avoid, via }: Constraints,
): string[] {
  const open = (rules: Partial<Parameters<typeof usableEdges>[1]>) => {
    const nothing = { avoid: { nodes: [], links: [], srlgs: [] }, minBandwidthMbps: 0, heedHealth: false };
    const usable = usableEdges(snapshot, { ...nothing, ...rules });
    return edges.every((edge) => usable[edge] === 1);
  };
  const findings: [boolean, string][] = [
    [
      maxDelayMs !== undefined && metrics.delayUs > maxDelayMs * 1_000,
      `takes longer than maxDelayMs ${maxDelayMs ?? ""}`,
    ],
    [maxHops !== undefined && metrics.hops > maxHops, `has more hops than maxHops ${maxHops ?? ""}`],
    [!open({ minBandwidthMbps }), `crosses a link below minBandwidthMbps ${minBandwidthMbps}`],
    [!open({ avoid }), "crosses what avoid excludes"],
    [
      !inOrder(
        nodes,
        via.map(({ node }) => node),
      ),
      `does not pass ${via.map(({ node }) => node).join(", then ")}`,
    ],
    [!open({ heedHealth: true }), "crosses a link that is down by observation"],
  ];
  return findings.filter(([broken]) => broken).map(([, text]) => text);
}

function inOrder(nodes: readonly string[], via: readonly string[]): boolean {
  const passed = nodes.reduce((count, node) => (node === via[count] ? count + 1 : count), 0);
  return passed === via.length;
}
