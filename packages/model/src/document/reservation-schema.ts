import { z } from "zod";
import { integer } from "./fields";

/** Best and worst priority (RFC 3209 section 4.7.1). */
const BEST = 0;
const WORST = 7;
/** The most that a link can have. */
const MAX_MBPS = 10_000_000;

/** Bandwidth that an intent's policies are promised on every link of their paths. */
export const reservation = z
  .strictObject({
    mbps: z
      .union([z.number().positive().max(MAX_MBPS), z.literal("measured")])
      .describe("Mbit/s for each policy, or `measured`: what the hosts count."),
    setupPriority: integer(BEST, WORST)
      .default(WORST)
      .describe("0 is the best: bandwidth may be taken from reservations with a worse hold priority than this."),
    holdPriority: integer(BEST, WORST)
      .optional()
      .describe("What the bandwidth is defended with; the setup priority when absent, and never worse than that."),
  })
  .refine(({ setupPriority, holdPriority = setupPriority }) => holdPriority <= setupPriority, {
    message: "is worse than the setup priority: two such reservations would pre-empt each other for ever",
    path: ["holdPriority"],
  });
