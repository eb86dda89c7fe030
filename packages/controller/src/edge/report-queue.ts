/** Longest that reports are taken in before other messages and operators are served, in milliseconds. */
const SLICE_MS = 5;

/**
 * Takes reports in as they come, for a share of the time. What comes beyond that waits: of each session the latest, as each report is the whole
 * picture. At most as many wait as there are sessions, whatever the rate. Who waits longest is next, so that no host that talks much keeps
 * another one from being heard.
 */
export class ReportQueue<Session extends object> {
  readonly #waiting = new Map<Session, () => void>();
  #isScheduled = false;
  #spentMs = 0;

  /** `take` is called at once or soon, unless another report of the session replaces this one. It must not throw. */
  put(session: Session, take: () => void): void {
    const isFree = this.#spentMs < SLICE_MS && this.#waiting.size === 0;
    if (isFree) this.#take(take);
    else this.#waiting.set(session, take);
    this.#schedule();
  }

  /** Takes in now what the session has said, because something that it said later comes next. */
  flush(session: Session): void {
    const take = this.#waiting.get(session);
    this.#waiting.delete(session);
    if (take !== undefined) this.#take(take);
  }

  #take(take: () => void): void {
    const startMs = performance.now();
    take();
    this.#spentMs += performance.now() - startMs;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#spentMs = 0;
      this.#takeSome();
    });
  }

  #takeSome(): void {
    for (const session of this.#waiting.keys()) {
      this.flush(session);
      if (this.#spentMs >= SLICE_MS) break;
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}
