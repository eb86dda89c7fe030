/** First delay before dialling again. */
const BACKOFF_MIN_MS = 100;
/** Longest delay. */
export const BACKOFF_MAX_MS = 10_000;

/**
 * Milliseconds to wait before attempt number `attempt` (from 0): doubling from 100 ms to 10 s, of which a random half is
 * taken off, so that hosts that lost the same controller come back spread out. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling * (1 - random / 2));
}
