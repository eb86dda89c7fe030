/** A bound that was violated is held again below this share of it. */
const MARGIN = 0.9;
/** It has to be held this many times as long as it had to be violated. */
const RELEASE_FACTOR = 2;

type Phase =
  | { readonly kind: "held" }
  | { readonly kind: "exceeding"; readonly sinceMs: number }
  | { readonly kind: "violated" }
  | { readonly kind: "recovering"; readonly sinceMs: number };

/** A bound and how long it must be exceeded, in a row, to count. */
export interface Bound {
  readonly max: number;
  readonly violationMs: number;
}

/** Whether a measured value violates a bound, with hysteresis in value and time. */
export class Violation {
  #phase: Phase = { kind: "held" };

  /** True while the bound counts as violated. Without a bound, or with nothing measured, it is not. Times are monotonic. */
  judge(value: number | undefined, bound: Bound | undefined, nowMs: number): boolean {
    this.#phase =
      value === undefined || bound === undefined ? { kind: "held" } : next(this.#phase, value, bound, nowMs);
    return this.#phase.kind === "violated" || this.#phase.kind === "recovering";
  }
}

function next(phase: Phase, value: number, { max, violationMs }: Bound, nowMs: number): Phase {
  switch (phase.kind) {
    case "held":
    case "exceeding": {
      if (value <= max) return { kind: "held" };
      const sinceMs = phase.kind === "exceeding" ? phase.sinceMs : nowMs;
      return nowMs - sinceMs >= violationMs ? { kind: "violated" } : { kind: "exceeding", sinceMs };
    }
    case "violated":
    case "recovering": {
      if (value > max * MARGIN) return { kind: "violated" };
      const sinceMs = phase.kind === "recovering" ? phase.sinceMs : nowMs;
      const isOver = nowMs - sinceMs >= RELEASE_FACTOR * violationMs;
      return isOver ? { kind: "held" } : { kind: "recovering", sinceMs };
    }
  }
}
