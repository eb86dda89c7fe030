import type { Constraints, Disjointness, Intent, Multipath } from "@sextant/model";
import { type Exemptions, exemptionsOf, type FateNames, Fates } from "../compute/disjoint";
import { disjointTask } from "../compute/disjoint-search";
import { disjointSet } from "../compute/disjoint-set";
import { type Pair, pairsOf, unknownHosts } from "../compute/endpoints";
import { explainNoPath, REASONS } from "../compute/explain-no-path";
import { findPath } from "../compute/find-path";
import { sharingPaths } from "../compute/further-paths";
import { type Obstacle, obstaclesOf, type QueryTemplate, queryTemplate } from "../compute/intent-query";
import type { NoPath } from "../compute/no-path";
import type { PathAnswer, PathQuery } from "../compute/path-query";
import { type Found, isSamePath } from "../compute/path-set";
import { protect } from "../compute/protect";
import { smallestOver } from "../compute/rank";
import { splitReservation } from "../compute/split";
import { weightsOf } from "../compute/weights";
import { backupsGivenUp, searchGivenUp } from "../compute/work-limit";
import type { Room, TopologySnapshot } from "../topology/snapshot";
import { ComputedPath, SharedPath } from "./computed-path";

/** Preference of the primary, and how much less each further candidate has (RFC 9256 section 2.7: higher wins). */
const PRIMARY_PREFERENCE = 100;
const PREFERENCE_STEP = 10;
/** From the candidate of this rank on they go down by one: sixteen have room above zero. */
const FINE_RANK = 10;
/** So many times the paths wanted are looked at when a reservation is split, within a limit. */
const SPLIT_CHOICE = 4;
const MAX_SPLIT_CHOICE = 32;
/** By what a utilisation may be above 1 because of how it was computed; the ledger counts in whole bit/s. */
const ROUNDING = 1e-9;

/** How far the wish for backups was met. */
export interface Protection {
  readonly wanted: number;
  /** Backups that share nothing with any candidate before them, but for what is exempt. */
  readonly found: number;
  readonly disjoint: Disjointness;
  /** Whether the primary gave way to a set of least cost: it is not the best path of all. */
  readonly movesPrimary: boolean;
  /** What primary and backups share because there is no way around it. */
  readonly exemptions: Exemptions;
  /** What each backup shares beyond that, in order of preference: as little as can be. */
  readonly shared: readonly FateNames[];
  /** False when the work limit was hit: a cheaper set, more disjoint paths, or less sharing may be possible. */
  readonly exact: boolean;
  /** Why fewer than wanted are disjoint. */
  readonly shortfall: NoPath | undefined;
}

/** The paths of one source host to one endpoint. */
export interface ComputedPolicy extends Pair {
  /** In falling preference; the first is the primary. */
  readonly candidates: readonly ComputedPath[];
  /** Why there is no candidate. */
  readonly noPath: NoPath | undefined;
  /** Undefined when no backup is wanted or there is no primary. */
  readonly protection: Protection | undefined;
}

/** What compute makes of one intent. */
export interface ComputedIntent {
  readonly policies: readonly ComputedPolicy[];
  /** Source hosts that the intent names and the topology does not have. */
  readonly unknownSources: readonly string[];
}

/**
 * Stage compute: the paths of every pair of an intent, primary and backups, there and, where asked, back. A pure function of
 * the two: equal inputs give equal paths, whatever the order of the documents.
 */
export function compute(intent: Intent, snapshot: TopologySnapshot): ComputedIntent {
  const there = { asked: intent, template: queryTemplate(intent, snapshot) };
  const turned = { ...intent, constraints: turnedRound(intent.constraints) };
  const back = intent.bidirectional ? { asked: turned, template: queryTemplate(turned, snapshot) } : there;
  return {
    policies: pairsOf(intent, snapshot).map((pair) => {
      const { asked, template } = pair.direction === "forward" ? there : back;
      return computePair(asked, snapshot, template, pair);
    }),
    unknownSources: unknownHosts(intent.from.hosts, snapshot),
  };
}

/** The same for one pair alone, in a network that may look different to each pair. */
export function computePolicy(intent: Intent, snapshot: TopologySnapshot, pair: Pair): ComputedPolicy {
  const turned = { ...intent, constraints: turnedRound(intent.constraints) };
  const asked = pair.direction === "forward" ? intent : turned;
  return computePair(asked, snapshot, queryTemplate(asked, snapshot), pair);
}

/** The way back is a path of its own, under the same constraints; the nodes to pass are met from the other side. */
export function turnedRound(constraints: Constraints): Constraints {
  return { ...constraints, via: constraints.via.toReversed() };
}

function computePair(intent: Intent, snapshot: TopologySnapshot, template: QueryTemplate, pair: Pair): ComputedPolicy {
  const graph = snapshot.flat;
  const source = graph.nodeIndex.get(pair.host);
  const target = pair.egress === undefined ? undefined : graph.nodeIndex.get(pair.egress);
  if (source === undefined || target === undefined) return without(pair, unknownEndpoint(pair));
  const heeding: PathQuery = { ...template, source, target };
  const found = findPath(graph, heeding);
  const { query, primary } =
    found.kind === "path" || snapshot.unusable.size === 0
      ? { query: heeding, primary: found }
      : lastResort(intent, snapshot, heeding);
  if (primary.kind !== "path") return without(pair, whyNot(primary, intent, snapshot, query));
  const { paths, weights } = sharedPaths(intent, snapshot, query, primary);
  if (paths.length === 0) return without(pair, noSplit(snapshot.room, intent.multipath.paths));
  const chosen = intent.protection.backups === 0 ? undefined : addBackups(intent, snapshot, query, paths);
  const backups = (chosen?.backups ?? []).map((backup, i) => candidateOf(snapshot, i + 1, [backup], "equal"));
  const candidates = [candidateOf(snapshot, 0, chosen?.primary ?? paths, weights)].concat(backups);
  const protection = chosen?.protection;
  return computedPolicy(pair, { candidates, noPath: undefined, protection });
}

/** Hundreds of thousands are kept: an object that is written out is smaller than one that is spread. */
export function computedPolicy(
  { host, kind, endpoint, egress, direction, answers }: Pair,
  { candidates, noPath, protection }: Omit<ComputedPolicy, keyof Pair>,
): ComputedPolicy {
  return { host, kind, endpoint, egress, direction, answers, candidates, noPath, protection };
}

/** The paths of the primary and their weights; none where no split of a reservation fits. */
function sharedPaths(intent: Intent, { flat, room }: TopologySnapshot, query: PathQuery, primary: Found) {
  const { paths: wanted, weights } = intent.multipath;
  const isSplit = room !== undefined && wanted > 1;
  const { paths, exact } = sharingPaths(flat, query, primary, isSplit ? splitChoice(wanted) : wanted);
  const doubted = (all: readonly Found[]) => all.map((path) => ({ ...path, exact: path.exact && exact }));
  if (!isSplit) return { paths: doubted(paths), weights };
  const split = splitReservation(flat, room, paths, wanted);
  if (split.greatest > 1 + ROUNDING) return { paths: [], weights: [] };
  return { paths: doubted(split.paths), weights: split.paths.length === 1 ? weights : split.weights };
}

/** Paths that are looked at for so many to be chosen. */
function splitChoice(wanted: number): number {
  return Math.min(MAX_SPLIT_CHOICE, SPLIT_CHOICE * wanted);
}

function noSplit(room: Room | undefined, paths: number): NoPath {
  const needs = `needs ${room?.mbps ?? 0} Mbit/s at setup priority ${room?.setupPriority ?? 0}`;
  const message = `${needs}: no split over ${paths} paths leaves every link within its capacity`;
  return { reason: "Reservation", message, relaxations: [] };
}

/**
 * Where every path crosses what observation found broken, the path is as if nothing were: the observation may be wrong, and
 * as long as the host has a list it probes it.
 */
function lastResort(intent: Intent, snapshot: TopologySnapshot, { source, target }: PathQuery) {
  const query = { ...queryTemplate(intent, snapshot, new Set<Obstacle>(["health"])), source, target };
  return { query, primary: findPath(snapshot.flat, query) };
}

/** The primary's paths, which backups can move, and the backups beside them. */
function addBackups(intent: Intent, snapshot: TopologySnapshot, query: PathQuery, shared: readonly Found[]) {
  const { backups: wanted, disjoint } = intent.protection;
  const exemptions = exemptionsOf(snapshot.flat, query);
  const fates = new Fates(snapshot.flat, disjoint, exemptions);
  const { primary, backups, exact } = protect(disjointTask(snapshot.flat, query, fates), shared, wanted);
  const apart = backups.filter(({ shares }) => sharesNothing(shares));
  const shortfall =
    apart.length === wanted ? undefined : whyFewer(intent, snapshot, query, fates, [...primary, ...apart], exact);
  const protection: Protection = {
    wanted,
    found: apart.length,
    disjoint,
    movesPrimary: !isSamePath(primary[0] as Found, shared[0] as Found),
    exemptions,
    shared: backups.map(({ shares }) => shares),
    exact,
    shortfall,
  };
  return { primary, backups: backups.map((backup) => ({ ...backup, exact: backup.exact && exact })), protection };
}

/** Whether a backup is as disjoint as it was asked to be. */
export function sharesNothing({ links, nodes, srlgs }: FateNames): boolean {
  return links.length + nodes.length + srlgs.length === 0;
}

function candidateOf(
  snapshot: TopologySnapshot,
  rank: number,
  found: readonly Found[],
  weights: Multipath["weights"] | readonly number[],
): ComputedPath {
  const graph = snapshot.flat;
  const narrowest = found.map(({ edges }) =>
    Math.min(Number.MAX_SAFE_INTEGER, smallestOver(edges, graph.capacityMbps)),
  );
  const shares = typeof weights === "string" ? weightsOf(narrowest, weights) : weights;
  const [best, ...beside] = found.map(({ edges, exact }, i) => ({
    edges: edges.slice(),
    exact,
    weight: shares[i] ?? 1,
  }));
  if (best === undefined) throw new RangeError("a candidate has a path");
  const others = beside.map((path) => new SharedPath(graph, path));
  return new ComputedPath(graph, best, preferenceOf(rank), others);
}

/** 100, 90, ... 10, 9, 8, ... */
function preferenceOf(rank: number): number {
  const steps = Math.min(rank, FINE_RANK - 1);
  return PRIMARY_PREFERENCE - PREFERENCE_STEP * steps - (rank - steps);
}

function whyNot(
  answer: Exclude<PathAnswer, Found>,
  intent: Intent,
  snapshot: TopologySnapshot,
  query: PathQuery,
): NoPath {
  return answer.kind === "gave_up" ? searchGivenUp(intent) : explainNoPath(intent, snapshot, query);
}

/** Why no further path is disjoint from those of `found`, or why no other set of paths has more that are. */
function whyFewer(
  intent: Intent,
  snapshot: TopologySnapshot,
  query: PathQuery,
  fates: Fates,
  found: readonly Found[],
  exact: boolean,
): NoPath {
  if (!exact) return backupsGivenUp(intent);
  const all = new Uint8Array(query.usable.length).fill(1);
  const beside = explainNoPath(intent, snapshot, { ...query, within: fates.besides(all, found) });
  if (beside.reason !== "Disconnected") return beside;
  // One work limit for all of them.
  const task = disjointTask(snapshot.flat, query, fates);
  const [first, ...others] = obstaclesOf(intent, snapshot).filter((obstacle) => {
    const { source, target } = query;
    const relaxed = { ...queryTemplate(intent, snapshot, new Set([obstacle])), source, target };
    const best = findPath(snapshot.flat, relaxed);
    if (best.kind !== "path") return false;
    return disjointSet({ ...task, query: relaxed }, best, found.length + 1).paths.length > found.length;
  });
  if (first === undefined) return beside;
  const message = `there would be ${found.length} without ${[first, ...others].join(", or without ")}`;
  return { reason: REASONS[first], message, relaxations: [] };
}

function unknownEndpoint({ kind, endpoint }: Pair): NoPath {
  switch (kind) {
    case "prefix": {
      const message = `no node of the topology has a prefix or address that covers ${endpoint}: declare it at the node it lies behind`;
      return { reason: "UnknownPrefix", message, relaxations: [] };
    }
    case "host":
      return { reason: "UnknownHost", message: `the topology has no host "${endpoint}"`, relaxations: [] };
    case "name":
      return {
        reason: "UnknownHost",
        message: `the topology has no node for ${endpoint} to lie behind`,
        relaxations: [],
      };
  }
}

function without(pair: Pair, noPath: NoPath): ComputedPolicy {
  return computedPolicy(pair, { candidates: [], noPath, protection: undefined });
}
