import { z } from "zod";
import { METRICS } from "../intent";
import { integer } from "./fields";

/** Most goals of one objective. */
const MAX_GOALS = 8;
/** Largest weight of a metric: sums of weighted metrics stay whole numbers far beyond any real path. */
const MAX_WEIGHT = 10_000;

const weight = (what: string) => integer(1, MAX_WEIGHT).optional().describe(`Weight of ${what}.`);
const weights = z
  .strictObject({
    delay: weight("a microsecond of delay"),
    igp: weight("the IGP metric"),
    te: weight("the traffic-engineering metric"),
    hops: weight("a hop"),
    jitter: weight("a microsecond of delay variation"),
    loss: weight("a lost packet per million, as -ln(1 - p)"),
  })
  .refine((given) => Object.keys(given).length > 0, "weighs nothing: give at least one metric");

const goal = z
  .strictObject({
    minimize: z
      .union([z.enum([...METRICS, "utilisation"]), weights])
      .optional()
      .describe(
        "Metric whose sum along the path is to be smallest, or several with their weights; `utilisation` is that of the fullest link.",
      ),
    maximize: z.enum(["bandwidth"]).optional().describe("`bandwidth`: the narrowest link is to be as wide as can be."),
  })
  .refine(
    ({ minimize, maximize }) => (minimize === undefined) !== (maximize === undefined),
    "give one of minimize and maximize",
  );

/** One goal, or several in falling importance. */
export const objective = z
  .union([goal, z.array(goal)])
  .refine(
    (given) => !Array.isArray(given) || (given.length > 0 && given.length <= MAX_GOALS),
    `must have 1 to ${MAX_GOALS} goals`,
  );

export type GoalSpec = z.output<typeof goal>;
