/** Whole numbers of 32 bits in a row, being written. */
export class NumberWriter {
  #numbers = new Int32Array(1_024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  put(...values: readonly number[]): void {
    for (const value of values) this.#put(value);
  }

  /** Its length comes first. */
  putList(values: readonly number[]): void {
    this.#put(values.length);
    for (const value of values) this.#put(value);
  }

  /** Takes back what was written after a moment when there were so many. */
  cut(length: number): void {
    this.#length = length;
  }

  /** What was written, in memory that another thread may have without a copy. */
  numbers(): Int32Array {
    const numbers = new Int32Array(new SharedArrayBuffer(this.#length * Int32Array.BYTES_PER_ELEMENT));
    numbers.set(this.#numbers.subarray(0, this.#length));
    return numbers;
  }

  #put(value: number): void {
    if (this.#length === this.#numbers.length) {
      const longer = new Int32Array(2 * this.#length);
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[this.#length++] = value;
  }
}

/** The same being read. Throws RangeError at the end. */
export class NumberReader {
  constructor(
    private readonly numbers: Int32Array,
    private at: number,
  ) {}

  get position(): number {
    return this.at;
  }

  next(): number {
    const value = this.numbers[this.at++];
    if (value === undefined) throw new RangeError("there are no more numbers");
    return value;
  }

  isNext(): boolean {
    return this.next() === 1;
  }

  list(): number[] {
    const count = this.next();
    const all = new Array<number>(count);
    for (let i = 0; i < count; i++) all[i] = this.next();
    return all;
  }

  /** As often as the next number says. The array is no longer than it need be. */
  times<T>(read: () => T): T[] {
    const count = this.next();
    const all = new Array<T>(count);
    for (let i = 0; i < count; i++) all[i] = read();
    return all;
  }
}
