import { AGENT_FAMILIES } from "@sextant/agent";
import { CONTROLLER_FAMILIES } from "@sextant/controller";
import { type Family, MAX_SERIES_PER_FAMILY, OWN_FAMILIES } from "@sextant/metrics";

const INTRODUCTION = `# Metrics

Generated from the code by \`make gen\`.

Controller and agents export metrics in the Prometheus text format under \`/metrics\`, each where its flag \`--metrics\` says; without
the flag, nothing is exported. Values are read when they are asked for; what a host said more than three report intervals ago is left out
of the controller's paths and policies. Units are base units: seconds, bytes, ratios from 0 to 1. The
label \`list\` is the 16 hex digits that \`sextant get paths\` shows behind the host's name.

An answer holds at most ${MAX_SERIES_PER_FAMILY.toLocaleString("en")} series of each family. What is beyond that is left out, and
\`sextant_metrics_dropped_series\` says how many series that are.`;

const PROCESS = `Besides these: what prom-client tells of any Node.js process, \`process_*\` (CPU seconds, resident memory, open files, start time)
and \`nodejs_*\` (event loop delay, heap, garbage collection).`;

/** docs/reference/metrics.md */
export function metricsPage(): string {
  const sections = [
    ["Controller", CONTROLLER_FAMILIES],
    ["Agent", AGENT_FAMILIES],
    ["Both", OWN_FAMILIES],
  ] as const;
  const tables = sections.map(([title, families]) => `## ${title}\n\n${table(Object.values(families))}`);
  return `${[INTRODUCTION, ...tables, PROCESS].join("\n\n")}\n`;
}

function table(families: readonly Family[]): string {
  const rows = families.map(({ name, type, labels, help, buckets }) => {
    const bounds = buckets === undefined ? "" : ` Buckets: ${buckets.join(", ")}.`;
    return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help}${bounds} |`;
  });
  return ["| name | type | labels | meaning |", "|---|---|---|---|", ...rows].join("\n");
}
