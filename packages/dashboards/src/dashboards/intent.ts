import { CONTROLLER_FAMILIES as C } from "@sextant/controller";
import { buildDashboard, variable } from "../build-dashboard";
import { TO_HOST, TO_PATH } from "../drill-down";
import { CANDIDATES, LOSS, PATH_STATES, YES_NO } from "../looks";
import { graphPanel, rowsPanel, statesPanel } from "../panels";
import { ofIntent, pathState } from "../path-queries";
import { bits, maxBy, rate, select, sumBy } from "../promql";

const intent = "$intent";
const POLICY = ["host", "endpoint"];
const PATH = ["host", "list"];
const PATH_LEGEND = "{{host}} to {{endpoint}}, preference {{preference}}, {{list}}";

const POLICIES = [
  rowsPanel({
    title: "Conditions",
    description: "How far the intent has come, from accepted to live, and why not further.",
    queries: [{ expr: maxBy(["condition", "status", "reason"], select(C.intentCondition, { intent })) }],
    columns: ["condition", "status", "reason"],
    span: 12,
  }),
  graphPanel({
    title: "Steered traffic",
    description: "Bits per second that the intent's policies steer, before the segment routing header is put on.",
    queries: [{ expr: bits(sumBy(POLICY, rate(C.policyBytes, { intent }))), legend: "{{host}} to {{endpoint}}" }],
    unit: "bps",
    drillDowns: [TO_HOST],
  }),
  statesPanel({
    title: "Candidate in use",
    description: "Which candidate path the packets of each policy take.",
    queries: [{ expr: maxBy(POLICY, select(C.policyActive, { intent })), legend: "{{host}} to {{endpoint}}" }],
    mappings: CANDIDATES,
    drillDowns: [TO_HOST],
  }),
  statesPanel({
    title: "Backup",
    description: "Whether a candidate beside the one in use can be used.",
    queries: [{ expr: maxBy(POLICY, select(C.policyHasBackup, { intent })), legend: "{{host}} to {{endpoint}}" }],
    mappings: YES_NO,
    drillDowns: [TO_HOST],
  }),
  graphPanel({
    title: "Candidates",
    description: "Candidates of all policies, and those with a path that is alive and not withheld.",
    queries: [
      { expr: sumBy([], select(C.policyCandidates, { intent })), legend: "planned" },
      { expr: sumBy([], select(C.policyCandidatesAlive, { intent })), legend: "alive" },
    ],
    span: 24,
  }),
];

const PATHS = [
  statesPanel({
    title: "Paths",
    description: "State of each segment list that the intent's policies have.",
    queries: [{ expr: ofIntent(intent, pathState()), legend: PATH_LEGEND }],
    mappings: PATH_STATES,
    drillDowns: [TO_PATH],
  }),
  graphPanel({
    title: "Round trip",
    description: "Round trip of the last probe that came back on each path.",
    queries: [{ expr: ofIntent(intent, maxBy(PATH, select(C.pathRoundTrip))), legend: PATH_LEGEND }],
    unit: "s",
    drillDowns: [TO_PATH],
  }),
  graphPanel({
    title: "Loss",
    description: "Share of the last probes that did not come back.",
    queries: [{ expr: ofIntent(intent, maxBy(PATH, select(C.pathLoss))), legend: PATH_LEGEND }],
    unit: "percentunit",
    thresholds: LOSS,
    drillDowns: [TO_PATH],
  }),
];

/** One intent: its conditions, policies and paths. */
export const intentDashboard = () =>
  buildDashboard({
    key: "intent",
    title: "Intent",
    description: "One intent: how far it has come, what its policies use and how their paths are.",
    variables: [variable("intent", "Intent", C.intentCondition)],
    panels: [...POLICIES, ...PATHS],
  });
