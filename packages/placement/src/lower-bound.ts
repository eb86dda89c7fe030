import type { DemandSet } from "./demands";
import { Ecmp } from "./ecmp/ecmp";
import type { PlacementNetwork } from "./network";
import { generateColumns } from "./optimise/column-generation";
import { PathPrices } from "./optimise/path-prices";
import { beginWith } from "./optimise/problem";
import type { Placement } from "./placement";

const LIMITS = { rounds: 60, patience: 60, columnsPerRound: 400, gap: 1.0001 };

/**
 * What no routing whatever can beat: the optimum of the fractional multi-commodity flow problem, from below. Column generation over single
 * paths (highs), from a placement that is good already; ended early by its limits, the bound still holds but is less tight.
 */
export async function lowerBound(
  network: PlacementNetwork,
  demands: DemandSet,
  placement: Placement,
  onProgress: () => void = () => undefined,
): Promise<number> {
  const working = beginWith(new Ecmp(network), demands, placement);
  const targets = [...new Set(working.movable.map((demand) => demands.to[demand] as number))];
  const { bound } = await generateColumns(working, new PathPrices(network, targets), { ...LIMITS, onProgress });
  return bound;
}
