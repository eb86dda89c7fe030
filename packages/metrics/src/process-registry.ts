import { collectDefaultMetrics, Registry } from "prom-client";

/** Gauges of prom-client that are named as counters; without `_total` it has the same numbers by type. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** A registry that tells of this process: `process_*` and `nodejs_*`. */
export function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}
