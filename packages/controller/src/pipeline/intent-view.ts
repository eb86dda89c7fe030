import type { Condition, Intent, Issue, PathMetrics, Sid } from "@sextant/model";
import type { Exemptions } from "../compute/disjoint";
import type { NoPath } from "../compute/no-path";
import type { ComputedPath } from "./compute";
import { type ConditionedIntent, type ConditionedPolicy, intentConditions, policyConditions } from "./conditions";
import type { EncodeResult } from "./encode";

/** PathMetrics as JSON: an unlimited bottleneck is left out. */
export type MetricsView = Omit<PathMetrics, "bottleneckMbps"> & { readonly bottleneckMbps?: number };

/** One candidate of a policy. It is pushed when it has a segment list. */
export interface CandidateView {
  readonly preference: number;
  /** False when a better path may exist, because the search hit its work limit. */
  readonly exact: boolean;
  readonly nodes: readonly string[];
  readonly links: readonly string[];
  readonly metrics: MetricsView;
  /** Empty when the path cannot be put into a header; the condition Encoded says why. */
  readonly segmentLists: readonly {
    readonly weight: number;
    readonly segments: readonly Sid[];
    readonly probeSegments: readonly Sid[];
  }[];
}

/** A smallest set of constraints to give up, and what that would reach. */
export interface RelaxationView {
  readonly drop: readonly string[];
  readonly reaches: MetricsView;
}

export type NoPathView = Pick<NoPath, "reason" | "message"> & { readonly relaxations: readonly RelaxationView[] };

/** One source host and endpoint. */
export interface PolicyView {
  readonly host: string;
  readonly endpoint: string;
  /** In falling preference. */
  readonly candidates: readonly CandidateView[];
  /** Present when there is no path. */
  readonly noPath?: NoPathView;
  /** Present when backups were wanted: what primary and backups cannot but share. */
  readonly exemptions?: Exemptions;
  readonly conditions: readonly Condition[];
}

/** An issue as JSON, its place beside it. */
export type IssueView = Omit<Issue, "at"> & Issue["at"];

/** What is known of an intent without hosts: its status in `sextant compute`, and the base of that in `sextant get intents`. */
export interface IntentView {
  readonly name: string;
  readonly generation: number;
  readonly policies: readonly PolicyView[];
  readonly conditions: readonly Condition[];
  readonly issues: readonly IssueView[];
}

/** The view of an intent whose policies went through compute and encode. */
export function intentView(
  plan: ConditionedIntent & { readonly intent: Pick<Intent, "name" | "generation"> },
  issues: readonly Issue[] = [],
): IntentView {
  const { name, generation } = plan.intent;
  return {
    name,
    generation,
    policies: plan.policies.map((policy) => policyView(policy, generation)),
    conditions: intentConditions(plan),
    issues: issues.map(issueView),
  };
}

/** The view of one issue. */
export function issueView({ at, ...issue }: Issue): IssueView {
  return { ...issue, ...at };
}

/** The view of one policy. */
function policyView(policy: ConditionedPolicy, generation: number): PolicyView {
  const { host, endpoint, noPath, protection } = policy.computed;
  return {
    host,
    endpoint,
    candidates: policy.candidates.map(({ path, encoded }) => candidateView(path, encoded)),
    ...(noPath === undefined ? {} : { noPath: noPathView(noPath) }),
    ...(protection === undefined ? {} : { exemptions: protection.exemptions }),
    conditions: policyConditions(policy, generation),
  };
}

/** The view of one candidate. */
function candidateView(path: ComputedPath, encoded: EncodeResult): CandidateView {
  const { preference, exact, nodes, links, metrics } = path;
  const segmentLists = encoded.kind === "encoded" ? [encoded.list] : [];
  return { preference, exact, nodes, links, metrics: metricsView(metrics), segmentLists };
}

/** Metrics without what is no number to anyone: unlimited capacity. */
export function metricsView({ bottleneckMbps, ...sums }: PathMetrics): MetricsView {
  return bottleneckMbps === Number.MAX_SAFE_INTEGER ? sums : { ...sums, bottleneckMbps };
}

/** The view of a missing path. */
export function noPathView({ reason, message, relaxations }: NoPath): NoPathView {
  return {
    reason,
    message,
    relaxations: relaxations.map(({ drop, reaches }) => ({ drop, reaches: metricsView(reaches) })),
  };
}
