const NONE = -1;
/** One more than a key has bits: keys have 31. */
const BUCKETS = 32;

/**
 * Nodes in order of their keys, whole numbers below 2^31, for a search whose keys never fall below the last that it took out (radix heap: Ahuja, Mehlhorn, Orlin and
 * Tarjan 1990). A bucket per highest bit in which keys differ from the last one; each node is in one at most, so the memory is fixed. Nodes of equal keys come in
 * any order.
 */
export class RadixQueue {
  readonly #first = new Int32Array(BUCKETS).fill(NONE);
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** A bit for each bucket that has nodes. */
  #filled = 0;
  #last = 0;

  /** `keys` are the owner's, by node: it changes them together with `push` and `lower`. */
  constructor(readonly keys: Int32Array) {
    this.#next = new Int32Array(keys.length);
    this.#previous = new Int32Array(keys.length);
  }

  /** Empties it; keys begin at 0 again. */
  clear(): void {
    this.#first.fill(NONE);
    this.#filled = 0;
    this.#last = 0;
  }

  /** Adds a node that is not there, with the key that it has. */
  push(node: number): void {
    this.#put(node, this.#bucketOf(this.keys[node] as number));
  }

  /** A node that is there, and had `before`, has a smaller key. */
  lower(node: number, before: number): void {
    const from = this.#bucketOf(before);
    const to = this.#bucketOf(this.keys[node] as number);
    if (from === to) return;
    this.#takeOut(node, from);
    this.#put(node, to);
  }

  /** Takes out a node of the smallest key; -1 when there is none. */
  pop(): number {
    if (this.#filled === 0) return NONE;
    const bucket = 31 - Math.clz32(this.#filled & -this.#filled);
    if (bucket > 0) this.#spread(bucket);
    const node = this.#first[0] as number;
    this.#takeOut(node, 0);
    return node;
  }

  #bucketOf(key: number): number {
    return BUCKETS - Math.clz32(key ^ this.#last);
  }

  #put(node: number, bucket: number): void {
    const next = this.#first[bucket] as number;
    this.#next[node] = next;
    this.#previous[node] = NONE;
    if (next !== NONE) this.#previous[next] = node;
    this.#first[bucket] = node;
    this.#filled |= 1 << bucket;
  }

  #takeOut(node: number, bucket: number): void {
    const next = this.#next[node] as number;
    const previous = this.#previous[node] as number;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    else {
      this.#first[bucket] = next;
      if (next === NONE) this.#filled &= ~(1 << bucket);
    }
  }

  /** The lowest bucket's smallest key becomes the last one: its nodes go to lower buckets. */
  #spread(bucket: number): void {
    const { keys } = this;
    const first = this.#first[bucket] as number;
    let least = keys[first] as number;
    for (let node = this.#next[first] as number; node !== NONE; node = this.#next[node] as number) {
      if ((keys[node] as number) < least) least = keys[node] as number;
    }
    this.#last = least;
    this.#first[bucket] = NONE;
    this.#filled &= ~(1 << bucket);
    for (let node = first; node !== NONE; ) {
      const next = this.#next[node] as number;
      this.#put(node, this.#bucketOf(keys[node] as number));
      node = next;
    }
  }
}
