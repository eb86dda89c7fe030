import { RARE_LOOP_ROUNDS } from "@sextant/model";
import type { LoopCounters, ProbeCounters } from "../reconcile/data-plane";
import { DelayWindow } from "./delay-window";
import { FateWindow, WINDOW_PROBES } from "./fate-window";
import type { ListProbing } from "./list-probing";
import { knownFates, pathState } from "./path-state";

/** Which loop the probes take that a list is judged by: each in turn, or one alone while the other is only asked after. */
export type LoopUse = "both" | "first" | "alternate";

/** A loop that no probes are counted by is asked after once in so many rounds, beside the list's own probe. */
export const WATCH_ROUNDS = RARE_LOOP_ROUNDS;

/** In how many rounds there is one probe for the first loop, and for the alternate. */
const ROUNDS_OF_A_PROBE = {
  both: [2, 2],
  first: [1, WATCH_ROUNDS],
  alternate: [WATCH_ROUNDS, 1],
} as const satisfies Record<LoopUse, readonly [number, number]>;

/** Two loops share the window of one, so that loss shows as soon. */
const HALF_WINDOW_PROBES = WINDOW_PROBES / 2n;
/** The probe that has just left counts as missing: with every second one lost on its way back, fewer than this would be death. */
const LEAST_MULTIPLIER_OF_TWO = 3;
/** Loss beyond twice that of the other loop, and this much more, is of the way back alone. */
const WAY_BACK_LOSS_PPM = 50_000;

/** One loop as its own probes tell. */
export class ProbeLoop {
  readonly fates = new FateWindow();
  readonly delays = new DelayWindow();
  isDead = false;
  #returnedCount = 0n;

  /** `multiplier`: probes of this loop that may be on their way or missing. */
  measure(counters: LoopCounters, multiplier: number, windowProbes: bigint): void {
    const { returnedCount, roundTripNs } = counters;
    const wasDead = this.isDead;
    this.isDead = pathState(counters, multiplier) === "dead";
    // What was lost while it was dead is no loss afterwards.
    if (wasDead && !this.isDead) this.fates.clear();
    this.fates.add({ known: knownFates(counters, multiplier), returned: returnedCount }, windowProbes);
    if (returnedCount !== this.#returnedCount) this.delays.add(Number(roundTripNs / 1_000n));
    this.#returnedCount = returnedCount;
  }
}

/**
 * The probe loops of a list: one, or two that go out the same way and come back by different ones. What both see is of the way
 * out; what one sees alone is of its way back, and no reason to leave the list. Probes take both in turn only where that costs
 * no time: while both answer, and in as many intervals.
 */
export class ProbeLoops {
  readonly first = new ProbeLoop();
  alternate: ProbeLoop | undefined;
  use: LoopUse = "first";
  /** How much longer the alternate loop was when both answered last, microseconds. */
  #extraUs = 0;

  /** Unanswered probes that make the list dead: those asked for, beyond the ones that are under way at any time. */
  multiplier({ multiplier, intervalUs }: ListProbing): number {
    const { first, alternate, use } = this;
    const firstUs = first.delays.meanUs ?? 0;
    if (alternate === undefined) return multiplier + Math.floor(firstUs / intervalUs);
    const alternateUs = alternate.delays.meanUs ?? 0;
    const longestUs = use === "both" ? Math.max(firstUs, alternateUs) : use === "first" ? firstUs : alternateUs;
    return Math.max(multiplier, LEAST_MULTIPLIER_OF_TWO) + Math.floor(longestUs / intervalUs);
  }

  /** Takes in what was counted since; the list's own judgement comes from the same counters. */
  measure(counters: ProbeCounters, probing: ListProbing): void {
    const { loops } = counters;
    if (loops === undefined) {
      this.alternate = undefined;
      this.first.measure(counters, this.multiplier(probing), WINDOW_PROBES);
      return;
    }
    this.alternate ??= new ProbeLoop();
    const { first, alternate, use } = this;
    const windowProbes = use === "both" ? HALF_WINDOW_PROBES : WINDOW_PROBES;
    const [firstEvery, alternateEvery] = ROUNDS_OF_A_PROBE[use];
    first.measure(loops[0], multiplierOf(first, probing, firstEvery), windowProbes);
    alternate.measure(loops[1], multiplierOf(alternate, probing, alternateEvery), windowProbes);
    const [firstUs, alternateUs] = [first.delays.meanUs, alternate.delays.meanUs];
    const bothAnswer = !first.isDead && !alternate.isDead && firstUs !== undefined && alternateUs !== undefined;
    if (bothAnswer) this.#extraUs = alternateUs - firstUs;
  }

  /** Chooses anew which loop the probes take. */
  choose(isListDead: boolean, { intervalUs }: ListProbing): void {
    const { first, alternate } = this;
    this.use = alternate === undefined ? "first" : choice(first, alternate, isListDead, intervalUs);
  }

  /** Ways back that are dead though the list is not: 1 the first, 2 the alternate. The other one tells them apart from a dead way out. */
  deadReturns(isListDead: boolean): 0 | 1 | 2 {
    const { first, alternate } = this;
    if (isListDead || alternate === undefined || first.isDead === alternate.isDead) return 0;
    return first.isDead ? 1 : 2;
  }

  /** Ways back that are only asked after: 1 the first, 2 the alternate. */
  get rareReturns(): 0 | 1 | 2 {
    if (this.alternate === undefined || this.use === "both") return 0;
    return this.use === "first" ? 2 : 1;
  }

  /** Parts per million; undefined while no fate is known. */
  get lossPpm(): number | undefined {
    const windows = this.#inUse().map(({ fates }) => fates);
    const losses = windows.flatMap(({ lossPpm }) => lossPpm ?? []);
    const [best, worst] = [Math.min(...losses), Math.max(...losses)];
    if (losses.length < 2 || worst > 2 * best + WAY_BACK_LOSS_PPM) return losses.length === 0 ? undefined : best;
    const known = windows.reduce((sum, window) => sum + window.known, 0);
    return Math.round(windows.reduce((sum, window) => sum + (window.lossPpm ?? 0) * window.known, 0) / known);
  }

  /** Of the first loop, or of the alternate where that is shorter; without the first, what it would be. Undefined before the first return. */
  get meanUs(): number | undefined {
    const { first, alternate } = this;
    const firstUs = first.delays.meanUs;
    const alternateUs = alternate?.delays.meanUs;
    if (alternate === undefined || alternateUs === undefined) return firstUs;
    if (first.isDead && !alternate.isDead) return alternateUs - Math.max(0, this.#extraUs);
    return alternate.isDead ? firstUs : Math.min(firstUs ?? alternateUs, alternateUs);
  }

  /** The smaller of the loops in use: mean difference between two round trips in turn. */
  get jitterUs(): number {
    return Math.min(...this.#inUse().map(({ delays }) => delays.jitterUs));
  }

  /** What is kept of all loops. */
  get all(): readonly ProbeLoop[] {
    return this.alternate === undefined ? [this.first] : [this.first, this.alternate];
  }

  /** Forgets which probes were lost. */
  clearFates(): void {
    for (const { fates } of this.all) fates.clear();
  }

  #inUse(): readonly [ProbeLoop, ...ProbeLoop[]] {
    const { first, alternate, use } = this;
    if (alternate === undefined || use === "first") return [first];
    return use === "both" ? [first, alternate] : [alternate];
  }
}

/** In numbers of the loop, which gets a probe in one of so many rounds. */
function multiplierOf({ delays }: ProbeLoop, { multiplier, intervalUs }: ListProbing, everyRounds: number): number {
  const underWay = Math.floor((delays.meanUs ?? 0) / (intervalUs * everyRounds));
  return Math.max(multiplier, LEAST_MULTIPLIER_OF_TWO) + underWay;
}

function choice(first: ProbeLoop, alternate: ProbeLoop, isListDead: boolean, intervalUs: number): LoopUse {
  // A list that is dead has to find out by which loop it can come back.
  if (isListDead || (first.isDead && alternate.isDead)) return "both";
  if (alternate.isDead || alternate.delays.meanUs === undefined) return "first";
  if (first.isDead || first.delays.meanUs === undefined) return "alternate";
  const firstIntervals = Math.floor(first.delays.meanUs / intervalUs);
  const alternateIntervals = Math.floor(alternate.delays.meanUs / intervalUs);
  if (firstIntervals === alternateIntervals) return "both";
  return firstIntervals < alternateIntervals ? "first" : "alternate";
}
