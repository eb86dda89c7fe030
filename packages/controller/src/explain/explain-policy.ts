import { type Condition, type Constraints, type Intent, objectiveText, type Pin, type Sid } from "@sextant/model";
import { pairName, type Pair } from "../compute/endpoints";
import { compute, turnedRound } from "../pipeline/compute";
import type { ComputedPath, SharedPath } from "../pipeline/computed-path";
import { policyConditions } from "../pipeline/conditions";
import { type LackingFeatures, NOTHING_LACKING } from "../pipeline/features";
import { type Encoding, listSids, listSteps } from "../pipeline/list-steps";
import { type MetricsView, metricsView, noPathView, type NoPathView } from "../pipeline/intent-view";
import type { SettledMode } from "../pipeline/mode";
import { type PlannedCandidate, type PlannedList, planPolicy } from "../pipeline/plan";
import { SEARCHING } from "../pipeline/searches";
import type { TopologySnapshot } from "../topology/snapshot";
import { findPath } from "../compute/find-path";
import { igpPath } from "../compute/igp-path";
import { type Obstacle, obstaclesOf, queryTemplate } from "../compute/intent-query";
import { edgesAlong, PathInGraph } from "../compute/path-edges";
import { type PassedStop, passedStops } from "../compute/stops";
import type { NamedPath } from "./path-text";
import { type RunnerUp, runnerUp } from "./runner-up";
import { type SlackView, slackOf } from "./slack";

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
  /** The last of an outer header is `decapsulation`: there it comes off. */
  readonly kind: "node" | "adjacency" | "binding" | "decapsulation";
  /** Node whose SID it is. */
  readonly node: string;
  /** Flexible algorithm that routes to it; absent for plain routing. */
  readonly algorithm?: string;
  /** Link that an adjacency crosses. */
  readonly link?: string;
  /** Name of a binding, and the links that it crosses. */
  readonly binding?: string;
  readonly links?: readonly string[];
  /** Node on the path where this segment ends. */
  readonly endsAt: string;
}

/** A constraint that costs something: without it the primary would be another path. */
export interface BindingConstraint {
  readonly constraint: Obstacle;
  readonly without: NamedPath & { readonly metrics: MetricsView };
}

/** One path of a candidate. */
export interface PathExplanation {
  /** Its share of the candidate's traffic: weight / sum of weights. */
  readonly weight: number;
  readonly exact: boolean;
  readonly hops: readonly HopExplanation[];
  /** Where it passes what the intent goes via, in order. */
  readonly via: readonly PassedStop[];
  /** Whether the list leaves anything to the IGP; absent when the path cannot be put into a header. */
  readonly pin?: Pin;
  /** Empty when the path cannot be put into a header. */
  readonly segments: readonly SegmentExplanation[];
  /** What the header holds: the segments themselves, or the carriers that they are packed into. */
  readonly wire: readonly Sid[];
  /** Why it cannot be put into a header. */
  readonly notEncoded?: string;
}

export interface CandidateExplanation extends PathExplanation {
  readonly preference: number;
  /** Paths that share its traffic. */
  readonly beside: readonly PathExplanation[];
}

/** Where plain routing would take the packets. */
export interface IgpPathView extends NamedPath {
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
  readonly direction: "forward" | "return";
  /** How its lists go onto packets; absent when no way is possible, and the condition Encoded says why. */
  readonly mode?: SettledMode;
  /** Node where the path ends: differs from the endpoint when that is a prefix. */
  readonly egress?: string;
  /** `delay`, `bandwidth, then delay`, `2 x delay + 100 x igp`. */
  readonly objective: string;
  readonly candidates: readonly CandidateExplanation[];
  readonly noPath?: NoPathView;
  /** Constraints that bind the primary. */
  readonly binding: readonly BindingConstraint[];
  /** Every bound that the intent has, with what the primary leaves of it. */
  readonly slack: readonly SlackView[];
  /** Absent when there is no other path under the same constraints. */
  readonly runnerUp?: RunnerUp;
  /** Absent when plain routing does not reach the endpoint either. */
  readonly igpPath?: IgpPathView;
  readonly conditions: readonly Condition[];
}

/** Explains one policy of an intent from scratch; undefined when the intent has no policy for that pair. */
export function explainPolicy(
  intent: Intent,
  snapshot: TopologySnapshot,
  { host, endpoint, direction }: Pick<Pair, "host" | "endpoint" | "direction">,
  lacking: LackingFeatures = NOTHING_LACKING,
): PolicyExplanation | undefined {
  const name = pairName({ host, endpoint, direction });
  const computed = compute(intent, snapshot).policies.find((row) => pairName(row) === name);
  if (computed === undefined) return undefined;
  const graph = snapshot.flat;
  const { candidates, mode } = planPolicy(intent, computed, snapshot, lacking);
  const constraints = direction === "forward" ? intent.constraints : turnedRound(intent.constraints);
  const source = graph.nodeIndex.get(host) ?? -1;
  const target = graph.nodeIndex.get(computed.egress ?? "") ?? -1;
  const [primary] = computed.candidates;
  const settledMode = mode.kind === "settled" ? mode.mode : "insert";
  const asked = { ...intent, constraints };
  const second = primary === undefined ? undefined : runnerUp(asked, snapshot, edgesAlong(graph, primary));
  const plain = target < 0 ? undefined : igpPath(snapshot, source, target, constraints);
  return {
    intent: intent.name,
    generation: intent.generation,
    host,
    endpoint,
    direction,
    ...(mode.kind === "settled" ? { mode: mode.mode } : {}),
    ...(computed.egress === undefined ? {} : { egress: computed.egress }),
    objective: objectiveText(intent.objective),
    candidates: candidates.map((candidate) => explainCandidate(snapshot, candidate, settledMode, constraints)),
    ...(computed.noPath === undefined ? {} : { noPath: noPathView(computed.noPath) }),
    binding: primary === undefined ? [] : bindingConstraints(asked, snapshot, source, target, primary),
    slack: primary === undefined ? [] : slackOf(constraints, primary.metrics),
    ...(second === undefined ? {} : { runnerUp: second }),
    ...(plain === undefined ? {} : { igpPath: { ...plain, metrics: metricsView(plain.metrics) } }),
    conditions: policyConditions({ computed, mode, candidates }, intent.generation),
  };
}

function explainCandidate(
  snapshot: TopologySnapshot,
  { path: { preference }, lists }: PlannedCandidate,
  mode: SettledMode,
  constraints: Constraints,
): CandidateExplanation {
  const [best, ...beside] = lists.map((list) => explainPath(snapshot, list, mode, constraints));
  // A candidate has at least its best path.
  return { preference, ...(best as PathExplanation), beside };
}

function explainPath(
  snapshot: TopologySnapshot,
  { path, encoded }: PlannedList,
  mode: SettledMode,
  { via: stops, algorithm }: Constraints,
): PathExplanation {
  const { weight, exact } = path;
  const hops = hopsOf(snapshot, path);
  const via = passedStops(stops, path.nodes);
  if (encoded.kind !== "encoded") {
    return { weight, exact, hops, via, segments: [], wire: [], notEncoded: encoded.message };
  }
  const { pin, list } = encoded;
  return {
    weight,
    exact,
    hops,
    via,
    pin,
    segments: segmentsOf(snapshot, path, { mode, pin, algorithm, searches: SEARCHING }),
    wire: list.segments,
  };
}

function hopsOf(snapshot: TopologySnapshot, path: SharedPath): HopExplanation[] {
  const edges = edgesAlong(snapshot.flat, path);
  return path.links.map((link, i) => ({
    link,
    from: path.nodes[i] ?? "",
    to: path.nodes[i + 1] ?? "",
    sums: metricsView(new PathInGraph(snapshot.flat, edges.slice(0, i + 1)).metrics),
  }));
}

function segmentsOf(snapshot: TopologySnapshot, path: SharedPath, how: Encoding): SegmentExplanation[] {
  const { nodes, links } = path;
  const edges = edgesAlong(snapshot.flat, path);
  const steps = listSteps(snapshot, edges, how) ?? [];
  return listSids(snapshot, edges, steps, how.mode).map((sid, i): SegmentExplanation => {
    const step = steps[i];
    const endsAt = nodes[step?.position ?? nodes.length - 1] ?? "";
    if (step === undefined) return { sid, kind: "decapsulation", node: endsAt, endsAt };
    switch (step.kind) {
      case "node":
        return { sid, kind: "node", node: endsAt, ...algorithmOf(snapshot, step.algorithm), endsAt };
      case "adjacency": {
        const before = step.position - 1;
        const by = algorithmOf(snapshot, step.algorithm);
        return { sid, kind: "adjacency", node: nodes[before] ?? "", ...by, link: links[before] ?? "", endsAt };
      }
      case "binding": {
        const { start, position, binding } = step;
        const crossed = links.slice(start, position);
        return { sid, kind: "binding", node: nodes[start] ?? "", binding: binding.name, links: crossed, endsAt };
      }
    }
  });
}

function algorithmOf({ flat }: TopologySnapshot, number: number): { readonly algorithm?: string } {
  const name = flat.algorithms.find(({ definition }) => definition.id === number)?.definition.name;
  return name === undefined ? {} : { algorithm: name };
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
    const { nodes, links, metrics } = new PathInGraph(snapshot.flat, answer.edges);
    if (links.join(" ") === primary.links.join(" ")) return [];
    return [{ constraint, without: { nodes, links, metrics: metricsView(metrics) } }];
  });
}
