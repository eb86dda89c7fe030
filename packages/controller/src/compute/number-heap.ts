/** Binary min-heap of (key, value) pairs of numbers. Equal keys come out in any order. */
export class NumberHeap {
  #keys: number[] = [];
  #values: number[] = [];

  push(key: number, value: number): void {
    const keys = this.#keys;
    const values = this.#values;
    let hole = keys.length;
    keys.push(key);
    values.push(value);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const parentKey = keys[parent] as number;
      if (parentKey <= key) break;
      keys[hole] = parentKey;
      values[hole] = values[parent] as number;
      hole = parent;
    }
    keys[hole] = key;
    values[hole] = value;
  }

  /** Key of the next pair; Infinity when empty. */
  minKey(): number {
    return this.#keys[0] ?? Number.POSITIVE_INFINITY;
  }

  /** Removes the pair with the smallest key and returns its value; undefined when empty. */
  pop(): number | undefined {
    const top = this.#values[0];
    const lastKey = this.#keys.pop();
    const lastValue = this.#values.pop();
    if (lastKey !== undefined && lastValue !== undefined && this.#keys.length > 0) this.#sink(lastKey, lastValue);
    return top;
  }

  #sink(key: number, value: number): void {
    const keys = this.#keys;
    const values = this.#values;
    const size = keys.length;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && (keys[child + 1] as number) < (keys[child] as number)) child++;
      const childKey = keys[child] as number;
      if (childKey >= key) break;
      keys[hole] = childKey;
      values[hole] = values[child] as number;
      hole = child;
    }
    keys[hole] = key;
    values[hole] = value;
  }
}
