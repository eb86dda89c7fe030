/** How many probes of known fate loss is computed over. */
export const WINDOW_PROBES = 100n;

/** Totals at one observation. */
export interface FateSample {
  /** Probes whose fate is known: returned, or too old to come back. */
  readonly known: bigint;
  readonly returned: bigint;
}

/** Samples that a window has room for: those that `WINDOW_PROBES` lie between, and the one that they begin after. */
const CAPACITY = Number(WINDOW_PROBES) + 1;

/**
 * Loss over the last 100 probes of known fate, or fewer: at most 101 samples, whatever the number of observations. They lie in a ring of numbers:
 * as objects of their own, which live just long enough to be moved, they would cost more than all that is done with them.
 */
export class FateWindow {
  readonly #known = new Float64Array(CAPACITY);
  readonly #returned = new Float64Array(CAPACITY);
  #first = 0;
  #size = 0;

  /** One that brings no newly known probe replaces the last. Totals that went backwards mean a new count: it starts again. */
  add(sample: FateSample, windowProbes = WINDOW_PROBES): void {
    const known = Number(sample.known);
    const returned = Number(sample.returned);
    if (this.#size > 0) {
      const last = this.#at(this.#size - 1);
      const lastKnown = this.#known[last] as number;
      if (known < lastKnown || returned < (this.#returned[last] as number)) this.clear();
      else if (known === lastKnown) this.#size--;
    }
    while (this.#size > 1 && known - (this.#known[this.#at(1)] as number) >= Number(windowProbes)) this.#shift();
    const at = this.#at(this.#size);
    this.#known[at] = known;
    this.#returned[at] = returned;
    this.#size++;
  }

  clear(): void {
    this.#size = 0;
  }

  get size(): number {
    return this.#size;
  }

  /** Probes in it. */
  get known(): number {
    if (this.#size === 0) return 0;
    return (this.#known[this.#at(this.#size - 1)] as number) - (this.#known[this.#first] as number);
  }

  /** Parts per million; undefined while no fate is known. */
  get lossPpm(): number | undefined {
    const { known } = this;
    if (known === 0) return undefined;
    const last = this.#returned[this.#at(this.#size - 1)] as number;
    const returned = Math.min(known, last - (this.#returned[this.#first] as number));
    return Math.round((1e6 * (known - returned)) / known);
  }

  #at(index: number): number {
    return (this.#first + index) % CAPACITY;
  }

  #shift(): void {
    this.#first = this.#at(1);
    this.#size--;
  }
}
