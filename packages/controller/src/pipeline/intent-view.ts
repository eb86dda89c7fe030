import type { Condition, Encapsulation, Intent, Issue, PathMetrics, Pin, Sid } from "@sextant/model";
import type { Exemptions, FateNames } from "../compute/disjoint";
import type { NoPath } from "../compute/no-path";
import { sharesNothing } from "./compute";
import { type ConditionedIntent, type ConditionedPolicy, intentConditions, policyConditions } from "./conditions";
import type { SettledMode } from "./mode";
import type { PlannedCandidate, PlannedList, PolicyReservation } from "./plan";

/** PathMetrics as JSON: an unlimited bottleneck and a utilisation of nothing are left out. */
export type MetricsView = Omit<PathMetrics, "bottleneckMbps" | "utilisationPercent"> &
  Partial<Pick<PathMetrics, "bottleneckMbps" | "utilisationPercent">>;

/** A segment list of a candidate. */
export interface SegmentListView {
  readonly weight: number;
  readonly encapsulation: Encapsulation;
  /** Absent when it is not signed. */
  readonly signingKeyId?: number;
  /** `strict`: it names every link between routers; `loose`: it leaves to the IGP what that does alike. */
  readonly pin: Pin;
  /** Names of the binding SIDs among its segments; absent when there are none. */
  readonly bindings?: readonly string[];
  readonly segments: readonly Sid[];
  readonly probeSegments: readonly Sid[];
  /** The loop that comes back another way; empty when there is none. */
  readonly alternateProbeSegments: readonly Sid[];
  /** Its own path; absent where the candidate has no other list, and its path is the candidate's. */
  readonly nodes?: readonly string[];
  readonly links?: readonly string[];
  readonly metrics?: MetricsView;
}

/** One candidate of a policy, with its best path. It is pushed when it has a segment list. */
export interface CandidateView {
  readonly preference: number;
  /** False when a better path may exist, because the search hit its work limit. */
  readonly exact: boolean;
  readonly nodes: readonly string[];
  readonly links: readonly string[];
  readonly metrics: MetricsView;
  /** Of a backup that is not as disjoint as it was asked to be: what it shares with candidates before it. */
  readonly shares?: FateNames;
  /** Empty when the path cannot be put into a header; the condition Encoded says why. */
  readonly segmentLists: readonly SegmentListView[];
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
  /** `return`: the way back of a bidirectional intent. */
  readonly direction: "forward" | "return";
  /** How its lists go onto packets; absent when no way is possible, and the condition Encoded says why. */
  readonly mode?: SettledMode;
  /** In falling preference. */
  readonly candidates: readonly CandidateView[];
  /** Present when there is no path. */
  readonly noPath?: NoPathView;
  /** Present when the intent reserves bandwidth. */
  readonly reservation?: PolicyReservation;
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
  const { host, endpoint, direction, noPath, protection } = policy.computed;
  return {
    host,
    endpoint,
    direction,
    ...(policy.mode.kind === "settled" ? { mode: policy.mode.mode } : {}),
    candidates: policy.candidates.map((candidate, i) => candidateView(candidate, protection?.shared[i - 1])),
    ...(noPath === undefined ? {} : { noPath: noPathView(noPath) }),
    ...(policy.reservation === undefined ? {} : { reservation: policy.reservation }),
    ...(protection === undefined ? {} : { exemptions: protection.exemptions }),
    conditions: policyConditions(policy, generation),
  };
}

/** The view of one candidate. */
function candidateView({ path, lists }: PlannedCandidate, shares: FateNames | undefined): CandidateView {
  const { preference, exact, nodes, links, metrics } = path;
  const segmentLists = lists.flatMap((list) => listView(list, lists.length > 1));
  return {
    preference,
    exact,
    nodes,
    links,
    metrics: metricsView(metrics),
    ...(shares === undefined || sharesNothing(shares) ? {} : { shares }),
    segmentLists,
  };
}

function listView({ path, encoded }: PlannedList, isOneOfSeveral: boolean): SegmentListView[] {
  if (encoded.kind !== "encoded") return [];
  const { pin, bindings } = encoded;
  const { signingKeyId, ...list } = encoded.list;
  const { nodes, links, metrics } = path;
  return [
    {
      ...list,
      ...(signingKeyId === undefined ? {} : { signingKeyId }),
      pin,
      ...(bindings.length === 0 ? {} : { bindings }),
      ...(isOneOfSeveral ? { nodes, links, metrics: metricsView(metrics) } : {}),
    },
  ];
}

/** Metrics without what is no number to anyone: unlimited capacity, and a utilisation that nobody declared. */
export function metricsView({ bottleneckMbps, utilisationPercent, ...sums }: PathMetrics): MetricsView {
  return {
    ...sums,
    ...(bottleneckMbps === Number.MAX_SAFE_INTEGER ? {} : { bottleneckMbps }),
    ...(utilisationPercent === 0 ? {} : { utilisationPercent }),
  };
}

/** The view of a missing path. */
export function noPathView({ reason, message, relaxations }: NoPath): NoPathView {
  return {
    reason,
    message,
    relaxations: relaxations.map(({ drop, reaches }) => ({ drop, reaches: metricsView(reaches) })),
  };
}
