/** RFC 2439 section 4.2: what a death costs, and between which penalties a list is left alone. */
const PER_DEATH = 1_000;
const CUT_OFF = 3_000;
const REUSE = 750;
const HALF_LIFE_MS = 15_000;
/** No list is left alone for longer after its last death. */
export const DAMPING_MAX_MS = 60_000;
/** The penalty that decays to the reuse threshold in that time: more is not counted. RFC 2439 section 4.2. */
const CEILING = REUSE * 2 ** (DAMPING_MAX_MS / HALF_LIFE_MS);

/** Flap damping of one list: each death adds to a penalty that decays. Two numbers and a flag, whatever happens. */
export class Damping {
  #penalty = 0;
  #atMs = 0;
  #flapping = false;

  /** Times are monotonic. */
  died(nowMs: number): void {
    this.#penalty = Math.min(CEILING, this.#decayed(nowMs) + PER_DEATH);
    this.#atMs = nowMs;
  }

  /** True from the cut-off until the penalty has decayed to the reuse threshold. */
  isFlapping(nowMs: number): boolean {
    const penalty = this.#decayed(nowMs);
    if (penalty > CUT_OFF) this.#flapping = true;
    else if (penalty <= REUSE) this.#flapping = false;
    return this.#flapping;
  }

  #decayed(nowMs: number): number {
    return this.#penalty * 2 ** (-Math.max(0, nowMs - this.#atMs) / HALF_LIFE_MS);
  }
}
