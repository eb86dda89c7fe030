import { usedLists } from "../bandwidth/used-lists";
import { edgesAlong } from "../compute/path-edges";
import type { IntentPlan, PlannedPolicy } from "../pipeline/plan";
import type { TopologySnapshot } from "../topology/snapshot";
import { demandLoads, type TrafficDemand } from "./demand-loads";
import type { Plans } from "./impact";

const PERCENT = 100;

/**
 * The highest share of a link's capacity, in percent, when demands follow the IGP and every policy carries the bandwidth that its intent
 * asks for on the paths of its first candidate that fits a header, by their weights: what it reserves, or else what its links must have at least. Undefined where nobody
 * asks for any, or no link that is crossed has a capacity.
 */
export function highestUtilisation(
  plans: Plans,
  { flat }: TopologySnapshot,
  demands: readonly TrafficDemand[] = [],
): number | undefined {
  const loads = demandLoads(flat, demands);
  for (const plan of plans.values()) {
    for (const policy of plan.policies) {
      const asked = askedMbps(plan, policy);
      if (asked === undefined) continue;
      const lists = usedLists(policy);
      const total = lists.reduce((sum, { path }) => sum + path.weight, 0);
      for (const { path } of lists) {
        const mbps = (asked * path.weight) / total;
        for (const edge of edgesAlong(flat, path)) loads.set(edge, (loads.get(edge) ?? 0) + mbps);
      }
    }
  }
  let highest: number | undefined;
  for (const [edge, mbps] of loads) {
    const capacity = flat.capacityMbps[edge] as number;
    if (capacity !== Number.MAX_SAFE_INTEGER) highest = Math.max(highest ?? 0, (PERCENT * mbps) / capacity);
  }
  return highest;
}

function askedMbps({ intent }: IntentPlan, { reservation }: PlannedPolicy): number | undefined {
  return reservation?.mbps ?? intent.constraints.minBandwidthMbps;
}
