/** How many probes of known fate loss is computed over. */
const WINDOW_PROBES = 100n;

/** Totals at one observation. */
export interface FateSample {
  /** Probes whose fate is known: returned, or too old to come back. */
  readonly known: bigint;
  readonly returned: bigint;
}

/** Loss over the last 100 probes of known fate: at most 101 samples, whatever the number of observations. */
export class FateWindow {
  readonly #samples: FateSample[] = [];

  /** One that brings no newly known probe replaces the last. Totals that went backwards mean a new count: it starts again. */
  add(sample: FateSample): void {
    const samples = this.#samples;
    const last = samples.at(-1);
    if (last !== undefined && (sample.known < last.known || sample.returned < last.returned)) this.clear();
    if (last !== undefined && last.known === sample.known) samples.pop();
    samples.push(sample);
    while (samples[1] !== undefined && sample.known - samples[1].known >= WINDOW_PROBES) samples.shift();
  }

  clear(): void {
    this.#samples.length = 0;
  }

  get size(): number {
    return this.#samples.length;
  }

  /** Parts per million; undefined while no fate is known. */
  get lossPpm(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.known === first.known) return undefined;
    const known = Number(last.known - first.known);
    const returned = Math.min(known, Number(last.returned - first.returned));
    return Math.round((1e6 * (known - returned)) / known);
  }
}
