import { carriage, type Carriage } from "../ecmp/carriage";
import type { Ecmp } from "../ecmp/ecmp";
import { addLoad, maxUtilisation } from "../ecmp/evaluate";
import type { DemandSet } from "../demands";
import type { Placement } from "../placement";

/** A placement in the making: what each demand does now, and the loads that follow. */
export interface Working {
  readonly ecmp: Ecmp;
  readonly demands: DemandSet;
  /** Demands that carry something somewhere, the greatest first. */
  readonly movable: readonly number[];
  /** How each demand was carried at first; undefined for those that are not movable. */
  readonly start: readonly (Carriage | undefined)[];
  readonly now: (Carriage | undefined)[];
  readonly loadMbps: Float64Array;
}

/**
 * The state before any move: each demand along its lists of `start`. Demands from a node to itself, of nothing, or without a way
 * stay out.
 */
export function beginWith(ecmp: Ecmp, demands: DemandSet, start: Placement): Working {
  const movable: number[] = [];
  const carriages: (Carriage | undefined)[] = [];
  const loadMbps = new Float64Array(ecmp.network.linkNames.length);
  for (let demand = 0; demand < demands.mbps.length; demand++) {
    const [from, to] = [demands.from[demand] as number, demands.to[demand] as number];
    const mbps = demands.mbps[demand] as number;
    const lists = start[demand] ?? [];
    const isIdle = from === to || mbps === 0 || lists.length === 0;
    const carried = isIdle ? undefined : carriage(ecmp, from, to, lists);
    carriages.push(carried);
    if (carried === undefined) continue;
    movable.push(demand);
    addLoad(loadMbps, carried, mbps);
  }
  const { mbps } = demands;
  movable.sort((a, b) => (mbps[b] as number) - (mbps[a] as number) || a - b);
  return { ecmp, demands, movable, start: carriages, now: [...carriages], loadMbps };
}

/** Carries a demand in another way. */
export function move(working: Working, demand: number, to: Carriage): void {
  const mbps = working.demands.mbps[demand] as number;
  const before = working.now[demand];
  if (before !== undefined) addLoad(working.loadMbps, before, -mbps);
  addLoad(working.loadMbps, to, mbps);
  working.now[demand] = to;
}

/** Sum of what the links of a carriage cost, per Mbit/s. */
export function costOf({ links, shares }: Carriage, price: Float64Array): number {
  let cost = 0;
  for (let i = 0; i < links.length; i++) cost += (shares[i] as number) * (price[links[i] as number] as number);
  return cost;
}

export function workingMlu({ ecmp, loadMbps }: Working): number {
  return maxUtilisation(ecmp.network, loadMbps);
}
