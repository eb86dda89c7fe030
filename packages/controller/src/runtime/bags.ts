/** Values by key: each at most once per key, in no order. Takes a word per value, and for removing one a look through those of its key. */
export class Bags<K, V> {
  readonly #bags = new Map<K, V[]>();

  add(key: K, value: V): void {
    const bag = this.#bags.get(key);
    if (bag === undefined) this.#bags.set(key, [value]);
    else bag.push(value);
  }

  /** The value must be there. */
  remove(key: K, value: V): void {
    const bag = this.#bags.get(key);
    const last = bag?.pop();
    if (bag === undefined || last === undefined) throw new RangeError("nothing of that key is there");
    if (bag.length === 0) this.#bags.delete(key);
    if (last === value) return;
    const at = bag.indexOf(value);
    if (at < 0) throw new RangeError("it is not there");
    bag[at] = last;
  }

  of(key: K): readonly V[] {
    return this.#bags.get(key) ?? [];
  }
}
