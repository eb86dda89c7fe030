import { type Carriage, carriage } from "../ecmp/carriage";
import type { Ecmp } from "../ecmp/ecmp";
import type { Oracle } from "./oracle";

/** Work of one pricing at most this many steps: with more nodes fewer of them are considered as midpoints. */
const MAX_STEPS = 60_000_000;
const MAX_MIDPOINTS = 256;
const NONE = -1;
/** A further midpoint must be cheaper by this share: equal ones differ by rounding. */
const GAIN = 1 - 1e-9;

/** Which nodes a placement concerns. */
export interface Endpoints {
  readonly targets: readonly number[];
  /** Nodes that segment lists may name, the most useful first. */
  readonly midpoints: readonly number[];
}

/**
 * For given link prices the cheapest list of at most two midpoints between any two nodes. Along a segment a flow splits over equal-cost
 * ways, so its cost is a mean; costs of segments add up, so the best list is found in two rounds of (min, +) products.
 */
export class ListPrices implements Oracle {
  readonly #nodes: number;
  readonly #midpoints: readonly number[];
  readonly #toward: Float64Array;
  readonly #best: Float64Array;
  readonly #two: Float64Array;
  readonly #firstOfOne: Int32Array;
  readonly #firstOfTwo: Int32Array;
  readonly #targets: readonly number[];

  constructor(
    readonly ecmp: Ecmp,
    { targets, midpoints }: Endpoints,
    readonly maxMidpoints: number,
  ) {
    const nodes = ecmp.network.nodeNames.length;
    this.#nodes = nodes;
    this.#targets = targets;
    const affordable = Math.floor(MAX_STEPS / (2 * nodes * Math.max(1, targets.length)));
    this.#midpoints = midpoints.slice(0, Math.min(MAX_MIDPOINTS, Math.max(8, affordable)));
    this.#toward = new Float64Array(nodes * nodes);
    this.#two = new Float64Array(nodes * nodes);
    this.#best = new Float64Array(nodes * nodes);
    this.#firstOfOne = new Int32Array(nodes * nodes);
    this.#firstOfTwo = new Int32Array(nodes * nodes);
  }

  /** Steps of one pricing: what it costs, whatever the machine. */
  get steps(): number {
    return this.maxMidpoints * this.#nodes * this.#targets.length * this.#midpoints.length;
  }

  update(price: Float64Array): void {
    for (const target of new Set([...this.#targets, ...this.#midpoints])) this.#costsTowards(target, price);
    const size = this.#nodes;
    for (const target of this.#targets) {
      const from = target * size;
      const plain = this.#toward.subarray(from, from + size);
      const one = this.#two.subarray(from, from + size);
      const best = this.#best.subarray(from, from + size);
      const first = this.#firstOfOne.subarray(from, from + size);
      const second = this.#firstOfTwo.subarray(from, from + size);
      this.#extend(target, plain, plain, one, first, this.maxMidpoints >= 1);
      this.#extend(target, one, one, best, second, this.maxMidpoints >= 2);
    }
  }

  /** Cost of the cheapest list; Infinity where there is no way. */
  cost(from: number, to: number): number {
    return this.#best[to * this.#nodes + from] as number;
  }

  carriage(from: number, to: number): Carriage | undefined {
    return carriage(this.ecmp, from, to, [{ weight: 1, midpoints: this.#cheapest(from, to) }]);
  }

  #cheapest(from: number, to: number): number[] {
    const found: number[] = [];
    const second = this.#firstOfTwo[to * this.#nodes + from] as number;
    if (second !== NONE) found.push(second);
    const then = this.#firstOfOne[to * this.#nodes + (second === NONE ? from : second)] as number;
    if (then !== NONE) found.push(then);
    return found;
  }

  /** `into[v]` becomes the least of `start[v]` and, over all midpoints m, the cost from v to m and then `rest[m]`. */
  #extend(
    target: number,
    start: Float64Array,
    rest: Float64Array,
    into: Float64Array,
    choice: Int32Array,
    wanted: boolean,
  ): void {
    into.set(start);
    choice.fill(NONE);
    if (!wanted) return;
    const size = this.#nodes;
    const toward = this.#toward;
    for (const middle of this.#midpoints) {
      const then = rest[middle] as number;
      if (middle === target || then === Number.POSITIVE_INFINITY) continue;
      const row = middle * size;
      for (let node = 0; node < size; node++) {
        const through = (toward[row + node] as number) + then;
        if (through < (into[node] as number) * GAIN && node !== middle) {
          into[node] = through;
          choice[node] = middle;
        }
      }
    }
  }

  #costsTowards(target: number, price: Float64Array): void {
    const { order, nextStart, nextLinks } = this.ecmp.dag(target);
    const { linkTo } = this.ecmp.network;
    const row = target * this.#nodes;
    const toward = this.#toward;
    toward.fill(Number.POSITIVE_INFINITY, row, row + this.#nodes);
    toward[row + target] = 0;
    for (let i = order.length - 2; i >= 0; i--) {
      const node = order[i] as number;
      const start = nextStart[node] as number;
      const end = nextStart[node + 1] as number;
      let sum = 0;
      for (let next = start; next < end; next++) {
        const link = nextLinks[next] as number;
        sum += (price[link] as number) + (toward[row + (linkTo[link] as number)] as number);
      }
      toward[row + node] = sum / (end - start);
    }
  }
}
