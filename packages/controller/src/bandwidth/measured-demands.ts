/** Rates are means over windows of this length. */
export const WINDOW_MS = 60_000;
/** A demand follows from so many of the last windows. */
const WINDOWS = 10;
/** Share of the windows in which the rate was at most the demand (nearest rank). */
const PERCENTILE = 0.9;
/** A demand changes when it is beyond what is reserved by this factor, or below it by that one. */
const RAISE = 1.1;
const LOWER = 0.7;
/** Most policies whose demand changes at a time: each may move paths. */
const MAX_CHANGES = 20;
/** Most policies that are measured; others keep what they have reserved. */
const MAX_MEASURED = 200_000;
const BITS_PER_BYTE = 8;
const BITS_PER_MBIT = 1_000_000;
const MS_PER_SECOND = 1_000;
/** Demands are rounded up to so many digits. */
const DIGITS = 2;

/** A demand that is to be reserved from now on. */
export interface DemandChange {
  readonly intent: string;
  /** Name of the pair. */
  readonly policy: string;
  readonly mbps: number;
}

interface Meter {
  readonly intent: string;
  readonly policy: string;
  bytes: bigint;
  atMs: number;
  windowMs: number;
  windowBytes: number;
  /** Mbit/s of the last windows, the latest last. */
  readonly rates: number[];
}

/**
 * How much bandwidth policies need, from the totals of bytes that their hosts report. Nothing is said of a policy before its first whole window.
 * The 90th percentile of the last ten minutes is compared to what is reserved; it is followed when it is more than a tenth above, or less
 * than seven tenths of it, so that a demand that sways does not move paths. At most 20 policies change at a time, those that are farthest off first.
 */
export class MeasuredDemands {
  readonly #meters = new Map<string, Meter>();

  /** Takes a policy's total in. Totals that fall began anew; time does not go back. */
  observe(intent: string, policy: string, bytes: bigint, atMs: number): void {
    const key = `${intent} ${policy}`;
    const meter = this.#meters.get(key);
    if (meter === undefined) {
      if (this.#meters.size >= MAX_MEASURED) return;
      this.#meters.set(key, { intent, policy, bytes, atMs, windowMs: 0, windowBytes: 0, rates: [] });
      return;
    }
    const spentMs = atMs - meter.atMs;
    if (spentMs <= 0) return;
    const isNew = bytes < meter.bytes;
    const sent = isNew ? 0 : Number(bytes - meter.bytes);
    meter.bytes = bytes;
    meter.atMs = atMs;
    // What was sent while nobody counted is unknown: the window waits.
    if (isNew) return;
    meter.windowMs += spentMs;
    meter.windowBytes += sent;
    if (meter.windowMs >= WINDOW_MS) closeWindow(meter);
  }

  /** Demands that are to change, given what is reserved. */
  changes(reservedMbps: (intent: string, policy: string) => number): DemandChange[] {
    const wanted = [...this.#meters.values()].flatMap(({ intent, policy, rates }) => {
      const mbps = demandOf(rates);
      const reserved = reservedMbps(intent, policy);
      const isFar = mbps !== undefined && (mbps > RAISE * reserved || mbps < LOWER * reserved);
      return isFar && mbps !== reserved ? [{ intent, policy, mbps, distance: Math.abs(mbps - reserved) }] : [];
    });
    return wanted
      .sort((a, b) => b.distance - a.distance || (`${a.intent} ${a.policy}` < `${b.intent} ${b.policy}` ? -1 : 1))
      .slice(0, MAX_CHANGES)
      .map(({ intent, policy, mbps }) => ({ intent, policy, mbps }));
  }

  /** Forgets policies that are measured no more. */
  keepOnly(isMeasured: (intent: string, policy: string) => boolean): void {
    for (const [key, { intent, policy }] of this.#meters) if (!isMeasured(intent, policy)) this.#meters.delete(key);
  }
}

function closeWindow(meter: Meter): void {
  const bitsPerSecond = (meter.windowBytes * BITS_PER_BYTE * MS_PER_SECOND) / meter.windowMs;
  meter.rates.push(bitsPerSecond / BITS_PER_MBIT);
  if (meter.rates.length > WINDOWS) meter.rates.shift();
  meter.windowMs = 0;
  meter.windowBytes = 0;
}

/** Undefined while nothing is known. */
function demandOf(rates: readonly number[]): number | undefined {
  const inOrder = [...rates].sort((a, b) => a - b);
  const mbps = inOrder[Math.ceil(PERCENTILE * inOrder.length) - 1];
  if (mbps === undefined || mbps === 0) return mbps;
  const step = 10 ** (Math.floor(Math.log10(mbps)) + 1 - DIGITS);
  return Number((Math.ceil(mbps / step) * step).toPrecision(DIGITS));
}
