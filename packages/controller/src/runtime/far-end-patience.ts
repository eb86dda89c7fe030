/** Longest that a policy waits for a connected host at its other end to answer. */
const ANSWER_PATIENCE_MS = 2_000;
/** Longest that it waits, from the controller's start on, for one that has not come yet: agents dial at least every 10 s. */
const HOMECOMING_PATIENCE_MS = 12_000;

/** What is known of the host that is to take outer headers off. */
export type FarEnd =
  /** It has not come since this controller started, so what it can do is not known: everything is assumed. */
  | { readonly kind: "unheard"; readonly uptimeMs: number }
  /** For how long it owes the answer to the domain that admits the sender; undefined when it owes none. */
  | { readonly kind: "heard"; readonly owesMs: number | undefined };

/**
 * How long a policy with outer headers has to wait for their end yet; 0 or less when it need not. It would lose its first packets if
 * it did not, but an end that does not answer must not keep others from their new state. For one that has not come yet only
 * a `replacement` waits: what its host has instead works meanwhile.
 */
export function patienceMs(end: FarEnd, replacement: boolean): number {
  switch (end.kind) {
    case "unheard":
      return replacement ? HOMECOMING_PATIENCE_MS - end.uptimeMs : 0;
    case "heard":
      return end.owesMs === undefined ? 0 : ANSWER_PATIENCE_MS - end.owesMs;
  }
}

/** Calls back once, at the earliest time asked for. Keeps no process alive. */
export class Alarm {
  #set: { readonly atMs: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(private readonly ring: () => void) {}

  /** Not later than in so many milliseconds. */
  within(delayMs: number): void {
    const atMs = performance.now() + delayMs;
    if (this.#set !== undefined && this.#set.atMs <= atMs) return;
    clearTimeout(this.#set?.timer);
    const timer = setTimeout(() => {
      this.#set = undefined;
      this.ring();
    }, delayMs).unref();
    this.#set = { atMs, timer };
  }
}
