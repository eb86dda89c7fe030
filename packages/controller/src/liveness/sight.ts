import type { Sight } from "./broken-links";
import { type ProbeRate, worksFromMs } from "./evidence";
import type { WatchedLoop } from "./watched-lists";

/**
 * Whether the paths over an edge that broke at `brokeMs` show that it works again. One that has been alive since before must have been
 * for long enough to have noticed the break. One that works outweighs any number that do not: they may be broken elsewhere.
 */
export function sightOf(
  edge: number,
  crossing: Iterable<WatchedLoop>,
  brokeMs: number,
  rateOf: (loop: WatchedLoop) => ProbeRate,
  nowMs: number,
): Sight {
  let sight: Sight = "unobserved";
  for (const loop of crossing) {
    const { report } = loop.list;
    if (report === undefined || report.state === "unproven") continue;
    const isReturnDead = (report.deadReturns & (1 << loop.back)) !== 0;
    if (report.state === "dead" || isReturnDead) sight = "broken";
    else if (worksFromMs(loop, edge, brokeMs, rateOf(loop)) <= nowMs) return "works";
  }
  return sight;
}
