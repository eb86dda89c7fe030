import Heap from "mnemonist/heap";
import type { FlatGraph } from "../topology/flat-graph";
import type { Fates } from "./disjoint";
import { findPath } from "./find-path";
import type { PathQuery } from "./path-query";
import { compareCosts, type Found, totalCost } from "./path-set";

/** Most edges and nodes that the searches of one task may look at together: some tenths of a second. */
const MAX_WORK = 500_000;
/** What a search costs at least, however small the network. */
const LEAST_WORK = 100;
/** Stands for a path that stays as it is. */
const FIXED = -1;

/** `paths` is undefined when there is no such set or, where that is not `exact`, none was found within the work limit. */
export interface SetAnswer {
  readonly paths: readonly Found[] | undefined;
  readonly exact: boolean;
}

/** What disjoint paths are asked for, and the work that may still be spent on it. */
export interface DisjointTask {
  readonly graph: FlatGraph;
  readonly query: PathQuery;
  readonly fates: Fates;
  readonly work: { left: number };
}

/** A task at its beginning: an answer costs a bounded number of searches, whatever the number of paths. */
export function disjointTask(graph: FlatGraph, query: PathQuery, fates: Fates): DisjointTask {
  return { graph, query, fates, work: { left: MAX_WORK } };
}

/** Some paths, each best while it keeps off what it must. */
interface Branch {
  readonly paths: readonly Found[];
  /** What each path must keep off, in order. */
  readonly bans: readonly (readonly number[])[];
  /** What paths may share, at a price. */
  readonly shared: readonly number[];
  /** Links shared, other things shared, then the sums: no set of this branch costs less. */
  readonly cost: readonly number[];
}

/**
 * The set of `count` paths of least total cost that share nothing, every one under all constraints of the query; with `sharing` they may
 * share: as few links as can be, then as few other things, then least total cost. Branch and bound over conflicts: where
 * two paths, each the best for itself, share something, one of them or the other has to keep off it (or it is shared). The first set
 * without a conflict that leaves the queue costs least. `known` is a set that would do; at the work limit it is the answer.
 */
export function searchDisjointSet(
  task: DisjointTask,
  count: number,
  { sharing = false, fixed = [], known }: SearchOptions = {},
): SetAnswer {
  return new SetSearch(task, sharing, fixed).run(count, known);
}

interface SearchOptions {
  readonly sharing?: boolean;
  /** Paths that stay as they are, and that those of the set must share as little with as with each other. */
  readonly fixed?: readonly Found[];
  readonly known?: readonly Found[] | undefined;
}

class SetSearch {
  readonly #seen = new Set<string>();
  readonly #queue = new Heap<Branch>((a, b) => compareCosts(a.cost, b.cost));
  #exact = true;

  constructor(
    readonly task: DisjointTask,
    readonly sharing: boolean,
    readonly fixed: readonly Found[],
  ) {}

  run(count: number, known: readonly Found[] | undefined): SetAnswer {
    const limit =
      known === undefined ? undefined : this.#costOf(known, sharedFates(this.task.fates, [...this.fixed, ...known]));
    const best = this.#find([]);
    if (best === undefined) return { paths: undefined, exact: this.#exact };
    this.#add({
      paths: Array.from({ length: count }, () => best),
      bans: Array.from({ length: count }, () => []),
      shared: [],
    });
    for (let branch = this.#queue.pop(); branch !== undefined; branch = this.#queue.pop()) {
      if (limit !== undefined && compareCosts(branch.cost, limit) >= 0) break;
      const conflict = this.#conflictOf(branch);
      if (conflict === undefined) return { paths: branch.paths, exact: this.#exact };
      if (this.task.work.left <= 0) return { paths: known, exact: false };
      this.#split(branch, conflict);
    }
    return { paths: known, exact: this.#exact };
  }

  #split(branch: Branch, { fate, users }: Conflict): void {
    for (const user of users) {
      const bans = branch.bans.map((own, i) => (i === user ? [...own, fate].sort((a, b) => a - b) : own));
      const key = this.#keyOf(bans, branch.shared);
      if (this.#seen.has(key)) continue;
      const path = this.#find(bans[user] ?? []);
      if (path === undefined) this.#seen.add(key);
      else this.#add({ paths: branch.paths.map((own, i) => (i === user ? path : own)), bans, shared: branch.shared });
    }
    if (this.sharing) this.#add({ ...branch, shared: [...branch.shared, fate].sort((a, b) => a - b) });
  }

  #add(branch: Omit<Branch, "cost">): void {
    const key = this.#keyOf(branch.bans, branch.shared);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#queue.push({ ...branch, cost: this.#costOf(branch.paths, branch.shared) });
  }

  /** Which path is which does not matter. */
  #keyOf(bans: Branch["bans"], shared: Branch["shared"]): string {
    return `${bans
      .map((own) => own.join(" "))
      .sort()
      .join(",")}|${shared.join(" ")}`;
  }

  #costOf(paths: readonly Found[], shared: readonly number[]): number[] {
    const links = shared.filter((fate) => this.task.fates.isLink(fate)).length;
    return [links, shared.length - links, ...totalCost(this.task.graph, this.task.query, paths)];
  }

  #conflictOf({ paths, shared }: Pick<Branch, "paths" | "shared">): Conflict | undefined {
    const first = new Map<number, number>(
      this.fixed.flatMap(({ edges }) => this.task.fates.of(edges).map((fate): [number, number] => [fate, FIXED])),
    );
    for (const [user, { edges }] of paths.entries()) {
      for (const fate of this.task.fates.of(edges)) {
        if (shared.includes(fate)) continue;
        const other = first.get(fate);
        if (other !== undefined) return { fate, users: other === FIXED ? [user] : [other, user] };
        first.set(fate, user);
      }
    }
    return undefined;
  }

  #find(bans: readonly number[]): Found | undefined {
    const { graph, query, fates, work } = this.task;
    work.left -= Math.max(LEAST_WORK, query.usable.length + graph.nodeNames.length);
    const usable = bans.length === 0 ? query.usable : fates.without(query.usable, bans);
    const answer = findPath(graph, { ...query, usable });
    if (answer.kind === "gave_up" || (answer.kind === "path" && !answer.exact)) this.#exact = false;
    return answer.kind === "path" ? answer : undefined;
  }
}

interface Conflict {
  readonly fate: number;
  /** Those of the set that could keep off it. */
  readonly users: readonly number[];
}

/** What at least two of the paths have in common, each once. */
export function sharedFates(fates: Fates, paths: readonly Found[]): number[] {
  const seen = new Set<number>();
  const shared = new Set<number>();
  for (const { edges } of paths) {
    for (const fate of fates.of(edges)) {
      if (seen.has(fate)) shared.add(fate);
      seen.add(fate);
    }
  }
  return [...shared];
}
