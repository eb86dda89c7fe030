import type { QueueMemory } from "./queue-memory";

const NONE = -1;

/**
 * Nodes in order of their keys, for a search in which each step adds at least `step` and at most `longest`, both whole numbers: keys that differ by less than a step come
 * in any order, as none of such nodes can better another (Dinitz 1978; with buckets in a circle, Dial 1969). Each node is in it once at most. The width of buckets and
 * their number are powers of two: divisions by others take a tenth of a tree's time.
 */
export class BucketQueue {
  /** A bucket has keys that are equal but for so many of their last bits. */
  readonly #shift: number;
  readonly #lastBucket: number;
  readonly #first: Int32Array;
  readonly keys: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Which step of keys is looked at. */
  #at = 0;
  #size = 0;

  /** `keys` are the owner's, by node: it changes them together with `push` and `lower`. */
  constructor({ keys, next, previous }: QueueMemory, step: number, longest: number) {
    this.#shift = 31 - Math.clz32(step);
    // All keys that are there at a time lie in different buckets of these, or in one.
    const buckets = powerAbove((longest >> this.#shift) + 1);
    this.#lastBucket = buckets - 1;
    this.#first = new Int32Array(buckets).fill(NONE);
    this.keys = keys;
    this.#next = next;
    this.#previous = previous;
  }

  /** Empties it; keys begin at 0 again. */
  clear(): void {
    this.#first.fill(NONE);
    this.#at = 0;
    this.#size = 0;
  }

  /** Adds a node that is not there, with the key that it has. */
  push(node: number): void {
    this.#put(node, this.#bucketOf(this.keys[node] as number));
    this.#size++;
  }

  /** A node that is there, and had `before`, has a smaller key. */
  lower(node: number, before: number): void {
    const from = this.#bucketOf(before);
    const to = this.#bucketOf(this.keys[node] as number);
    if (from === to) return;
    this.#takeOut(node, from);
    this.#put(node, to);
  }

  /** Takes out a node of the smallest step; -1 when there is none. */
  pop(): number {
    if (this.#size === 0) return NONE;
    const first = this.#first;
    let bucket = this.#at;
    while (first[bucket] === NONE) bucket = (bucket + 1) & this.#lastBucket;
    this.#at = bucket;
    const node = first[bucket] as number;
    const next = this.#next[node] as number;
    first[bucket] = next;
    if (next !== NONE) this.#previous[next] = NONE;
    this.#size--;
    return node;
  }

  #bucketOf(key: number): number {
    return (key >> this.#shift) & this.#lastBucket;
  }

  #put(node: number, bucket: number): void {
    const next = this.#first[bucket] as number;
    this.#next[node] = next;
    this.#previous[node] = NONE;
    if (next !== NONE) this.#previous[next] = node;
    this.#first[bucket] = node;
  }

  #takeOut(node: number, bucket: number): void {
    const next = this.#next[node] as number;
    const previous = this.#previous[node] as number;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    else this.#first[bucket] = next;
  }
}

/** The least power of two above a number. */
function powerAbove(number: number): number {
  return 2 ** (32 - Math.clz32(number));
}
