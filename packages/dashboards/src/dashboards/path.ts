import { AGENT_FAMILIES as A } from "@sextant/agent";
import { CONTROLLER_FAMILIES as C } from "@sextant/controller";
import { buildDashboard, variable } from "../build-dashboard";
import { TO_INTENT } from "../drill-down";
import { LOSS, NO_YES, PATH_STATES } from "../looks";
import { graphPanel, numberPanel, rowsPanel, statesPanel } from "../panels";
import { pathState } from "../path-queries";
import { bits, maxBy, rate, select, sumBy } from "../promql";

const match = { host: "$host", list: "$list" } as const;
const PATH = ["host", "list"];

const NOW = [
  numberPanel({
    title: "State",
    description: "What the last probes say.",
    queries: [{ expr: pathState(match) }],
    mappings: PATH_STATES,
    span: 5,
  }),
  numberPanel({
    title: "Withheld",
    description: "Whether the path is left alone although it is not dead, as long as another one can be used.",
    queries: [{ expr: maxBy(PATH, select(C.pathWithheld, match)) }],
    mappings: NO_YES,
    span: 5,
  }),
  numberPanel({
    title: "Way back dead",
    description: "Whether one of two ways back swallows probes while the way out works: not the path's fault.",
    queries: [{ expr: maxBy(PATH, select(C.pathReturnDead, match)) }],
    mappings: NO_YES,
    span: 5,
  }),
  numberPanel({
    title: "Loss",
    description: "Share of the last probes that did not come back.",
    queries: [{ expr: maxBy(PATH, select(C.pathLoss, match)) }],
    unit: "percentunit",
    thresholds: LOSS,
    span: 5,
  }),
  numberPanel({
    title: "Since the last change",
    description: "How long the path has been in its state.",
    queries: [{ expr: `time() - ${maxBy(PATH, select(C.pathChanged, match))}` }],
    unit: "s",
    span: 4,
  }),
];

const HISTORY = [
  statesPanel({
    title: "State",
    description: "State of the path over time.",
    queries: [{ expr: pathState(match), legend: "{{list}}" }],
    mappings: PATH_STATES,
  }),
  graphPanel({
    title: "Round trip",
    description: "Of the last probe that came back, and the mean of the last ones (from the agent's own metrics).",
    queries: [
      { expr: maxBy(PATH, select(C.pathRoundTrip, match)), legend: "last" },
      { expr: maxBy(PATH, select(A.pathRoundTripMean, match)), legend: "mean" },
    ],
    unit: "s",
  }),
  graphPanel({
    title: "Jitter",
    description: "Mean difference between one round trip and the next. From the agent's own metrics.",
    queries: [{ expr: maxBy(PATH, select(A.pathJitter, match)), legend: "jitter" }],
    unit: "s",
  }),
  graphPanel({
    title: "Loss",
    description: "Share of the last 100 probes that did not come back. From the agent's own metrics.",
    queries: [{ expr: maxBy(PATH, select(A.pathLoss, match)), legend: "loss" }],
    unit: "percentunit",
    thresholds: LOSS,
  }),
  graphPanel({
    title: "Probes",
    description: "Probes per second that were sent and that came back.",
    queries: [
      { expr: sumBy([], rate(C.pathProbesSent, match)), legend: "sent" },
      { expr: sumBy([], rate(C.pathProbesReturned, match)), legend: "returned" },
    ],
    unit: "pps",
  }),
  graphPanel({
    title: "TCP",
    description: "Segments per second that TCP sent on the path, and sent again. From the agent's own metrics.",
    queries: [
      { expr: sumBy([], rate(A.pathTcpSegments, match)), legend: "sent" },
      { expr: sumBy([], rate(A.pathTcpRetransmissions, match)), legend: "sent again" },
    ],
    unit: "pps",
    span: 8,
  }),
  graphPanel({
    title: "Steered traffic",
    description: "Bits per second steered onto the path, before the segment routing header is put on.",
    queries: [{ expr: bits(sumBy([], rate(C.pathBytes, match))), legend: "traffic" }],
    unit: "bps",
    span: 8,
  }),
  graphPanel({
    title: "Changes of state",
    description: "Changes since the agent started. From the agent's own metrics.",
    queries: [{ expr: maxBy(PATH, select(A.pathStateChanges, match)), legend: "changes" }],
    span: 8,
  }),
  rowsPanel({
    title: "Used by",
    description: "Policies that have this path, and the preference of the candidate that it belongs to.",
    queries: [{ expr: maxBy(["intent", "endpoint", "preference"], select(C.policyPath, match)) }],
    columns: ["intent", "endpoint", "preference"],
    drillDowns: [TO_INTENT],
  }),
];

/** One path: a segment list of a host. */
export const pathDashboard = () =>
  buildDashboard({
    key: "path",
    title: "Path",
    description: "One segment list of one host: whether its probes come back, how soon, and what it carries.",
    variables: [
      variable("host", "Host", C.pathState),
      variable("list", "Segment list", C.pathState, { host: "$host" }),
    ],
    panels: [...NOW, ...HISTORY],
  });
