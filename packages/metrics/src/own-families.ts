import { type Family, gauge } from "./family";

/** What every endpoint says about its own answer. */
export const OWN_FAMILIES = {
  droppedSeries: gauge(
    "sextant_metrics_dropped_series",
    ["family"],
    "Series left out of this answer because their family has more than an answer may hold.",
  ),
} satisfies Record<string, Family>;
