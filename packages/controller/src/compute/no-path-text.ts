import type { Constraints } from "@sextant/model";
import { formatMs } from "../topology/metric-units";
import type { Relaxation } from "./no-path";

/** `maxDelayMs 20 is out of reach: the best is 23.4 ms; without avoid.nodes lon: 14.1 ms, 5 hops` */
export function describeNoPath(relaxations: readonly Relaxation[], constraints: Constraints): string {
  return relaxations.map((relaxation) => describeOne(relaxation, constraints)).join("; ");
}

function describeOne({ drop, reaches }: Relaxation, constraints: Constraints): string {
  const what = drop.join(" and ");
  switch (what) {
    case "maxDelayMs":
      return `maxDelayMs ${constraints.maxDelayMs ?? ""} is out of reach: the best is ${formatMs(reaches.delayUs)}`;
    case "maxHops":
      return `maxHops ${constraints.maxHops ?? ""} is out of reach: the best is ${reaches.hops}`;
    case "minBandwidthMbps":
      return `minBandwidthMbps ${constraints.minBandwidthMbps ?? ""} is out of reach: the best is ${reaches.bottleneckMbps}`;
    case "health":
      return `links that are down by observation stand in the way: with them ${formatMs(reaches.delayUs)}, ${reaches.hops} hops`;
    default:
      return `without ${what}: ${formatMs(reaches.delayUs)}, ${reaches.hops} hops`;
  }
}
