/** How many probes of known fate loss is computed over. */
const LOSS_WINDOW_PROBES = 100n;

/** Totals at one observation. */
export interface FateSample {
  /** Probes whose fate is known: returned, or too old to come back. */
  readonly known: bigint;
  readonly returned: bigint;
}

/**
 * Samples that span the last 100 probes of known fate, oldest first. At most 101 of them: one that brings no newly known
 * probe replaces the last, and those before the window go.
 */
export type LossWindow = readonly FateSample[];

/** Adds an observation. Totals that went backwards mean a new count: the window starts again. */
export function addSample(window: LossWindow, sample: FateSample): LossWindow {
  const last = window.at(-1);
  if (last === undefined || sample.known < last.known || sample.returned < last.returned) return [sample];
  const grown = sample.known === last.known ? [...window.slice(0, -1), sample] : [...window, sample];
  const firstInside = grown.findIndex(({ known }) => sample.known - known < LOSS_WINDOW_PROBES);
  return grown.slice(Math.max(0, firstInside - 1));
}

/** Loss over the window in parts per million; 0 while no fate is known. */
export function lossPpm(window: LossWindow): number {
  const first = window[0];
  const last = window.at(-1);
  if (first === undefined || last === undefined || last.known === first.known) return 0;
  const known = Number(last.known - first.known);
  const returned = Math.min(known, Number(last.returned - first.returned));
  return Math.round((1e6 * (known - returned)) / known);
}
