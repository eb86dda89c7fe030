import { setImmediate } from "node:timers/promises";
import type { Registry } from "prom-client";
import { MAX_SERIES_PER_FAMILY, SLICE_MS } from "./limits";
import { OWN_FAMILIES } from "./own-families";
import { type Row, type Source, source } from "./source";

/** What one endpoint exports. */
export interface Exports {
  /** Asked for at each scrape, so that sources of one scrape may share what they found. */
  readonly sources: () => readonly Source[];
  /** Histograms, and what is known of the process. */
  readonly registry: Registry;
}

/**
 * The text of one scrape (Prometheus text format 0.0.4), in pieces. After SLICE_MS of work in a row everything else gets its turn, so
 * the size of an answer costs time, not responsiveness; rows that change meanwhile are told as they are when their turn comes.
 */
export async function* exposition(
  { sources, registry }: Exports,
  limit = MAX_SERIES_PER_FAMILY,
): AsyncGenerator<string, void, undefined> {
  const dropped: Row<readonly [string]>[] = [];
  for (const each of sources()) dropped.push([[each.family.name], yield* familyText(each, limit)]);
  yield* familyText(
    source(OWN_FAMILIES.droppedSeries, () => dropped),
    limit,
  );
  yield await registry.metrics();
}

/** Yields the text of one family; returns how many of its series were left out. */
async function* familyText({ family, rows }: Source, limit: number): AsyncGenerator<string, number, undefined> {
  const { name, help, type, labels } = family;
  let text = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  let count = 0;
  let startMs = performance.now();
  for (const [values, value] of rows()) {
    count += 1;
    if (count <= limit) text += `${name}${labelText(labels, values)} ${valueText(value)}\n`;
    if (performance.now() - startMs < SLICE_MS) continue;
    yield text;
    text = "";
    await setImmediate();
    startMs = performance.now();
  }
  yield text;
  return Math.max(0, count - limit);
}

function labelText(labels: readonly string[], values: readonly string[]): string {
  if (labels.length === 0) return "";
  return `{${labels.map((label, i) => `${label}="${escapeLabel(values[i] ?? "")}"`).join(",")}}`;
}

function valueText(value: number | bigint): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}

function escapeLabel(text: string): string {
  return /["\\\n]/.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
