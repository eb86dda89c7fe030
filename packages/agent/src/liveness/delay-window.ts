/** Round trips that mean and jitter are computed over. */
const WINDOW_SAMPLES = 32;

/** The last round trips of a list, at most one per observation. */
export class DelayWindow {
  readonly #samplesUs: number[] = [];
  #sumUs = 0;

  add(roundTripUs: number): void {
    this.#samplesUs.push(roundTripUs);
    this.#sumUs += roundTripUs;
    if (this.#samplesUs.length > WINDOW_SAMPLES) this.#sumUs -= this.#samplesUs.shift() ?? 0;
  }

  get size(): number {
    return this.#samplesUs.length;
  }

  /** Undefined before the first return. */
  get meanUs(): number | undefined {
    return this.size === 0 ? undefined : this.#sumUs / this.size;
  }

  /** Mean difference between two in turn; what RFC 3550 section 6.4.1 smooths, over a window. 0 before the second return. */
  get jitterUs(): number {
    const samples = this.#samplesUs;
    if (samples.length < 2) return 0;
    const sum = samples.reduce(
      (total, sample, i) => total + (i === 0 ? 0 : Math.abs(sample - (samples[i - 1] ?? 0))),
      0,
    );
    return sum / (samples.length - 1);
  }
}
