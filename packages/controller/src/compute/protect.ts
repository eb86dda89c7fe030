import { type FateNames, NOTHING_SHARED } from "./disjoint";
import type { DisjointTask } from "./disjoint-search";
import { disjointSet, leastSharingPair, leastSharingPath, type PathSet } from "./disjoint-set";
import { findPath } from "./find-path";
import { type Found, isSamePath } from "./path-set";

/** A path to fall back on. */
export interface Backup extends Found {
  /** What it shares with any path before it, and need not be exempt; nothing when it is disjoint. */
  readonly shares: FateNames;
}

/** Paths of a primary and what protects them. */
export interface ProtectedPaths {
  readonly primary: readonly Found[];
  readonly backups: readonly Backup[];
  /** False when the work limit was hit: a cheaper set, more disjoint paths, or less sharing may be possible. */
  readonly exact: boolean;
}

/**
 * The primary and up to `wanted` backups. One primary path and its backups are chosen together: as many disjoint paths as there are,
 * of least total cost, and the best of them is the primary. Where no two paths are disjoint, the two that share least. Several
 * primary paths stay as they are, and the backups are a set of least cost beside them. What is still wanting is filled with
 * paths that share as little as can be with all before. `primary` has the best path of the query first.
 */
export function protect(task: DisjointTask, primary: readonly Found[], wanted: number): ProtectedPaths {
  const [best, ...others] = primary;
  if (best === undefined) throw new RangeError("nothing to protect");
  const chosen = others.length === 0 ? together(task, best, wanted) : beside(task, primary, wanted);
  const paths = [...chosen.paths];
  let { exact } = chosen;
  while (paths.length - primary.length < wanted) {
    const next = leastSharingPath(task, paths);
    exact &&= next.exact;
    const [path] = next.paths;
    if (path === undefined || paths.some((other) => isSamePath(other, path))) break;
    paths.push(path);
  }
  const backups = paths.slice(primary.length).map((path, i) => {
    const rank = primary.length + i;
    return { ...path, shares: rank < chosen.apart ? NOTHING_SHARED : sharedWith(task, paths.slice(0, rank), path) };
  });
  return { primary: paths.slice(0, primary.length), backups, exact };
}

/** A primary's paths and backups. */
interface Chosen extends PathSet {
  /** Backups before this place share nothing with any path before them. */
  readonly apart: number;
}

function together(task: DisjointTask, best: Found, wanted: number): Chosen {
  const set = disjointSet(task, best, wanted + 1);
  if (set.paths.length > 1) return { ...set, apart: set.paths.length };
  const pair = leastSharingPair(task, best);
  const [first, second] = pair.paths;
  const isOne = first === undefined || second === undefined || isSamePath(first, second);
  return { paths: isOne ? [best] : pair.paths, exact: set.exact && pair.exact, apart: 1 };
}

function beside(task: DisjointTask, primary: readonly Found[], wanted: number): Chosen {
  const { graph, query, fates } = task;
  const left = { ...query, usable: fates.besides(query.usable, primary) };
  const best = findPath(graph, left);
  // Where all that a path crosses is exempt, the best of the rest is a primary path again.
  if (best.kind !== "path" || primary.some((path) => isSamePath(path, best))) {
    return { paths: primary, exact: best.kind !== "gave_up", apart: primary.length };
  }
  const set = disjointSet({ ...task, query: left }, best, wanted);
  const paths = [...primary, ...set.paths];
  return { paths, exact: set.exact, apart: paths.length };
}

function sharedWith({ fates }: DisjointTask, before: readonly Found[], path: Found): FateNames {
  const taken = new Set(before.flatMap(({ edges }) => fates.of(edges)));
  return fates.names(fates.of(path.edges).filter((fate) => taken.has(fate)));
}
