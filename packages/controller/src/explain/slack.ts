import type { Constraints, PathMetrics } from "@sextant/model";
import { BOUNDS, type BoundName } from "../compute/intent-query";

/** How much room a bound leaves the primary, in the unit of the constraint. */
export interface SlackView {
  readonly constraint: BoundName | "minBandwidthMbps";
  readonly limit: number;
  /** What the primary has; absent for links without a stated capacity. */
  readonly value?: number;
  readonly slack?: number;
}

/** Every bound of the constraints, in the order of the document's reference. */
export function slackOf(constraints: Constraints, metrics: PathMetrics): SlackView[] {
  const bounds = BOUNDS.flatMap((constraint): SlackView[] => {
    const limit = constraints[constraint];
    if (limit === undefined) return [];
    const value = valueOf(constraint, metrics);
    return [{ constraint, limit, value, slack: rounded(limit - value) }];
  });
  const least = constraints.minBandwidthMbps;
  if (least === undefined) return bounds;
  const { bottleneckMbps: value } = metrics;
  const isUnlimited = value === Number.MAX_SAFE_INTEGER;
  const has = isUnlimited ? {} : { value, slack: rounded(value - least) };
  return [...bounds, { constraint: "minBandwidthMbps", limit: least, ...has }];
}

function valueOf(constraint: BoundName, { delayUs, jitterUs, lossPpm, igp, hops }: PathMetrics): number {
  switch (constraint) {
    case "maxDelayMs":
      return rounded(delayUs / 1_000);
    case "maxJitterMs":
      return rounded(jitterUs / 1_000);
    case "maxLossPercent":
      return rounded(lossPpm / 10_000);
    case "maxIgp":
      return igp;
    case "maxHops":
      return hops;
  }
}

/** To the nanosecond, as a fraction of a millisecond: without the tail of binary fractions. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
