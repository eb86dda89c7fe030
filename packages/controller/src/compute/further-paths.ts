import type { FlatGraph } from "../topology/flat-graph";
import { exemptionsOf, Fates } from "./disjoint";
import { findPath } from "./find-path";
import { pathsInOrder } from "./k-shortest";
import type { PathQuery } from "./path-query";
import { type Found, isSamePath } from "./path-set";

/** Paths that share traffic. */
export interface SharingPaths {
  readonly paths: readonly Found[];
  /** False when a work limit was hit: there may be more paths, or better ones. */
  readonly exact: boolean;
}

/**
 * Paths to share traffic with `first`, the best path of the query, which is the first of them; `count` at most, fewer where there
 * are no more. First those that have no link in common with any before (but for what every path must cross), best first. Then the
 * best of the others.
 */
export function sharingPaths(graph: FlatGraph, query: PathQuery, first: Found, count: number): SharingPaths {
  const found = [first];
  if (count === 1) return { paths: found, exact: true };
  const fates = new Fates(graph, "link", exemptionsOf(graph, query));
  let exact = true;
  while (found.length < count) {
    const next = findPath(graph, { ...query, usable: fates.besides(query.usable, found) });
    exact &&= next.kind !== "gave_up";
    if (next.kind !== "path" || found.some((path) => isSamePath(path, next))) break;
    found.push(next);
  }
  const others = pathsInOrder(graph, query, first);
  while (found.length < count) {
    const next = others.next();
    if (next.done === true) return { paths: found, exact: exact && next.value };
    if (!found.some((path) => isSamePath(path, next.value))) found.push(next.value);
  }
  return { paths: found, exact };
}
