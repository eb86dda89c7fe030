import type { DemandSet } from "../demands";
import type { PlacementNetwork } from "../network";
import { PLAIN, type Placement } from "../placement";
import { carriage } from "./carriage";
import type { Ecmp, LinkShares } from "./ecmp";

/** What a placement does to the links. */
export interface Evaluation {
  /** Load of each directed link in Mbit/s. */
  readonly loadMbps: Float64Array;
  /** Highest ratio of load to capacity. */
  readonly mlu: number;
  /** Demands that are not carried: no way between their ends, or along their lists. */
  readonly unroutable: readonly number[];
}

/** Plain routing of every demand. */
export function plainPlacement(demands: DemandSet): Placement {
  return demands.names.map(() => PLAIN);
}

/** Adds up what every demand puts on every link. */
export function evaluate(ecmp: Ecmp, demands: DemandSet, placement: Placement): Evaluation {
  const loadMbps = new Float64Array(ecmp.network.linkNames.length);
  const unroutable: number[] = [];
  for (let demand = 0; demand < demands.mbps.length; demand++) {
    const lists = placement[demand] ?? [];
    const [from, to] = [demands.from[demand] as number, demands.to[demand] as number];
    const carried = lists.length === 0 ? undefined : carriage(ecmp, from, to, lists);
    if (carried === undefined) unroutable.push(demand);
    else addLoad(loadMbps, carried, demands.mbps[demand] as number);
  }
  return { loadMbps, mlu: maxUtilisation(ecmp.network, loadMbps), unroutable };
}

/** Puts a flow onto the links; a negative amount takes it off. */
export function addLoad(loadMbps: Float64Array, { links, shares }: LinkShares, mbps: number): void {
  for (let i = 0; i < links.length; i++) {
    const link = links[i] as number;
    loadMbps[link] = (loadMbps[link] as number) + (shares[i] as number) * mbps;
  }
}

/** Highest ratio of load to capacity; 0 without links. */
export function maxUtilisation({ capacityMbps }: PlacementNetwork, loadMbps: Float64Array): number {
  let highest = 0;
  for (let link = 0; link < loadMbps.length; link++) {
    highest = Math.max(highest, (loadMbps[link] as number) / (capacityMbps[link] as number));
  }
  return highest;
}
