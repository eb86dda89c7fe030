/** Numbers of a block: as many bytes as the processor fetches at once. */
const BLOCK = 16;
/** Where a block says which one follows, and how many values it has; these come after. */
const NEXT = 0;
const COUNT = 1;
const VALUES = 2;
/** No block: the first one is nobody's. */
const NONE = 0;
const FIRST_BLOCKS = 1_024;

/**
 * Values by key, both small whole numbers: each value at most once per key, in no order. All lie in one array, in blocks: the garbage collector has nothing to look at.
 * Adding one takes no longer for a key that has many; removing one takes a look through those of its key.
 */
export class Bags {
  /** The first block of each key: only this one may have fewer values than it can. */
  readonly #first: Int32Array;
  #blocks = new Int32Array(FIRST_BLOCKS * BLOCK);
  #used = 1;
  /** The first of the blocks that were given back. */
  #free = NONE;

  /** Keys are below `keys`. */
  constructor(keys: number) {
    this.#first = new Int32Array(keys);
  }

  add(key: number, value: number): void {
    let block = this.#first[key] as number;
    if (block === NONE || this.#blocks[block + COUNT] === BLOCK - VALUES) {
      const made = this.#take();
      this.#blocks[made + NEXT] = block;
      this.#blocks[made + COUNT] = 0;
      this.#first[key] = block = made;
    }
    const count = this.#blocks[block + COUNT] as number;
    this.#blocks[block + VALUES + count] = value;
    this.#blocks[block + COUNT] = count + 1;
  }

  /** The value must be there. The last one takes its place. */
  remove(key: number, value: number): void {
    const first = this.#first[key] as number;
    const at = this.#find(first, value);
    if (at === NONE) throw new RangeError("it is not there");
    const count = (this.#blocks[first + COUNT] as number) - 1;
    this.#blocks[at] = this.#blocks[first + VALUES + count] as number;
    this.#blocks[first + COUNT] = count;
    if (count > 0) return;
    this.#first[key] = this.#blocks[first + NEXT] as number;
    this.#blocks[first + NEXT] = this.#free;
    this.#free = first;
  }

  of(key: number): number[] {
    const values: number[] = [];
    for (let block = this.#first[key] as number; block !== NONE; block = this.#blocks[block + NEXT] as number) {
      const end = block + VALUES + (this.#blocks[block + COUNT] as number);
      for (let at = block + VALUES; at < end; at++) values.push(this.#blocks[at] as number);
    }
    return values;
  }

  /** Where a value is among those of a block and the ones that follow. */
  #find(first: number, value: number): number {
    for (let block = first; block !== NONE; block = this.#blocks[block + NEXT] as number) {
      const end = block + VALUES + (this.#blocks[block + COUNT] as number);
      for (let at = block + VALUES; at < end; at++) if (this.#blocks[at] === value) return at;
    }
    return NONE;
  }

  /** A block that is nobody's. */
  #take(): number {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.#blocks[free + NEXT] as number;
      return free;
    }
    const made = BLOCK * this.#used++;
    if (made + BLOCK > this.#blocks.length) {
      const more = new Int32Array(2 * this.#blocks.length);
      more.set(this.#blocks);
      this.#blocks = more;
    }
    return made;
  }
}
