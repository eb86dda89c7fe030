import type { Condition, Intent, Metric, Sid } from "@sextant/model";
import { type ComputedPath, compute } from "../pipeline/compute";
import { policyConditions } from "../pipeline/conditions";
import { encode, type EncodeResult, stepsOf } from "../pipeline/encode";
import { type MetricsView, metricsView, noPathView, type NoPathView } from "../pipeline/intent-view";
import type { TopologySnapshot } from "../topology/snapshot";
import { findPath } from "../compute/find-path";
import { igpPath } from "../compute/igp-path";
import { type Obstacle, obstaclesOf, queryTemplate } from "../compute/intent-query";
import { edgesAlong, pathAlong } from "../compute/path-edges";

/** One link of a path, with the sums up to and including it. */
export interface HopExplanation {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  readonly sums: MetricsView;
}

/** One segment: what the SID stands for and how far it brings the packet. */
export interface SegmentExplanation {
  readonly sid: Sid;
  readonly kind: "node" | "adjacency";
  /** Node whose SID it is. */
  readonly node: string;
  /** Link that an adjacency crosses. */
  readonly link?: string;
  /** Node on the path where this segment ends. */
  readonly endsAt: string;
}

/** A constraint that costs something: without it the primary would be another path. */
export interface BindingConstraint {
  readonly constraint: Obstacle;
  readonly without: { readonly nodes: readonly string[]; readonly metrics: MetricsView };
}

export interface CandidateExplanation {
  readonly preference: number;
  readonly exact: boolean;
  readonly hops: readonly HopExplanation[];
  /** Empty when the path cannot be put into a header. */
  readonly segments: readonly SegmentExplanation[];
  /** Why it cannot. */
  readonly notEncoded?: string;
}

/** Where plain routing would take the packets. */
export interface IgpPathView {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
  readonly metrics: MetricsView;
  readonly ecmp: boolean;
  readonly breaks: readonly string[];
}

/** Why a policy has the paths it has; plain JSON, the stable form of `sextant explain -o json`. */
export interface PolicyExplanation {
  readonly intent: string;
  readonly generation: number;
  readonly host: string;
  readonly endpoint: string;
  /** Node where the path ends: differs from the endpoint when that is a prefix. */
  readonly egress?: string;
  readonly objective: Metric;
  readonly candidates: readonly CandidateExplanation[];
  readonly noPath?: NoPathView;
  /** Constraints that bind the primary. */
  readonly binding: readonly BindingConstraint[];
  /** Absent when plain routing does not reach the endpoint either. */
  readonly igpPath?: IgpPathView;
  readonly conditions: readonly Condition[];
}

/** Explains one policy of an intent from scratch; undefined when the intent has no policy for that host and endpoint. */
export function explainPolicy(
  intent: Intent,
  snapshot: TopologySnapshot,
  host: string,
  endpoint: string,
): PolicyExplanation | undefined {
  const computed = compute(intent, snapshot).policies.find((row) => row.host === host && row.endpoint === endpoint);
  if (computed === undefined) return undefined;
  const graph = snapshot.flat;
  const candidates = computed.candidates.map((path) => ({ path, encoded: encode(path, snapshot) }));
  const source = graph.nodeIndex.get(host) ?? -1;
  const target = graph.nodeIndex.get(computed.egress ?? "") ?? -1;
  const [primary] = computed.candidates;
  const plain = target < 0 ? undefined : igpPath(snapshot, source, target, intent.constraints);
  return {
    intent: intent.name,
    generation: intent.generation,
    host,
    endpoint,
    ...(computed.egress === undefined ? {} : { egress: computed.egress }),
    objective: intent.objective.minimize,
    candidates: candidates.map(({ path, encoded }) => explainCandidate(snapshot, path, encoded)),
    ...(computed.noPath === undefined ? {} : { noPath: noPathView(computed.noPath) }),
    binding: primary === undefined ? [] : bindingConstraints(intent, snapshot, source, target, primary),
    ...(plain === undefined ? {} : { igpPath: { ...plain, metrics: metricsView(plain.metrics) } }),
    conditions: policyConditions({ computed, candidates }, intent.generation),
  };
}

function explainCandidate(snapshot: TopologySnapshot, path: ComputedPath, encoded: EncodeResult): CandidateExplanation {
  const { preference, exact, nodes, links } = path;
  const edges = edgesAlong(snapshot.flat, path);
  const hops = links.map((link, i) => ({
    link,
    from: nodes[i] ?? "",
    to: nodes[i + 1] ?? "",
    sums: metricsView(pathAlong(snapshot.flat, edges.slice(0, i + 1)).metrics),
  }));
  if (encoded.kind !== "encoded") return { preference, exact, hops, segments: [], notEncoded: encoded.message };
  const steps = stepsOf(snapshot.flat, edges) ?? [];
  const segments = steps.map(({ kind, position }, i): SegmentExplanation => {
    const endsAt = nodes[position] ?? "";
    const sid = encoded.list.segments[i] as Sid;
    if (kind === "node") return { sid, kind, node: endsAt, endsAt };
    return { sid, kind, node: nodes[position - 1] ?? "", link: links[position - 1] ?? "", endsAt };
  });
  return { preference, exact, hops, segments };
}

function bindingConstraints(
  intent: Intent,
  snapshot: TopologySnapshot,
  source: number,
  target: number,
  primary: ComputedPath,
): BindingConstraint[] {
  return obstaclesOf(intent, snapshot).flatMap((constraint) => {
    const answer = findPath(snapshot.flat, {
      ...queryTemplate(intent, snapshot, new Set([constraint])),
      source,
      target,
    });
    if (answer.kind !== "path") return [];
    const { nodes, links, metrics } = pathAlong(snapshot.flat, answer.edges);
    if (links.join(" ") === primary.links.join(" ")) return [];
    return [{ constraint, without: { nodes, metrics: metricsView(metrics) } }];
  });
}
