/** Job names of the scrape configuration (deploy/prometheus/prometheus.yml). */
export const JOBS = { controller: "sextant-controller", agent: "sextant-agent" } as const;

/** Uids of the dashboards: what links between them name. */
export const UIDS = {
  overview: "sextant-overview",
  intent: "sextant-intent",
  host: "sextant-host",
  path: "sextant-path",
  link: "sextant-link",
  controller: "sextant-controller",
} as const;

/** Variables that a dashboard may have beside the data source. */
export type VariableName = "intent" | "host" | "list" | "link";

/** Tag of all our dashboards; the menu on top of each lists what has it. */
export const TAG = "sextant";
