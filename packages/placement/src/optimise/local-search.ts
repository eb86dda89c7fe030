import type { Carriage } from "../ecmp/carriage";
import type { Oracle } from "./oracle";
import { costOf, move, type Working, workingMlu } from "./problem";

/** How steeply price grows with utilisation, stage after stage: first all links count, in the end the fullest alone. */
const STEEPNESS = [32, 256] as const;
const PASSES = 2;
/** A list must be cheaper by this share, and gain this share of the potential, to be looked at. */
const WORTH = 0.999;
const LEAST_GAIN = 1e-9;

export interface SearchLimits {
  /** Demands that may move; all when absent. */
  readonly eligible?: ReadonlySet<number>;
  /** Moves between two pricings. */
  readonly movesPerPricing: number;
  /** Pricings at most. */
  readonly pricings: number;
  /** Called at every pricing. */
  readonly onProgress: (mlu: number) => void;
}

/**
 * Moves one demand at a time, whole, to its cheapest list wherever that lowers the sum over links of e^(a (u / U - 1)): u is the link's
 * utilisation, U the highest, a the steepness. Link prices are that sum's derivative. Ends in a local optimum or at the limits.
 */
export function localSearch(working: Working, oracle: Oracle, limits: SearchLimits): void {
  const { eligible } = limits;
  const order = eligible === undefined ? working.movable : working.movable.filter((demand) => eligible.has(demand));
  const potential = new Potential(working, oracle, limits);
  for (const steepness of STEEPNESS) {
    for (let pass = 0; pass < PASSES; pass++) {
      if (!potential.reprice(steepness)) return;
      const before = potential.moves;
      for (const demand of order) {
        if (!potential.improve(demand)) return;
      }
      if (potential.moves === before) break;
    }
  }
}

/** The sum, the prices that follow from it, and the moves that lower it. */
export class Potential {
  moves = 0;
  readonly #price: Float64Array;
  /** What a move would add to each link; zero between moves. */
  readonly #change: Float64Array;
  #steepness = 0;
  #highest = 0;
  #sum = 0;
  #pricings = 0;
  #movesAtPricing = 0;

  constructor(
    readonly working: Working,
    readonly oracle: Oracle,
    readonly limits: SearchLimits,
  ) {
    this.#price = new Float64Array(working.loadMbps.length);
    this.#change = new Float64Array(working.loadMbps.length);
  }

  /** Prices every link and list anew; false when a limit is reached. */
  reprice(steepness: number): boolean {
    this.#highest = workingMlu(this.working);
    this.limits.onProgress(this.#highest);
    if (this.#highest === 0 || this.#pricings >= this.limits.pricings) return false;
    this.#steepness = steepness;
    this.#sum = 0;
    for (let link = 0; link < this.#price.length; link++) this.#sum += this.#priceLink(link);
    this.oracle.update(this.#price);
    this.#pricings++;
    this.#movesAtPricing = this.moves;
    return true;
  }

  /** What moving the demand to its cheapest list would save at the present prices. */
  saving(demand: number): number {
    const now = this.working.now[demand];
    if (now === undefined) return 0;
    const { from, to, mbps } = this.working.demands;
    const cost = costOf(now, this.#price);
    const best = this.oracle.cost(from[demand] as number, to[demand] as number);
    const saving = (cost - best) * (mbps[demand] as number);
    return best < cost * WORTH && saving > LEAST_GAIN * this.#sum ? saving : 0;
  }

  /** Moves the demand if that lowers the sum; false when a limit is reached. */
  improve(demand: number): boolean {
    if (this.saving(demand) === 0) return true;
    const { from, to } = this.working.demands;
    const now = this.working.now[demand];
    const better = this.oracle.carriage(from[demand] as number, to[demand] as number);
    if (now === undefined || better === undefined || !this.#lowers(demand, now, better)) return true;
    move(this.working, demand, better);
    for (const link of now.links) this.#priceLink(link);
    for (const link of better.links) this.#priceLink(link);
    this.moves++;
    if (this.moves - this.#movesAtPricing < this.limits.movesPerPricing) return true;
    return this.reprice(this.#steepness);
  }

  /** Gives the link its price, and returns its term of the sum. */
  #priceLink(link: number): number {
    const capacity = this.working.ecmp.network.capacityMbps[link] as number;
    const term = this.#term(this.working.loadMbps[link] as number, capacity);
    this.#price[link] = term / capacity;
    return term;
  }

  #term(load: number, capacity: number): number {
    return Math.exp(this.#steepness * (load / capacity / this.#highest - 1));
  }

  #lowers(demand: number, from: Carriage, to: Carriage): boolean {
    const mbps = this.working.demands.mbps[demand] as number;
    const { loadMbps } = this.working;
    const { capacityMbps } = this.working.ecmp.network;
    const change = this.#change;
    from.links.forEach((link, i) => (change[link] = -(from.shares[i] as number)));
    to.links.forEach((link, i) => (change[link] = (change[link] as number) + (to.shares[i] as number)));
    let difference = 0;
    for (const links of [from.links, to.links]) {
      for (const link of links) {
        const added = (change[link] as number) * mbps;
        if (added === 0) continue;
        const capacity = capacityMbps[link] as number;
        const load = loadMbps[link] as number;
        difference += this.#term(load + added, capacity) - this.#term(load, capacity);
        change[link] = 0;
      }
    }
    return difference < 0;
  }
}
