/** How many probes of known fate loss is computed over. */
export const WINDOW_PROBES = 100n;

/** Totals at one observation. */
export interface FateSample {
  /** Probes whose fate is known: returned, or too old to come back. */
  readonly known: bigint;
  readonly returned: bigint;
}

/** Loss over the last 100 probes of known fate, or fewer: at most 101 samples, whatever the number of observations. */
export class FateWindow {
  readonly #samples: FateSample[] = [];

  /** One that brings no newly known probe replaces the last. Totals that went backwards mean a new count: it starts again. */
  add(sample: FateSample, windowProbes = WINDOW_PROBES): void {
    const samples = this.#samples;
    const last = samples.at(-1);
    if (last !== undefined && (sample.known < last.known || sample.returned < last.returned)) this.clear();
    if (last !== undefined && last.known === sample.known) samples.pop();
    samples.push(sample);
    while (samples[1] !== undefined && sample.known - samples[1].known >= windowProbes) samples.shift();
  }

  clear(): void {
    this.#samples.length = 0;
  }

  get size(): number {
    return this.#samples.length;
  }

  /** Probes in it. */
  get known(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    return first === undefined || last === undefined ? 0 : Number(last.known - first.known);
  }

  /** Parts per million; undefined while no fate is known. */
  get lossPpm(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    const { known } = this;
    if (first === undefined || last === undefined || known === 0) return undefined;
    const returned = Math.min(known, Number(last.returned - first.returned));
    return Math.round((1e6 * (known - returned)) / known);
  }
}
