/** What several runs gave. */
export interface Spread {
  readonly median: number;
  readonly p95: number;
}

/** Median and 95th percentile; of few runs the latter is the worst or nearly so. Throws when there is no value. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: percentile(values, 0.5), p95: percentile(values, 0.95) };
}

/** The smallest value that at least `share` of all values do not exceed (nearest rank). Throws when there is no value. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new Error("a percentile of nothing");
  return found;
}
