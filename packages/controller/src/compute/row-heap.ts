/**
 * Min-heap of row numbers, ordered by the rows of a table that its owner changes: several numbers compared in order, then the row
 * number. Each row is in it once; pushing one that is there moves it up, as its row may only have become smaller.
 */
export class RowHeap {
  readonly #heap: number[] = [];
  /** Place of each row in the heap plus one; 0 when it is not there. */
  readonly #place: Int32Array;

  constructor(
    readonly rows: Float64Array,
    readonly width: number,
  ) {
    this.#place = new Int32Array(rows.length / width);
  }

  /** Adds the row, or moves it up after it became smaller. */
  push(row: number): void {
    let hole = (this.#place[row] as number) - 1;
    if (hole < 0) {
      hole = this.#heap.length;
      this.#heap.push(row);
    }
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = this.#heap[parent] as number;
      if (!this.#isLess(row, above)) break;
      this.#put(above, hole);
      hole = parent;
    }
    this.#put(row, hole);
  }

  /** Removes all rows. */
  clear(): void {
    for (const row of this.#heap) this.#place[row] = 0;
    this.#heap.length = 0;
  }

  /** Removes the smallest row; undefined when empty. */
  pop(): number | undefined {
    const [top] = this.#heap;
    const last = this.#heap.pop();
    if (top === undefined || last === undefined) return undefined;
    this.#place[top] = 0;
    if (this.#heap.length > 0) this.#sink(last);
    return top;
  }

  /** Puts the row into the hole at the top. */
  #sink(row: number): void {
    const size = this.#heap.length;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isLess(this.#heap[child + 1] as number, this.#heap[child] as number)) child++;
      const below = this.#heap[child] as number;
      if (!this.#isLess(below, row)) break;
      this.#put(below, hole);
      hole = child;
    }
    this.#put(row, hole);
  }

  #put(row: number, place: number): void {
    this.#heap[place] = row;
    this.#place[row] = place + 1;
  }

  #isLess(a: number, b: number): boolean {
    const left = a * this.width;
    const right = b * this.width;
    for (let i = 0; i < this.width; i++) {
      const difference = (this.rows[left + i] as number) - (this.rows[right + i] as number);
      if (difference !== 0) return difference < 0;
    }
    return a < b;
  }
}
