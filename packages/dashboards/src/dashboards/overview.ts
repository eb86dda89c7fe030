import { CONTROLLER_FAMILIES as C } from "@sextant/controller";
import { buildDashboard } from "../build-dashboard";
import { TO_HOST, TO_INTENT, TO_LINK } from "../drill-down";
import { NONE_IS_GOOD, SUSPICION } from "../looks";
import { graphPanel, numberPanel, rowsPanel } from "../panels";
import { PATHS_BY_STATE } from "../path-queries";
import { bits, maxBy, quantile, rate, select, sumBy } from "../promql";

const POLICY = ["host", "policy", "intent", "endpoint"];

/** Numbers of now: what an operator looks at first. */
const NOW = [
  numberPanel({
    title: "Hosts connected",
    description: "Hosts of the topology whose agent has a session with the controller, and hosts of the topology.",
    queries: [
      { expr: sumBy([], select(C.hostUp)), legend: "connected" },
      { expr: `count(${select(C.hostUp)})`, legend: "known" },
    ],
  }),
  numberPanel({
    title: "Intents",
    description: "Intents whose traffic has a live path, and intents of which that is not so or not known.",
    queries: [
      { expr: sumBy([], select(C.intents, { condition: "Live", status: "True" })), legend: "live" },
      { expr: sumBy([], select(C.intents, { condition: "Live" })), legend: "all" },
    ],
  }),
  numberPanel({
    title: "Policies without a path",
    description:
      "Policies (one per host, intent and endpoint) of which no candidate can be used. Their intent's onNoPath decides.",
    queries: [{ expr: `sum(${select(C.policyActive)} < bool 0)` }],
    thresholds: NONE_IS_GOOD,
  }),
  numberPanel({
    title: "Policies without a backup",
    description: "Policies with several candidates of which only the one in use, or none, can be used.",
    queries: [{ expr: `sum((${select(C.policyHasBackup)} == bool 0) * (${select(C.policyCandidates)} > bool 1))` }],
    thresholds: NONE_IS_GOOD,
  }),
  numberPanel({
    title: "Dead paths",
    description: "Segment lists whose probes do not come back, over all hosts.",
    queries: [{ expr: sumBy([], select(C.pathState, { state: "dead" })) }],
    thresholds: NONE_IS_GOOD,
  }),
  numberPanel({
    title: "Links down",
    description: "Links that are kept out of paths because reports show that they are broken, probation included.",
    queries: [{ expr: sumBy([], select(C.linksDown)) }],
    thresholds: NONE_IS_GOOD,
  }),
];

const HISTORY = [
  graphPanel({
    title: "Paths by state",
    description: "What hosts know of their segment lists from probes.",
    queries: [{ expr: PATHS_BY_STATE, legend: "{{state}}" }],
  }),
  graphPanel({
    title: "Changes of path states",
    description: "Changes per second that hosts reported, by new state and the host's reason.",
    queries: [{ expr: sumBy(["state", "reason"], rate(C.pathTransitions)), legend: "{{state}}: {{reason}}" }],
    unit: "cps",
  }),
  graphPanel({
    title: "Outages",
    description:
      "How long policies were without any candidate that can be used. Nothing is drawn while none has ended.",
    queries: [
      { expr: quantile(0.5, C.policyOutage), legend: "median" },
      { expr: quantile(0.99, C.policyOutage), legend: "99th percentile" },
    ],
    unit: "s",
  }),
  graphPanel({
    title: "Steered traffic by intent",
    description: "Bits per second that policies steer, before the segment routing header is put on.",
    queries: [{ expr: bits(sumBy(["intent"], rate(C.policyBytes))), legend: "{{intent}}" }],
    unit: "bps",
    drillDowns: [TO_INTENT],
  }),
];

const LISTS = [
  rowsPanel({
    title: "Firing alerts",
    description: "Alerts of deploy/prometheus/sextant.rules.yml that fire.",
    queries: [
      { expr: 'max by (alertname, severity, intent, host, link) (ALERTS{alertname=~"Sextant.*",alertstate="firing"})' },
    ],
    columns: ["alertname", "severity", "intent", "host", "link"],
    drillDowns: [TO_INTENT, TO_HOST, TO_LINK],
    span: 12,
    noValue: "none",
  }),
  rowsPanel({
    title: "Links under suspicion",
    description: "Links that explain why paths are dead, with how sure that is.",
    queries: [{ expr: maxBy(["link"], select(C.linkSuspicion)) }],
    columns: ["link", "Value"],
    unit: "percentunit",
    thresholds: SUSPICION,
    drillDowns: [TO_LINK],
    span: 12,
    noValue: "none",
  }),
  rowsPanel({
    title: "Intents",
    description: "Whether each intent's traffic has a live path, and why.",
    queries: [{ expr: maxBy(["intent", "status", "reason"], select(C.intentCondition, { condition: "Live" })) }],
    columns: ["intent", "status", "reason"],
    drillDowns: [TO_INTENT],
    span: 12,
  }),
  rowsPanel({
    title: "Policies",
    description: "The candidate that packets take: 0 is the primary, -1 means that none can be used.",
    queries: [{ expr: maxBy(POLICY, select(C.policyActive)) }],
    columns: ["host", "intent", "endpoint", "Value"],
    drillDowns: [TO_HOST, TO_INTENT],
    span: 12,
  }),
];

/** Everything at a glance. */
export const overview = () =>
  buildDashboard({
    key: "overview",
    title: "Overview",
    description: "Hosts, intents, paths and links of a Sextant network at a glance.",
    panels: [...NOW, ...HISTORY, ...LISTS],
  });
