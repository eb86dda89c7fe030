import { type Bound, Violation } from "./violation";

/** A list that is left has nothing to say any more: it is tried again after so long, doubled each time that it is left anew. */
const HOLD_FIRST_MS = 10_000;
const HOLD_MAX_MS = 300_000;
/** A list that has been in use for so long is no relapse. */
const RELAPSE_MS = 60_000;

/**
 * Whether what TCP measures violates a bound. Once it does the list is left, and TCP with it: so the verdict stands for a time
 * of its own, and longer where what is still there speaks against it.
 */
export class TcpBound {
  readonly #violation = new Violation();
  #isLeft = false;
  #holdMs = 0;
  #untilMs = 0;
  #returnedMs = -Infinity;

  /** True while the list is to be left alone. `value` is undefined where TCP says too little. Times are monotonic. */
  judge(value: number | undefined, bound: Bound | undefined, nowMs: number): boolean {
    const isViolated = this.#violation.judge(value, bound, nowMs);
    if (bound === undefined) this.#isLeft = false;
    else if (isViolated && !this.#isLeft) this.#leave(nowMs);
    else if (this.#isLeft && !isViolated && nowMs >= this.#untilMs) {
      this.#isLeft = false;
      this.#returnedMs = nowMs;
    }
    return this.#isLeft;
  }

  #leave(nowMs: number): void {
    const isRelapse = nowMs - this.#returnedMs < RELAPSE_MS;
    this.#holdMs = isRelapse ? Math.min(HOLD_MAX_MS, 2 * this.#holdMs) : HOLD_FIRST_MS;
    this.#untilMs = nowMs + this.#holdMs;
    this.#isLeft = true;
  }
}
