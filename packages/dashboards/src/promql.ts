import type { Family } from "@sextant/metrics";

/** Range that Grafana puts in: long enough for four scrapes. */
export const RATE_INTERVAL = "$__rate_interval";

/** Labels of a family and the value that each must have; `=` matches, so no regular expressions. */
export type Match<L extends readonly string[]> = Partial<Record<L[number], string>>;

/** The series of a family that have these labels. A family or label that is gone does not compile. */
export function select<L extends readonly string[]>({ name }: Family<L>, match: Match<L> = {}): string {
  return name + matchers(match);
}

/** Increase per second of counters, over `range`. */
export function rate<L extends readonly string[]>(
  family: Family<L>,
  match: Match<L> = {},
  range: string = RATE_INTERVAL,
): string {
  return `rate(${select(family, match)}[${range}])`;
}

/** A quantile (0 to 1) of what a histogram counted over `range`; NaN when it counted nothing. */
export function quantile<L extends readonly string[]>(
  q: number,
  { name }: Family<L>,
  match: Match<L> = {},
  range: string = RATE_INTERVAL,
): string {
  return `histogram_quantile(${q}, sum by (le) (rate(${name}_bucket${matchers(match)}[${range}])))`;
}

/** Sums away every label but these. */
export function sumBy(labels: readonly string[], expression: string): string {
  return labels.length === 0 ? `sum(${expression})` : `sum by (${labels.join(", ")}) (${expression})`;
}

/** One series per value of these labels, whatever else tells them apart (a target that was renamed, for example). */
export function maxBy(labels: readonly string[], expression: string): string {
  return `max by (${labels.join(", ")}) (${expression})`;
}

/** Bytes per second as bits per second. */
export function bits(bytesPerSecond: string): string {
  return `8 * ${bytesPerSecond}`;
}

function matchers(match: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(match).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
