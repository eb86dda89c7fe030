/** Where link states go: the hosts that are connected and understand them. */
export type LinkStateSender = (host: string, down: readonly bigint[]) => void;

/** What each host was last told of broken links that its lists cross. A link stays in it until it is trusted again, whatever is planned since. */
export class LinkStates {
  readonly #told = new Map<string, Set<bigint>>();

  constructor(private readonly send: LinkStateSender) {}

  /** A session begins: its agent has whatever it had, and is told everything. */
  begin(host: string, down: readonly bigint[]): void {
    this.#told.set(host, new Set(down));
    this.send(host, down);
  }

  end(host: string): void {
    this.#told.delete(host);
  }

  /** Links broke: tells each host those that it does not know of yet. */
  broke(keysByHost: ReadonlyMap<string, readonly bigint[]>): void {
    for (const [host, keys] of keysByHost) {
      const told = this.#told.get(host);
      if (told === undefined || keys.every((key) => told.has(key))) continue;
      for (const key of keys) told.add(key);
      this.send(host, [...told]);
    }
  }

  /** Links can be used again. */
  mended(keys: readonly bigint[]): void {
    for (const [host, told] of this.#told) {
      const gone = keys.filter((key) => told.delete(key));
      if (gone.length > 0) this.send(host, [...told]);
    }
  }
}
