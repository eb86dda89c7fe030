/** Hands out array indices, the lowest free one first, so that what is in use stays together and is read in one call. */
export class SlotPool<Key> {
  private readonly slots = new Map<Key, number>();
  private readonly taken: boolean[];

  constructor(private readonly size: number) {
    this.taken = new Array<boolean>(size).fill(false);
  }

  /** Slot of a key that has one. */
  get(key: Key): number | undefined {
    return this.slots.get(key);
  }

  /** Gives a key a slot; undefined when all are taken. */
  take(key: Key): number | undefined {
    const free = this.taken.indexOf(false);
    if (free === -1) return undefined;
    this.adopt(key, free);
    return free;
  }

  /** Records a slot that was found in use. */
  adopt(key: Key, slot: number): void {
    this.taken[slot] = true;
    this.slots.set(key, slot);
  }

  release(key: Key): void {
    const slot = this.slots.get(key);
    if (slot === undefined) return;
    this.taken[slot] = false;
    this.slots.delete(key);
  }

  /** Keys with their slots. */
  entries(): ReadonlyMap<Key, number> {
    return this.slots;
  }

  /** Number of slots up to and including the highest one taken. */
  span(): number {
    return this.taken.lastIndexOf(true) + 1;
  }
}
