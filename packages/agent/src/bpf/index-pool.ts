/** How long an index stays as it is after nothing points at it: whoever read the pointer before is through by then, ms. */
export const REUSE_GRACE_MS = 250;

const FREE = 0;
const TAKEN = 1;
const RESTING = 2;

/** Clock that never goes back, milliseconds. */
export type MonotonicClock = () => number;

/**
 * Hands out array indices, the lowest free one first, so that what is in use stays together and is read in one call. A
 * released index rests for REUSE_GRACE_MS before it is handed out again.
 */
export class IndexPool {
  readonly #states: Uint8Array;
  /** In the order of release. */
  readonly #resting: { readonly index: number; readonly sinceMs: number }[] = [];
  #firstResting = 0;
  /** Below it nothing is free. */
  #lowest = 0;
  /** From it on nothing is taken. */
  #end = 0;

  constructor(
    size: number,
    private readonly nowMs: MonotonicClock,
  ) {
    this.#states = new Uint8Array(size);
  }

  /** Undefined when all are taken. Where the rest of them only rest, it blocks until the first has. */
  take(): number | undefined {
    this.#wake();
    const index = this.#nextFree() ?? this.#awaitFree();
    if (index !== undefined) this.adopt(index);
    return index;
  }

  /** Records an index that was found in use. */
  adopt(index: number): void {
    this.#states[index] = TAKEN;
    this.#end = Math.max(this.#end, index + 1);
  }

  isTaken(index: number): boolean {
    return this.#states[index] === TAKEN;
  }

  /** Nothing points at it any more. */
  release(index: number): void {
    if (!this.isTaken(index)) return;
    this.#states[index] = RESTING;
    this.#resting.push({ index, sinceMs: this.nowMs() });
  }

  /** Nothing ever pointed at it. */
  giveBack(index: number): void {
    this.#free(index);
  }

  /** Number of indices up to and including the highest one taken. */
  span(): number {
    while (this.#end > 0 && this.#states[this.#end - 1] !== TAKEN) this.#end--;
    return this.#end;
  }

  #nextFree(): number | undefined {
    const index = this.#states.indexOf(FREE, this.#lowest);
    this.#lowest = index === -1 ? this.#states.length : index;
    return index === -1 ? undefined : index;
  }

  #awaitFree(): number | undefined {
    const oldest = this.#resting[this.#firstResting];
    if (oldest === undefined) return undefined;
    block(oldest.sinceMs + REUSE_GRACE_MS - this.nowMs());
    this.#wake();
    return this.#nextFree();
  }

  #wake(): void {
    const now = this.nowMs();
    for (;;) {
      const oldest = this.#resting[this.#firstResting];
      if (oldest === undefined || now - oldest.sinceMs < REUSE_GRACE_MS) break;
      this.#firstResting++;
      this.#free(oldest.index);
    }
    if (this.#firstResting * 2 <= this.#resting.length) return;
    this.#resting.splice(0, this.#firstResting);
    this.#firstResting = 0;
  }

  #free(index: number): void {
    this.#states[index] = FREE;
    this.#lowest = Math.min(this.#lowest, index);
  }
}

/** A grace period at most, and only where an array is used up: better than to refuse what it has room for. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.ceil(ms));
}
