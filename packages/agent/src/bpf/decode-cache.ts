/**
 * Rows of an array, decoded once as long as their bytes stay: the agent reads all maps with every look at the kernel, and
 * nearly all of it is as before. What has not changed is also the same object.
 */
export class DecodeCache<Row extends object> {
  #values: Buffer = Buffer.alloc(0);
  #rows: (Row | undefined)[] = [];

  /** `decode` gives undefined for a row that is free. */
  constructor(
    private readonly rowBytes: number,
    private readonly decode: (bytes: Buffer) => Row | undefined,
  ) {}

  /** The rows of a fresh reading, by index. Readings before it are no longer to be asked. */
  read(values: Buffer): (index: number) => Row | undefined {
    if (!values.equals(this.#values)) this.#forgetChanged(values);
    this.#values = values;
    return (index) => {
      const [start, end] = this.#rangeOf(index);
      if (end > values.length) return undefined;
      return (this.#rows[index] ??= this.decode(values.subarray(start, end)));
    };
  }

  #forgetChanged(values: Buffer): void {
    for (let index = 0; index < this.#rows.length; index++) {
      if (this.#rows[index] === undefined) continue;
      const [start, end] = this.#rangeOf(index);
      const same = end <= values.length && values.compare(this.#values, start, end, start, end) === 0;
      if (!same) this.#rows[index] = undefined;
    }
  }

  #rangeOf(index: number): [start: number, end: number] {
    return [index * this.rowBytes, (index + 1) * this.rowBytes];
  }
}

/** What is made of a row and something else: the same object as last time while both are the same. */
export class Derived<Row extends object, Other, Result> {
  readonly #known = new WeakMap<Row, { readonly other: Other; readonly result: Result }>();

  constructor(private readonly derive: (row: Row, other: Other) => Result) {}

  of(row: Row, other: Other): Result {
    const known = this.#known.get(row);
    if (known !== undefined && known.other === other) return known.result;
    const result = this.derive(row, other);
    this.#known.set(row, { other, result });
    return result;
  }
}
