/** Which hosts send outer headers to which: counts the policies between each two. */
export class Senders {
  readonly #policies = new Map<string, Map<string, number>>();

  /** True when `sender` has a policy to `end`. */
  has(sender: string, end: string): boolean {
    return this.#policies.get(end)?.has(sender) === true;
  }

  /** One policy more of `sender` whose outer headers end at `end`. True when it is the first. */
  add(sender: string, end: string): boolean {
    const counts = this.#policies.get(end) ?? new Map<string, number>();
    const isFirst = !counts.has(sender);
    counts.set(sender, (counts.get(sender) ?? 0) + 1);
    this.#policies.set(end, counts);
    return isFirst;
  }

  /** One policy less. True when it was the last. */
  remove(sender: string, end: string): boolean {
    const counts = this.#policies.get(end);
    const left = (counts?.get(sender) ?? 0) - 1;
    if (left > 0) counts?.set(sender, left);
    else counts?.delete(sender);
    if (counts?.size === 0) this.#policies.delete(end);
    return left === 0;
  }

  /** Hosts with at least one policy to `end`, in order. */
  of(end: string): string[] {
    return [...(this.#policies.get(end)?.keys() ?? [])].sort();
  }
}
