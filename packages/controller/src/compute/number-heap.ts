/** Children of a node: four lie in one cache line, and the heap is half as deep as with two. */
const ARITY = 4;
const FIRST_CAPACITY = 64;

/** Min-heap of (key, value) pairs of numbers; values are 32-bit integers. Equal keys come out in any order. */
export class NumberHeap {
  #keys = new Float64Array(FIRST_CAPACITY);
  #values = new Int32Array(FIRST_CAPACITY);
  #size = 0;

  push(key: number, value: number): void {
    if (this.#size === this.#keys.length) this.#grow();
    const keys = this.#keys;
    const values = this.#values;
    let hole = this.#size++;
    while (hole > 0) {
      const parent = ((hole - 1) / ARITY) | 0;
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
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#keys[0] as number);
  }

  /** Removes the pair with the smallest key and returns its value; undefined when empty. */
  pop(): number | undefined {
    if (this.#size === 0) return undefined;
    const top = this.#values[0] as number;
    this.#size--;
    this.#sink(this.#keys[this.#size] as number, this.#values[this.#size] as number);
    return top;
  }

  /** Removes all pairs. */
  clear(): void {
    this.#size = 0;
  }

  /** Puts the pair into the hole at the top. */
  #sink(key: number, value: number): void {
    const keys = this.#keys;
    const values = this.#values;
    const size = this.#size;
    let hole = 0;
    for (;;) {
      const first = ARITY * hole + 1;
      if (first >= size) break;
      const end = Math.min(first + ARITY, size);
      let least = first;
      let leastKey = keys[first] as number;
      for (let child = first + 1; child < end; child++) {
        const childKey = keys[child] as number;
        if (childKey < leastKey) {
          least = child;
          leastKey = childKey;
        }
      }
      if (leastKey >= key) break;
      keys[hole] = leastKey;
      values[hole] = values[least] as number;
      hole = least;
    }
    keys[hole] = key;
    values[hole] = value;
  }

  #grow(): void {
    const keys = new Float64Array(2 * this.#keys.length);
    const values = new Int32Array(2 * this.#values.length);
    keys.set(this.#keys);
    values.set(this.#values);
    this.#keys = keys;
    this.#values = values;
  }
}
