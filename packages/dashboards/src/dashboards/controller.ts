import { CONTROLLER_FAMILIES as C } from "@sextant/controller";
import { OWN_FAMILIES } from "@sextant/metrics";
import { buildDashboard } from "../build-dashboard";
import { NONE_IS_GOOD, YES_NO } from "../looks";
import { JOBS } from "../names";
import { graphPanel, numberPanel } from "../panels";
import { quantile, RATE_INTERVAL, select, sumBy } from "../promql";

const JOB = `{job="${JOBS.controller}"}`;

const NOW = [
  numberPanel({
    title: "Scraped",
    description: "Whether Prometheus gets an answer from the controller.",
    queries: [{ expr: `up${JOB}`, legend: "{{instance}}" }],
    mappings: YES_NO,
  }),
  numberPanel({
    title: "Version",
    description: "Version of the controller that runs.",
    queries: [{ expr: select(C.info), legend: "{{version}}" }],
    show: "name",
  }),
  numberPanel({
    title: "Starts",
    description: "Starts of controllers on this store.",
    queries: [{ expr: `max(${select(C.term)})` }],
  }),
  numberPanel({
    title: "Sessions",
    description: "Share of the sessions that the controller takes which are open.",
    queries: [{ expr: `${sumBy([], select(C.sessions))} / ${sumBy([], select(C.sessionsMax))}` }],
    unit: "percentunit",
    thresholds: [
      { value: null, color: "green" },
      { value: 0.8, color: "red" },
    ],
  }),
  numberPanel({
    title: "Series left out",
    description: "Series that /metrics left out because a family had too many.",
    queries: [{ expr: `sum(${select(OWN_FAMILIES.droppedSeries)}) or vector(0)` }],
    thresholds: NONE_IS_GOOD,
  }),
  numberPanel({
    title: "Rejected entries",
    description: "Entries that hosts reject: their agents' logs and `sextant describe host` say why.",
    queries: [{ expr: sumBy([], select(C.hostEntries, { status: "rejected" })) }],
    thresholds: NONE_IS_GOOD,
  }),
];

const HISTORY = [
  graphPanel({
    title: "Time to compute",
    description: "From documents in force to plans, for the intents that a change touched.",
    queries: [
      { expr: quantile(0.5, C.computeSeconds), legend: "median" },
      { expr: quantile(0.99, C.computeSeconds), legend: "99th percentile" },
    ],
    unit: "s",
  }),
  graphPanel({
    title: "Time to push",
    description: "From sending a difference to a host until its answer, installation included.",
    queries: [
      { expr: quantile(0.5, C.pushSeconds), legend: "median" },
      { expr: quantile(0.99, C.pushSeconds), legend: "99th percentile" },
    ],
    unit: "s",
  }),
  graphPanel({
    title: "Sessions",
    description: "Agents with an open session.",
    queries: [{ expr: sumBy([], select(C.sessions)), legend: "open" }],
  }),
  graphPanel({
    title: "Intents not as wanted",
    description: "Intents of which a condition is false or not known.",
    queries: [
      {
        expr: sumBy(["condition", "status"], `${select(C.intents)} unless ${select(C.intents, { status: "True" })}`),
        legend: "{{condition}} {{status}}",
      },
    ],
  }),
  graphPanel({
    title: "CPU",
    description: "Share of one core that the controller uses.",
    queries: [{ expr: `rate(process_cpu_seconds_total${JOB}[${RATE_INTERVAL}])`, legend: "{{instance}}" }],
    unit: "percentunit",
  }),
  graphPanel({
    title: "Memory",
    description: "Resident memory of the controller.",
    queries: [{ expr: `process_resident_memory_bytes${JOB}`, legend: "{{instance}}" }],
    unit: "bytes",
  }),
  graphPanel({
    title: "Event loop delay",
    description: "99th percentile of how late the controller's event loop was: all else waits that long.",
    queries: [{ expr: `nodejs_eventloop_lag_p99_seconds${JOB}`, legend: "{{instance}}" }],
    unit: "s",
  }),
  graphPanel({
    title: "Scrapes",
    description: "How long Prometheus waited for /metrics of controller and agents.",
    queries: [
      {
        expr: `max by (job) (scrape_duration_seconds{job=~"${JOBS.controller}|${JOBS.agent}"})`,
        legend: "{{job}}",
      },
    ],
    unit: "s",
  }),
];

/** The controller's own health. */
export const controllerDashboard = () =>
  buildDashboard({
    key: "controller",
    title: "Controller",
    description: "Health of the controller: how fast it computes and pushes, and what it costs.",
    panels: [...NOW, ...HISTORY],
  });
