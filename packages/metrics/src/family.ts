/** A family of time series: everything that is said about it, once. The reference page is made from these. */
export interface Family<Labels extends readonly string[] = readonly string[]> {
  /** In base units, with the unit in it; counters end in `_total`. */
  readonly name: string;
  readonly type: "gauge" | "counter" | "histogram";
  readonly help: string;
  readonly labels: Labels;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

/** Describes a gauge. */
export function gauge<const L extends readonly string[]>(name: string, labels: L, help: string): Family<L> {
  return { name, type: "gauge", help, labels };
}

/** Describes a counter. */
export function counter<const L extends readonly string[]>(name: string, labels: L, help: string): Family<L> {
  return { name, type: "counter", help, labels };
}

/** Describes a histogram of seconds. */
export function histogram<const L extends readonly string[]>(
  name: string,
  labels: L,
  help: string,
  buckets: readonly number[],
): Family<L> {
  return { name, type: "histogram", help, labels, buckets };
}

/** Times that something was down: 1 ms to 60 s. */
export const OUTAGE_BUCKETS: readonly number[] = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5],
  ...[1, 2, 5, 10, 30, 60],
];

/** Times that work takes: 1 ms to 10 s. */
export const LATENCY_BUCKETS: readonly number[] = [
  ...[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  ...[1, 2.5, 5, 10],
];
