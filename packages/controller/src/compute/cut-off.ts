import type { FlatGraph } from "../topology/flat-graph";
import type { PathQuery } from "./path-query";

/** So many nodes are looked at: parts of a network that hang on one link seldom have more, and looking at these costs next to nothing. */
export const FEW = 32;

/**
 * True when the usable edges lead from the source to few nodes only, and the target is none of them: then a search from the target, which would look at all of the
 * network, is needless. Where it says false there may be no way either.
 */
export function isCutOff({ outStart, edgeTo, isHost }: FlatGraph, { source, target, usable }: PathQuery): boolean {
  const seen = new Set([source]);
  for (const node of seen) {
    const end = outStart[node + 1] as number;
    for (let edge = outStart[node] as number; edge < end; edge++) {
      const to = edgeTo[edge] as number;
      if (usable[edge] === 0) continue;
      if (to === target) return false;
      if (isHost[to] === 0) seen.add(to);
    }
    if (seen.size > FEW) return false;
  }
  return true;
}
