import type { Multipath } from "@sextant/model";

/** The packet path keeps weights in 16 bits. */
const MAX_WEIGHT = 65_535;
/** What a link without a stated capacity counts: the most that a document may state. */
const UNLIMITED_MBPS = 10_000_000;

/**
 * Weights of paths by their narrowest capacities in Mbit/s: all 1, or in proportion, as the smallest whole numbers where they
 * fit 1 to 65535 and rounded where they do not.
 */
export function weightsOf(bottlenecksMbps: readonly number[], weights: Multipath["weights"]): number[] {
  if (weights === "equal") return bottlenecksMbps.map(() => 1);
  // In kbit/s, so that fractions of a Mbit/s are whole; a path without capacity keeps the smallest share.
  const rates = bottlenecksMbps.map((mbps) => Math.max(1, Math.round(1_000 * Math.min(mbps, UNLIMITED_MBPS))));
  const divisor = rates.reduce(greatestCommonDivisor, 0);
  const largest = Math.max(...rates) / divisor;
  const scale = largest > MAX_WEIGHT ? MAX_WEIGHT / largest : 1;
  return rates.map((rate) => Math.max(1, Math.round((rate / divisor) * scale)));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
