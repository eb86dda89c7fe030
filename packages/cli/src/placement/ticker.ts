/** Nothing is said of work that takes less. */
const PATIENCE_MS = 2_000;

/** Tells now and then how far long work has come: first after two seconds, then every two. */
export class Ticker {
  readonly #began: number;
  #last: number;

  constructor(
    readonly say: (line: string) => void,
    readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#began = nowMs();
    this.#last = this.#began;
  }

  tick(what: string): void {
    const now = this.nowMs();
    if (now - this.#last < PATIENCE_MS) return;
    this.#last = now;
    this.say(`${what} after ${((now - this.#began) / 1_000).toFixed(0)} s`);
  }
}
