import type { Carriage } from "../ecmp/carriage";
import { addLoad } from "../ecmp/evaluate";
import { move, type Working } from "./problem";

/** A move that no order allows: this link would be overbooked. */
export interface BlockedMove {
  readonly demand: number;
  readonly link: number;
}

/** In which order to make the moves. */
export interface MoveOrder {
  readonly steps: readonly number[];
  readonly blocked: readonly BlockedMove[];
  /** Highest utilisation of any link during any of the moves. */
  readonly peak: number;
}

/** Sums in another order differ by this share. */
const ROUNDING = 1 + 1e-9;

/**
 * Orders the moves from the start to now. While a demand moves, each link carries the greater of what it had before and has after: an
 * endpoint changes lists at once, so a packet takes one or the other. No link may then exceed its capacity or, where it is overbooked before or
 * after all moves anyway, the greater of those loads. Whatever fits is done, the greatest relief first, and what waits for a link is
 * looked at again when that link has been relieved. What is left over in the end is put back to where it was.
 */
export function orderMoves(working: Working): MoveOrder {
  const moves = new Moves(working);
  const steps = moves.run();
  const blocked = moves.blocked();
  for (const { demand } of blocked) move(working, demand, working.start[demand] as Carriage);
  return { steps, blocked, peak: moves.peak };
}

class Moves {
  peak = 0;
  readonly #loadMbps: Float64Array;
  readonly #limit: Float64Array;
  readonly #queue: number[];
  readonly #waiting = new Map<number, number[]>();

  constructor(readonly working: Working) {
    const { movable, start, now, demands, ecmp } = working;
    this.#loadMbps = new Float64Array(working.loadMbps.length);
    for (const demand of movable) {
      addLoad(this.#loadMbps, start[demand] as Carriage, demands.mbps[demand] as number);
    }
    this.#limit = ecmp.network.capacityMbps.map(
      (capacity, link) =>
        Math.max(capacity, this.#loadMbps[link] as number, working.loadMbps[link] as number) * ROUNDING,
    );
    this.#loadMbps.forEach((_, link) => this.#note(link, 0));
    this.#queue = movable
      .filter((demand) => start[demand] !== now[demand])
      .map((demand) => ({ demand, relief: this.#relief(demand) }))
      .sort((a, b) => b.relief - a.relief || a.demand - b.demand)
      .map(({ demand }) => demand);
  }

  run(): number[] {
    const steps: number[] = [];
    // Reading on while it grows: whoever is woken queues up again.
    for (const demand of this.#queue) {
      const change = this.#changes(demand);
      const inTheWay = [...change].find(
        ([link, mbps]) => mbps > 0 && this.#after(link, mbps) > (this.#limit[link] as number),
      );
      if (inTheWay !== undefined) {
        const others = this.#waiting.get(inTheWay[0]);
        if (others === undefined) this.#waiting.set(inTheWay[0], [demand]);
        else others.push(demand);
        continue;
      }
      this.#apply(change);
      steps.push(demand);
    }
    return steps;
  }

  blocked(): BlockedMove[] {
    return [...this.#waiting].flatMap(([link, demands]) => demands.map((demand) => ({ demand, link })));
  }

  #apply(change: ReadonlyMap<number, number>): void {
    for (const [link, mbps] of change) {
      this.#note(link, Math.max(0, mbps));
      this.#loadMbps[link] = this.#after(link, mbps);
      if (mbps >= 0) continue;
      this.#queue.push(...(this.#waiting.get(link) ?? []));
      this.#waiting.delete(link);
    }
  }

  #after(link: number, mbps: number): number {
    return (this.#loadMbps[link] as number) + mbps;
  }

  #note(link: number, added: number): void {
    this.peak = Math.max(
      this.peak,
      this.#after(link, added) / (this.working.ecmp.network.capacityMbps[link] as number),
    );
  }

  #changes(demand: number): Map<number, number> {
    const { start, now, demands } = this.working;
    const mbps = demands.mbps[demand] as number;
    const change = new Map<number, number>();
    for (const [carriage, sign] of [
      [start[demand], -1],
      [now[demand], 1],
    ] as const) {
      carriage?.links.forEach((link, i) => {
        change.set(link, (change.get(link) ?? 0) + sign * mbps * (carriage.shares[i] as number));
      });
    }
    return change;
  }

  /** How much fuller than the mean of links the move empties, less what it fills. */
  #relief(demand: number): number {
    const { capacityMbps } = this.working.ecmp.network;
    let relief = 0;
    for (const [link, mbps] of this.#changes(demand)) {
      const capacity = capacityMbps[link] as number;
      relief -= (mbps / capacity) * ((this.#loadMbps[link] as number) / capacity);
    }
    return relief;
  }
}
