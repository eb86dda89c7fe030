/** Which hosts send outer headers to which: counts the policies between each two. */
export class Senders {
  readonly #policies = new Map<string, Map<string, number>>();

  /** One policy more of `sender` whose outer headers end at `end`. */
  add(sender: string, end: string): void {
    const counts = this.#policies.get(end) ?? new Map<string, number>();
    counts.set(sender, (counts.get(sender) ?? 0) + 1);
    this.#policies.set(end, counts);
  }

  /** One policy less. */
  remove(sender: string, end: string): void {
    const counts = this.#policies.get(end);
    const left = (counts?.get(sender) ?? 0) - 1;
    if (left > 0) counts?.set(sender, left);
    else counts?.delete(sender);
    if (counts?.size === 0) this.#policies.delete(end);
  }

  /** Hosts with at least one policy to `end`, in order. */
  of(end: string): string[] {
    return [...(this.#policies.get(end)?.keys() ?? [])].sort();
  }
}
