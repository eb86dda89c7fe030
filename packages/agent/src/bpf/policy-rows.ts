const NONE: ReadonlySet<number> = new Set();

/** Which rows of the rules name which policy, by index. */
export class PolicyRows {
  readonly #rows = new Map<number, Set<number>>();
  readonly #policies = new Map<number, number>();

  of(policy: number): ReadonlySet<number> {
    return this.#rows.get(policy) ?? NONE;
  }

  add(policy: number, row: number): void {
    const rows = this.#rows.get(policy) ?? new Set();
    this.#rows.set(policy, rows.add(row));
    this.#policies.set(row, policy);
  }

  remove(row: number): void {
    const policy = this.#policies.get(row) ?? -1;
    const rows = this.#rows.get(policy);
    rows?.delete(row);
    if (rows?.size === 0) this.#rows.delete(policy);
    this.#policies.delete(row);
  }

  move(from: number, to: number): void {
    for (const row of [...this.of(from)]) {
      this.remove(row);
      this.add(to, row);
    }
  }
}
