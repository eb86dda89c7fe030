import type { QueueMemory } from "./queue-memory";

const NONE = -1;
/** Digits of keys: 31 bits are four of them. Shifts, as this is asked about every edge of a network. */
const DIGIT_BITS = 8;
const LOG_DIGIT_BITS = 3;
const DIGITS = 4;
const BUCKETS_PER_DIGIT = 2 ** DIGIT_BITS;
const LAST_DIGIT = BUCKETS_PER_DIGIT - 1;
/** Buckets whose being filled is told by the bits of one number. */
const WORD_BITS = 5;
const WORDS_PER_DIGIT = BUCKETS_PER_DIGIT >> WORD_BITS;

/**
 * Nodes in order of their keys, whole numbers below 2^31, for a search whose keys never fall below the last that it took out (radix heap: Ahuja, Mehlhorn, Orlin and
 * Tarjan 1990, with buckets of several levels: Denardo and Fox 1979). A bucket per value of the highest digit in which keys differ from the last one; each node is in
 * one at most, so the memory is fixed. Nodes of equal keys come in any order.
 */
export class RadixQueue {
  readonly #first = new Int32Array(DIGITS * BUCKETS_PER_DIGIT).fill(NONE);
  /** A bit for each bucket that has nodes. */
  readonly #filled = new Int32Array(DIGITS * WORDS_PER_DIGIT);
  readonly keys: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  #size = 0;
  #last = 0;

  /** `keys` are the owner's, by node: it changes them together with `push` and `lower`. */
  constructor({ keys, next, previous }: QueueMemory) {
    this.keys = keys;
    this.#next = next;
    this.#previous = previous;
  }

  /** Empties it; keys begin at 0 again. */
  clear(): void {
    if (this.#size > 0) {
      this.#first.fill(NONE);
      this.#filled.fill(0);
    }
    this.#size = 0;
    this.#last = 0;
  }

  /** Adds a node that is not there, with the key that it has. */
  push(node: number): void {
    this.#size++;
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
    if (this.#size === 0) return NONE;
    let bucket = this.#firstFilled(0, (this.#last & LAST_DIGIT) >> WORD_BITS);
    for (let digit = 1; bucket === NONE; digit++) {
      const higher = this.#firstFilled(digit, 0);
      if (higher !== NONE) bucket = this.#spread(higher);
    }
    const node = this.#first[bucket] as number;
    this.#takeOut(node, bucket);
    this.#size--;
    this.#last = this.keys[node] as number;
    return node;
  }

  #bucketOf(key: number): number {
    const digit = (31 - Math.clz32((key ^ this.#last) | 1)) >> LOG_DIGIT_BITS;
    return (digit << DIGIT_BITS) | ((key >> (digit << LOG_DIGIT_BITS)) & LAST_DIGIT);
  }

  /** The lowest bucket of a digit that has nodes; words before `word` have none. */
  #firstFilled(digit: number, word: number): number {
    const end = (digit + 1) * WORDS_PER_DIGIT;
    for (let at = digit * WORDS_PER_DIGIT + word; at < end; at++) {
      const bits = this.#filled[at] as number;
      if (bits !== 0) return (at << WORD_BITS) + 31 - Math.clz32(bits & -bits);
    }
    return NONE;
  }

  #put(node: number, bucket: number): void {
    const next = this.#first[bucket] as number;
    this.#next[node] = next;
    this.#previous[node] = NONE;
    this.#first[bucket] = node;
    if (next !== NONE) this.#previous[next] = node;
    else this.#filled[bucket >> WORD_BITS] = (this.#filled[bucket >> WORD_BITS] as number) | bitOf(bucket);
  }

  #takeOut(node: number, bucket: number): void {
    const next = this.#next[node] as number;
    const previous = this.#previous[node] as number;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    else this.#begin(bucket, next);
  }

  /** From now on a bucket begins with this node, or is empty. */
  #begin(bucket: number, first: number): void {
    this.#first[bucket] = first;
    if (first === NONE)
      this.#filled[bucket >> WORD_BITS] = (this.#filled[bucket >> WORD_BITS] as number) & ~bitOf(bucket);
  }

  /** A bucket's smallest key becomes the last one: its nodes go to those of lower digits. Returns where those of that key are. */
  #spread(bucket: number): number {
    const { keys } = this;
    const first = this.#first[bucket] as number;
    let least = keys[first] as number;
    for (let node = this.#next[first] as number; node !== NONE; node = this.#next[node] as number) {
      if ((keys[node] as number) < least) least = keys[node] as number;
    }
    this.#last = least;
    this.#begin(bucket, NONE);
    for (let node = first; node !== NONE; ) {
      const next = this.#next[node] as number;
      this.#put(node, this.#bucketOf(keys[node] as number));
      node = next;
    }
    return this.#bucketOf(least);
  }
}

function bitOf(bucket: number): number {
  return 1 << (bucket & ((1 << WORD_BITS) - 1));
}
