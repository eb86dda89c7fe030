import type { FlatGraph } from "../topology/flat-graph";
import { exemptionsOf, Fates } from "./disjoint";
import { findPath } from "./find-path";
import { pathsInOrder } from "./k-shortest";
import type { PathQuery } from "./path-query";
import { type Found, isSamePath } from "./path-set";

/**
 * Paths to share traffic with `first`, the best path of the query; `count` at most, fewer where there are no more. First
 * those that have no link in common with any before (but for what every path must cross), best first. Then the best of the others.
 */
export function furtherPaths(graph: FlatGraph, query: PathQuery, first: Found, count: number): Found[] {
  const found = [first];
  const fates = new Fates(graph, "link", exemptionsOf(graph, query));
  while (found.length <= count) {
    const next = findPath(graph, { ...query, usable: fates.besides(query.usable, found) });
    if (next.kind !== "path" || found.some((path) => isSamePath(path, next))) break;
    found.push(next);
  }
  for (const next of pathsInOrder(graph, query, first)) {
    if (found.length > count) break;
    if (!found.some((path) => isSamePath(path, next))) found.push(next);
  }
  return found.slice(1);
}
