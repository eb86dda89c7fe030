import type { Disjointness, Intent, Path } from "@sextant/model";
import { edgesDisjointFrom, type Exemptions, exemptionsOf } from "../compute/disjoint";
import { type Pair, pairsOf, unknownHosts } from "../compute/endpoints";
import { explainNoPath } from "../compute/explain-no-path";
import { findPath } from "../compute/find-path";
import { type QueryTemplate, queryTemplate } from "../compute/intent-query";
import type { NoPath } from "../compute/no-path";
import { pathAlong } from "../compute/path-edges";
import type { PathAnswer, PathQuery } from "../compute/path-query";
import type { TopologySnapshot } from "../topology/snapshot";

/** Preference of the primary, and how much less each further candidate has (RFC 9256 section 2.7: higher wins). */
const PRIMARY_PREFERENCE = 100;
const PREFERENCE_STEP = 10;

/** A path that a policy may take. */
export interface ComputedPath extends Path {
  readonly preference: number;
  /** False when the work limit was hit: the path keeps every constraint, but a better one may exist. */
  readonly exact: boolean;
}

/** How far the wish for backups was met. */
export interface Protection {
  readonly wanted: number;
  readonly found: number;
  readonly disjoint: Disjointness;
  /** What primary and backups share because there is no way around it. */
  readonly exemptions: Exemptions;
  /** Why there are fewer than wanted. */
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
 * Stage compute: the primary and backup paths of every (host, endpoint) pair of an intent. A pure function of the two: equal
 * inputs give equal paths, whatever the order of the documents.
 */
export function compute(intent: Intent, snapshot: TopologySnapshot): ComputedIntent {
  const template = queryTemplate(intent, snapshot);
  return {
    policies: pairsOf(intent, snapshot).map((pair) => computePair(intent, snapshot, template, pair)),
    unknownSources: unknownHosts(intent.from.hosts, snapshot),
  };
}

function computePair(intent: Intent, snapshot: TopologySnapshot, template: QueryTemplate, pair: Pair): ComputedPolicy {
  const graph = snapshot.flat;
  const source = graph.nodeIndex.get(pair.host);
  const target = pair.egress === undefined ? undefined : graph.nodeIndex.get(pair.egress);
  if (source === undefined || target === undefined) return without(pair, unknownEndpoint(intent, pair.endpoint));
  const query: PathQuery = { ...template, source, target };
  const primary = findPath(graph, query);
  if (primary.kind !== "path") return without(pair, whyNot(primary, intent, snapshot, query));
  const { backups, disjoint } = intent.protection;
  const found = [primary];
  if (backups === 0) {
    return { ...pair, candidates: candidatesOf(snapshot, found), noPath: undefined, protection: undefined };
  }
  const exemptions = exemptionsOf(graph, query);
  const shortfall = addBackups(intent, snapshot, query, exemptions, found);
  return {
    ...pair,
    candidates: candidatesOf(snapshot, found),
    noPath: undefined,
    protection: { wanted: backups, found: found.length - 1, disjoint, exemptions, shortfall },
  };
}

type Found = Extract<PathAnswer, { kind: "path" }>;

/** Appends backups to `found`, each disjoint from all before it; returns why there are too few. */
function addBackups(
  intent: Intent,
  snapshot: TopologySnapshot,
  query: PathQuery,
  exemptions: Exemptions,
  found: Found[],
): NoPath | undefined {
  const { backups, disjoint } = intent.protection;
  let usable = query.usable;
  while (found.length <= backups) {
    usable = edgesDisjointFrom(snapshot.flat, usable, found.at(-1)?.edges ?? [], disjoint, exemptions);
    const within = { ...query, usable };
    const next = findPath(snapshot.flat, within);
    if (next.kind !== "path") return whyNot(next, intent, snapshot, query, found, exemptions);
    found.push(next);
  }
  return undefined;
}

function candidatesOf(snapshot: TopologySnapshot, found: readonly Found[]): ComputedPath[] {
  return found.map(({ edges, exact }, i) => ({
    preference: PRIMARY_PREFERENCE - PREFERENCE_STEP * i,
    ...pathAlong(snapshot.flat, edges),
    exact,
  }));
}

/** Explains a missing path; with `found`, a missing backup beside those. */
function whyNot(
  answer: Exclude<PathAnswer, Found>,
  intent: Intent,
  snapshot: TopologySnapshot,
  query: PathQuery,
  found: readonly Found[] = [],
  exemptions?: Exemptions,
): NoPath {
  if (answer.kind === "gave_up") {
    const message = "the search was given up at its work limit: fewer bounds at once, or looser ones, need less work";
    return { reason: "WorkLimit", message, relaxations: [] };
  }
  if (exemptions === undefined) return explainNoPath(intent, snapshot, query);
  const { disjoint } = intent.protection;
  let within: Uint8Array = new Uint8Array(query.usable.length).fill(1);
  for (const { edges } of found) within = edgesDisjointFrom(snapshot.flat, within, edges, disjoint, exemptions);
  return explainNoPath(intent, snapshot, { ...query, within });
}

function unknownEndpoint(intent: Intent, endpoint: string): NoPath {
  if (intent.to.prefixes.some((prefix) => prefix === endpoint)) {
    const message = `no node of the topology has a prefix or address that covers ${endpoint}: declare it at the node it lies behind`;
    return { reason: "UnknownPrefix", message, relaxations: [] };
  }
  return { reason: "UnknownHost", message: `the topology has no host "${endpoint}"`, relaxations: [] };
}

function without(pair: Pair, noPath: NoPath): ComputedPolicy {
  return { ...pair, candidates: [], noPath, protection: undefined };
}
