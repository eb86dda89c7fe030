import { AGENT_FAMILIES as A } from "@sextant/agent";
import { CONTROLLER_FAMILIES as C } from "@sextant/controller";
import { buildDashboard, variable } from "../build-dashboard";
import { TO_INTENT, TO_PATH } from "../drill-down";
import { AGE, CANDIDATES, NONE_IS_GOOD, PATH_STATES, YES_NO } from "../looks";
import { JOBS } from "../names";
import { graphPanel, numberPanel, statesPanel } from "../panels";
import { pathState } from "../path-queries";
import { bits, maxBy, quantile, RATE_INTERVAL, rate, select, sumBy } from "../promql";

const host = "$host";

/** Numbers of the agent's process, which do not know the host's name. */
const ofProcess = (expression: string) => `(${expression}) * on (instance) group_left () ${select(A.info, { host })}`;

const NOW = [
  numberPanel({
    title: "Session",
    description: "Whether the agent has a session, as the controller sees it.",
    queries: [{ expr: maxBy(["host"], select(C.hostUp, { host })) }],
    mappings: YES_NO,
  }),
  numberPanel({
    title: "Last report",
    description: "Time since the controller took the host's last report in.",
    queries: [{ expr: `time() - ${maxBy(["host"], select(C.hostReported, { host }))}` }],
    unit: "s",
    thresholds: AGE,
  }),
  numberPanel({
    title: "Dead paths",
    description: "Segment lists of this host whose probes do not come back.",
    queries: [{ expr: sumBy([], select(C.pathState, { host, state: "dead" })) }],
    thresholds: NONE_IS_GOOD,
  }),
  numberPanel({
    title: "Entries",
    description: "Entries of desired state: installed, waiting for others, rejected by the host.",
    queries: [{ expr: sumBy(["status"], select(C.hostEntries, { host })), legend: "{{status}}" }],
    span: 8,
  }),
  numberPanel({
    title: "Drift repairs",
    description: "Kernel entries that the agent found changed by others and put right.",
    queries: [{ expr: sumBy([], select(C.hostDriftRepairs, { host })) }],
  }),
];

const STATES = [
  statesPanel({
    title: "Paths",
    description: "State of each segment list of the host.",
    queries: [{ expr: pathState({ host }), legend: "{{list}}" }],
    mappings: PATH_STATES,
    drillDowns: [TO_PATH],
  }),
  statesPanel({
    title: "Candidate in use",
    description: "Which candidate path the packets of each policy take.",
    queries: [
      { expr: maxBy(["intent", "endpoint"], select(C.policyActive, { host })), legend: "{{intent}} to {{endpoint}}" },
    ],
    mappings: CANDIDATES,
    drillDowns: [TO_INTENT],
  }),
];

const GRAPHS = [
  graphPanel({
    title: "Packets by reason",
    description: "Packets per second by the reason that the host's packet path ended with.",
    queries: [{ expr: sumBy(["reason"], rate(C.hostPackets, { host })), legend: "{{reason}}" }],
    unit: "pps",
  }),
  graphPanel({
    title: "Steered traffic by interface",
    description: "Bits per second steered out of each interface, before the segment routing header is put on.",
    queries: [{ expr: bits(sumBy(["interface"], rate(C.hostUplinkBytes, { host }))), legend: "{{interface}}" }],
    unit: "bps",
  }),
  graphPanel({
    title: "Changes of path states",
    description: "Changes per second by new state and reason. From the agent's own metrics.",
    queries: [{ expr: sumBy(["state", "reason"], rate(A.pathTransitions, { host })), legend: "{{state}}: {{reason}}" }],
    unit: "cps",
  }),
  graphPanel({
    title: "Time to install",
    description: "From a difference of desired state arriving until the kernel has it. From the agent's own metrics.",
    queries: [
      { expr: quantile(0.5, A.installSeconds, { host }), legend: "median" },
      { expr: quantile(0.99, A.installSeconds, { host }), legend: "99th percentile" },
    ],
    unit: "s",
  }),
  graphPanel({
    title: "Agent's CPU",
    description: "Share of one core that the agent uses. From the agent's own metrics.",
    queries: [
      { expr: ofProcess(`rate(process_cpu_seconds_total{job="${JOBS.agent}"}[${RATE_INTERVAL}])`), legend: "CPU" },
    ],
    unit: "percentunit",
  }),
  graphPanel({
    title: "Agent's memory",
    description: "Resident memory of the agent. From the agent's own metrics.",
    queries: [{ expr: ofProcess(`process_resident_memory_bytes{job="${JOBS.agent}"}`), legend: "resident" }],
    unit: "bytes",
  }),
];

/** One host: its session, paths, policies and packets. */
export const hostDashboard = () =>
  buildDashboard({
    key: "host",
    title: "Host",
    description: "One host: its session, what it holds, how its paths are and what becomes of its packets.",
    variables: [variable("host", "Host", C.hostUp)],
    panels: [...NOW, ...STATES, ...GRAPHS],
  });
