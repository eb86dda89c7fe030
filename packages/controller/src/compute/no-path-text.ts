import type { Constraints, PathMetrics } from "@sextant/model";
import { formatMs, formatPercent } from "../topology/metric-units";
import type { BoundName } from "./intent-query";
import type { Relaxation } from "./no-path";

/** `maxDelayMs 20 is out of reach: the best is 23.4 ms; without avoid.nodes lon: 14.1 ms, 5 hops` */
export function describeNoPath(relaxations: readonly Relaxation[], constraints: Constraints): string {
  return relaxations.map((relaxation) => describeOne(relaxation, constraints)).join("; ");
}

function describeOne({ drop, reaches }: Relaxation, constraints: Constraints): string {
  const what = drop.join(" and ");
  const best = bestText(what, reaches);
  if (best !== undefined)
    return `${what} ${constraints[what as ConstraintName] ?? ""} is out of reach: the best is ${best}`;
  const instead = `${formatMs(reaches.delayUs)}, ${reaches.hops} hops`;
  if (what === "health") return `links that are down by observation stand in the way: with them ${instead}`;
  if (what === "reservation") return `without the reservation: ${instead}`;
  const algorithm = what === "algorithm" ? ` ${constraints.algorithm ?? ""}` : "";
  return `without ${what}${algorithm}: ${instead}`;
}

type ConstraintName = BoundName | "minBandwidthMbps";

/** What a path reaches of the one thing that a constraint is on; undefined for everything that is no number. */
function bestText(constraint: string, reaches: PathMetrics): string | undefined {
  switch (constraint as ConstraintName) {
    case "maxDelayMs":
      return formatMs(reaches.delayUs);
    case "maxJitterMs":
      return formatMs(reaches.jitterUs);
    case "maxLossPercent":
      return formatPercent(reaches.lossPpm);
    case "maxIgp":
      return String(reaches.igp);
    case "maxHops":
      return String(reaches.hops);
    case "minBandwidthMbps":
      return `${reaches.bottleneckMbps} Mbit/s`;
    default:
      return undefined;
  }
}
