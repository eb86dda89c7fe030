import { CONTROLLER_FAMILIES as C } from "@sextant/controller";
import { OWN_FAMILIES } from "@sextant/metrics";
import { JOBS, type UIDS } from "./names";
import { maxBy, quantile, rate, select, sumBy } from "./promql";

/** A query that Prometheus evaluates on its own, under a name `level:metric:operation`. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** An alert: what is measured, and when that is bad. */
export interface AlertRule {
  readonly alert: string;
  /** Has a value in a healthy network, too. */
  readonly measured: string;
  /** The comparison that makes it an alert. */
  readonly bad: string;
  /** Prometheus duration. */
  readonly for: string;
  readonly severity: "critical" | "warning";
  readonly summary: string;
  readonly description: string;
  /** Where to look closer; its variables are labels of the alert. */
  readonly dashboard: keyof typeof UIDS;
}

const POLICY = ["host", "intent", "endpoint"];
const PATH = ["host", "list"];

/** What dashboards of a whole organisation and capacity reports want over long times. */
export const recordingRules: readonly RecordingRule[] = [
  {
    record: "intent:sextant_policy_candidates_alive:min",
    expr: `min by (intent) (${select(C.policyCandidatesAlive)})`,
  },
  { record: "intent:sextant_policy_bytes:rate5m", expr: sumBy(["intent"], rate(C.policyBytes, {}, "5m")) },
  { record: "host:sextant_path_dead:sum", expr: sumBy(["host"], select(C.pathState, { state: "dead" })) },
  {
    record: "reason:sextant_path_transitions:rate5m",
    expr: sumBy(["state", "reason"], rate(C.pathTransitions, {}, "5m")),
  },
  { record: "sextant:policy_outage_seconds:p99_1h", expr: quantile(0.99, C.policyOutage, {}, "1h") },
];

/** Alerts in the order of their urgency. */
export const alertRules: readonly AlertRule[] = [
  {
    alert: "SextantIntentWithoutLivePath",
    measured: maxBy(POLICY, select(C.policyActive)),
    bad: "< 0",
    for: "5s",
    severity: "critical",
    summary: "{{ $labels.intent }}: no path from {{ $labels.host }} to {{ $labels.endpoint }}",
    description: "No candidate of the policy can be used. The intent's onNoPath decides what becomes of its packets.",
    dashboard: "intent",
  },
  {
    alert: "SextantLinkLocalised",
    measured: maxBy(["link"], select(C.linkLocalised)),
    bad: "== 1",
    for: "0s",
    severity: "critical",
    summary: "Link {{ $labels.link }} is broken",
    description:
      "Reports of hosts leave no other explanation. Paths are computed round it until its probation is over.",
    dashboard: "link",
  },
  {
    alert: "SextantAgentGone",
    measured: maxBy(["host"], select(C.hostUp)),
    bad: "== 0",
    for: "30s",
    severity: "critical",
    summary: "The agent of {{ $labels.host }} has no session",
    description: "The host goes on with what it has, probes included, but takes no changes and reports nothing.",
    dashboard: "host",
  },
  {
    alert: "SextantControllerGone",
    measured: `sum(up{job="${JOBS.controller}"}) or vector(0)`,
    bad: "== 0",
    for: "30s",
    severity: "critical",
    summary: "No controller answers",
    description: "Hosts go on alone: they leave dead paths, but nobody computes new ones.",
    dashboard: "controller",
  },
  {
    alert: "SextantPolicyWithoutBackup",
    measured: `${maxBy(POLICY, select(C.policyHasBackup))} and ${maxBy(POLICY, select(C.policyCandidates))} > 1`,
    bad: "== 0",
    for: "1m",
    severity: "warning",
    summary: "{{ $labels.intent }}: no backup from {{ $labels.host }} to {{ $labels.endpoint }}",
    description: "Of several candidates only the one in use, or none, can be used: the next failure is an outage.",
    dashboard: "intent",
  },
  {
    alert: "SextantIntentUnprotected",
    measured: sumBy([], select(C.intents, { condition: "Protected", status: "False" })),
    bad: "> 0",
    for: "1m",
    severity: "warning",
    summary: "{{ $value }} intents do not have the backups that they ask for",
    description: "The topology, as it is now, has no paths for them. `sextant get intents` names them.",
    dashboard: "overview",
  },
  {
    alert: "SextantPathFlapping",
    measured: maxBy(PATH, `changes(${select(C.pathChanged)}[10m])`),
    bad: "> 5",
    for: "0s",
    severity: "warning",
    summary: "Path {{ $labels.list }} of {{ $labels.host }} keeps changing",
    description:
      "It died or came back more than five times in ten minutes. Its host damps it: it is used when nothing else is left.",
    dashboard: "path",
  },
  {
    alert: "SextantEntryRejected",
    measured: sumBy(["host"], select(C.hostEntries, { status: "rejected" })),
    bad: "> 0",
    for: "1m",
    severity: "warning",
    summary: "{{ $labels.host }} rejects {{ $value }} entries",
    description: "The host cannot install what it is told. `sextant describe host` says why.",
    dashboard: "host",
  },
  {
    alert: "SextantMetricsTruncated",
    measured: `sum(${select(OWN_FAMILIES.droppedSeries)}) or vector(0)`,
    bad: "> 0",
    for: "0s",
    severity: "warning",
    summary: "{{ $value }} series are missing from what is scraped",
    description: "A family has more series than an answer may hold. What is shown of it is not the whole.",
    dashboard: "controller",
  },
];
