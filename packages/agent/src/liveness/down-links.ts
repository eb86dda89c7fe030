/** Without a session the controller may have found out since that a link works: hosts rely on their own probes after this. */
const FORGET_AFTER_MS = 60_000;
const NONE: ReadonlySet<bigint> = new Set();

/** The links that the controller has found broken, as it last said; bounded by what one message can name. */
export class DownLinks {
  #links = NONE;
  #lostAtMs: number | undefined;

  /** Sets all of them. */
  tell(links: readonly bigint[]): void {
    this.#links = links.length === 0 ? NONE : new Set(links);
    this.#lostAtMs = undefined;
  }

  /** There is no session any more; `nowMs` is monotonic. */
  sessionLost(nowMs: number): void {
    this.#lostAtMs ??= nowMs;
  }

  /** Those that are still believed. A new session changes nothing until it says what is broken. */
  at(nowMs: number): ReadonlySet<bigint> {
    if (this.#lostAtMs !== undefined && nowMs - this.#lostAtMs >= FORGET_AFTER_MS) this.#links = NONE;
    return this.#links;
  }
}
