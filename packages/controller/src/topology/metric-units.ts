import type { LinkDirection, Metric } from "@sextant/model";

/** Delay and jitter are counted in nanoseconds inside: whole numbers, also for fractions of a microsecond. */
const NS_PER_US = 1_000;
/** Loss is -ln(1 - p) inside, which adds up along a path, in steps of 1e-11: 1 ppm is 100,000 steps. */
const LOSS_STEPS = 1e11;
/** What a link that loses everything counts, instead of infinity: e^-32 is delivered. */
const LOSS_CAP = 32 * LOSS_STEPS;
const PPM = 1_000_000;

/** What crossing a link adds to a metric, in the whole units used inside. */
export function crossingCost(direction: LinkDirection, metric: Metric): number {
  switch (metric) {
    case "delay":
      return Math.round(direction.delayUs * NS_PER_US);
    case "jitter":
      return Math.round(direction.jitterUs * NS_PER_US);
    case "loss":
      return Math.min(LOSS_CAP, Math.round(-Math.log1p(-direction.lossPpm / PPM) * LOSS_STEPS));
    case "hops":
      return 1;
    case "igp":
    case "te":
      return direction[metric];
  }
}

/** A sum in inside units as the unit of the metric's field in PathMetrics: microseconds, ppm, or the number itself. */
export function toFieldUnits(metric: Metric, units: number): number {
  switch (metric) {
    case "delay":
    case "jitter":
      return units / NS_PER_US;
    case "loss":
      // To a thousandth of a ppm: the logarithm's rounding stays invisible.
      return Math.round(-Math.expm1(-units / LOSS_STEPS) * PPM * 1_000) / 1_000;
    case "hops":
    case "igp":
    case "te":
      return units;
  }
}

/** A bound in milliseconds as inside units of delay or jitter. */
export function millisecondsToUnits(milliseconds: number): number {
  return Math.round(milliseconds * 1_000 * NS_PER_US);
}

/** A share of lost packets as inside units of loss; Infinity for all of them. */
export function lossPercentToUnits(percent: number): number {
  return Math.round(-Math.log1p(-percent / 100) * LOSS_STEPS);
}

/** Units of a weighted sum in which a microsecond, a ppm, or one of a plain metric counts: all of its parts are whole then. */
const WEIGHTED_UNITS = 1_000;

/** What `units` of a metric count in a weighted sum, for a weight of 1. */
export function toWeightedUnits(metric: Metric, units: number): number {
  switch (metric) {
    case "delay":
    case "jitter":
      return units * (WEIGHTED_UNITS / NS_PER_US);
    case "loss":
      return Math.round((units * WEIGHTED_UNITS * PPM) / LOSS_STEPS);
    case "hops":
    case "igp":
    case "te":
      return units * WEIGHTED_UNITS;
  }
}

/** Microseconds as `23.4 ms`: as many digits as the value has, to the nanosecond, so that two that differ look different. */
export function formatMs(us: number): string {
  return `${Math.round(us * NS_PER_US) / (NS_PER_US * 1_000)} ms`;
}

/** Parts per million as `0.25 %`. */
export function formatPercent(ppm: number): string {
  return `${Math.round(ppm * 1_000) / 10_000_000} %`;
}
