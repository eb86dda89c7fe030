import { IndexPool, type MonotonicClock } from "./index-pool";

/** Array indices by the key of what is there. A key can move: its old slot stays what it is until that is retired. */
export class SlotPool<Key> {
  readonly #pool: IndexPool;
  readonly #slots = new Map<Key, number>();
  readonly #keys = new Map<number, Key>();

  constructor(size: number, nowMs: MonotonicClock) {
    this.#pool = new IndexPool(size, nowMs);
  }

  /** Slot of a key that has one. */
  get(key: Key): number | undefined {
    return this.#slots.get(key);
  }

  /** Key of a slot that is in use. */
  keyAt(slot: number): Key | undefined {
    return this.#keys.get(slot);
  }

  /** Reserves a slot; undefined when all are in use; blocks while they only rest. `place` or `giveBack` follows. */
  reserve(): number | undefined {
    return this.#pool.take();
  }

  /** The slot was never written, or nothing has ever pointed at it. */
  giveBack(slot: number): void {
    this.#pool.giveBack(slot);
  }

  /** The key is at this slot from now on. */
  place(key: Key, slot: number): void {
    this.#pool.adopt(slot);
    this.#slots.set(key, slot);
    this.#keys.set(slot, key);
  }

  /**
   * Records a slot that was found in use. False when its key has one already: a process ended while it was moving. Such a slot
   * is nobody's, but rests first: what the process had pointed at it is still to be put right.
   */
  adopt(key: Key, slot: number): boolean {
    if (!this.#slots.has(key)) {
      this.place(key, slot);
      return true;
    }
    this.#pool.adopt(slot);
    this.#pool.release(slot);
    return false;
  }

  /** Nothing points at the slot any more. */
  retire(slot: number): void {
    const key = this.#keys.get(slot);
    if (key !== undefined && this.#slots.get(key) === slot) this.#slots.delete(key);
    this.#keys.delete(slot);
    this.#pool.release(slot);
  }

  /** Keys with their slots. */
  entries(): ReadonlyMap<Key, number> {
    return this.#slots;
  }

  /** Number of slots up to and including the highest one in use. */
  span(): number {
    return this.#pool.span();
  }
}
