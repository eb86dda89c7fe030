/** What lasts longer than one or two such periods is how it is; the kernel's least round trip is of as long (tcp_min_rtt_wlen). */
const PERIOD_MS = 300_000;

/** The least value of the last five to ten minutes. Two numbers and a time, whatever happens. */
export class Least {
  #now = Infinity;
  #before = Infinity;
  #sinceMs = -Infinity;

  /** Times are monotonic. */
  add(value: number, nowMs: number): void {
    if (nowMs - this.#sinceMs > PERIOD_MS) {
      this.#before = this.#now;
      this.#now = Infinity;
      this.#sinceMs = nowMs;
    }
    this.#now = Math.min(this.#now, value);
  }

  /** Undefined before the first. */
  get value(): number | undefined {
    const least = Math.min(this.#now, this.#before);
    return least === Infinity ? undefined : least;
  }
}
