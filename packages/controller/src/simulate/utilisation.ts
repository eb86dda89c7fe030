import { edgesAlong } from "../compute/path-edges";
import type { TopologySnapshot } from "../topology/snapshot";
import type { Plans } from "./impact";

const PERCENT = 100;

/**
 * The highest share of a link's capacity, in percent, when every policy carries the bandwidth that its intent asks for on the paths of its
 * primary, by their weights. Undefined where no intent asks for any, or no link that they cross has a capacity.
 */
export function highestUtilisation(plans: Plans, { flat }: TopologySnapshot): number | undefined {
  const loads = new Map<number, number>();
  for (const { intent, policies } of plans.values()) {
    const { minBandwidthMbps } = intent.constraints;
    if (minBandwidthMbps === undefined) continue;
    for (const { candidates } of policies) {
      const lists = candidates[0]?.lists ?? [];
      const total = lists.reduce((sum, { path }) => sum + path.weight, 0);
      for (const { path } of lists) {
        const mbps = (minBandwidthMbps * path.weight) / total;
        for (const edge of edgesAlong(flat, path)) loads.set(edge, (loads.get(edge) ?? 0) + mbps);
      }
    }
  }
  const shares = [...loads].flatMap(([edge, mbps]) => {
    const capacity = flat.capacityMbps[edge] as number;
    return capacity === Number.MAX_SAFE_INTEGER ? [] : [(PERCENT * mbps) / capacity];
  });
  return shares.length === 0 ? undefined : Math.max(...shares);
}
