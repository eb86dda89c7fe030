/** Rounds vary by this share of the interval, so that hosts do not fall into step. */
const JITTER = 0.1;
/** A rate is judged over this long, and over this many rounds. A round that is later than that is a pause, no rate. */
const JUDGED_MS = 1_000;
const JUDGED_ROUNDS = 10;
/** A refused rate is tried again after this long. */
const RETRY_MS = 60_000;
/** The rate in place of a refused one leaves the host this much room. */
const ROOM = 1.25;

/**
 * The rounds of one interval: a fixed grid of times that no lateness shifts, each round later than its time on the grid by a
 * random part of a tenth. Rounds that were missed are left out, never made up for. A rate at which most rounds of a second come
 * late by more than half an interval is refused: it goes on at the rate that the host can keep. However long a pause is, it is one
 * late round: a host that was stopped can keep its rate. Times are monotonic.
 */
export class ProbeRate {
  #intervalMs: number;
  #gridMs: number;
  #dueMs: number;
  #judgedSinceMs: number;
  #rounds = 0;
  #late = 0;
  #refusedMs: number | undefined;

  constructor(
    /** As asked for. */
    private readonly askedMs: number,
    nowMs: number,
    /** In [0, 1). */
    private readonly random: () => number,
  ) {
    this.#intervalMs = askedMs;
    this.#gridMs = nowMs + random() * askedMs;
    this.#dueMs = this.#gridMs;
    this.#judgedSinceMs = nowMs;
  }

  /** When the next round is. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** As kept: longer than asked for while that is refused. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  get isRefused(): boolean {
    return this.#refusedMs !== undefined;
  }

  /** A round is sent now: sets the time of the next. True when the rate was refused, or is tried again. */
  sent(nowMs: number): boolean {
    const lateMs = nowMs - this.#dueMs;
    const steps = Math.max(1, Math.ceil((nowMs - this.#gridMs) / this.#intervalMs));
    this.#rounds++;
    if (lateMs > this.#intervalMs / 2) this.#late++;
    this.#gridMs += steps * this.#intervalMs;
    this.#dueMs = this.#gridMs + this.random() * JITTER * this.#intervalMs;
    if (lateMs <= JUDGED_MS) return this.#judge(nowMs);
    this.#judgeFrom(nowMs);
    return false;
  }

  #judgeFrom(nowMs: number): void {
    this.#judgedSinceMs = nowMs;
    this.#rounds = 0;
    this.#late = 0;
  }

  #judge(nowMs: number): boolean {
    const forMs = nowMs - this.#judgedSinceMs;
    if (forMs < JUDGED_MS || this.#rounds < JUDGED_ROUNDS) return false;
    const possibleMs = forMs / this.#rounds;
    const isKept = this.#late * 2 <= this.#rounds;
    this.#judgeFrom(nowMs);
    if (!isKept) {
      this.#refusedMs = nowMs;
      this.#intervalMs = Math.max(this.#intervalMs, possibleMs) * ROOM;
      return true;
    }
    if (this.#refusedMs === undefined || nowMs - this.#refusedMs < RETRY_MS) return false;
    this.#refusedMs = undefined;
    this.#intervalMs = this.askedMs;
    return true;
  }
}
