/** Measures how long things were out, by looking at them now and then. Remembers those that are out, nothing else. */
export class Outages {
  /** Owner -> thing -> since when it is out. */
  readonly #since = new Map<string, ReadonlyMap<string, number>>();

  /** `ended` is told the length of each outage, in seconds. */
  constructor(private readonly ended: (seconds: number) => void) {}

  /** All things of an owner as they are now, on a monotonic clock; those that are not mentioned are forgotten. */
  look(owner: string, things: Iterable<readonly [thing: string, isOut: boolean]>, nowMs: number): void {
    const before = this.#since.get(owner);
    const now = new Map<string, number>();
    for (const [thing, isOut] of things) {
      const sinceMs = before?.get(thing);
      if (isOut) now.set(thing, sinceMs ?? nowMs);
      else if (sinceMs !== undefined) this.ended((nowMs - sinceMs) / 1_000);
    }
    if (now.size === 0) this.#since.delete(owner);
    else this.#since.set(owner, now);
  }

  /** The owner is gone: its outages will not be known to end. */
  forget(owner: string): void {
    this.#since.delete(owner);
  }
}
