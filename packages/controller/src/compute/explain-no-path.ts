import type { Constraints, Intent } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import { findPath } from "./find-path";
import { type Obstacle, obstaclesOf, queryTemplate } from "./intent-query";
import type { NoPath, NoPathReason, Relaxation } from "./no-path";
import { describeNoPath } from "./no-path-text";
import { pathAlong } from "./path-edges";
import type { PathQuery } from "./path-query";
import { widestPath } from "./widest-path";

/** The ends of the path wanted, and where given the only edges that any answer may use (a backup's). */
export interface Wanted {
  readonly source: number;
  readonly target: number;
  readonly within?: Uint8Array;
}

type Asked = Pick<Intent, "objective" | "constraints">;

const REASONS: Readonly<Record<Obstacle, NoPathReason>> = {
  maxDelayMs: "MaxDelay",
  maxHops: "MaxHops",
  minBandwidthMbps: "MinBandwidth",
  avoid: "Avoid",
  via: "Via",
  health: "LinkHealth",
};
/** Of the entries under `avoid`, this many are tried one by one. */
const MAX_AVOID_TRIALS = 32;

/**
 * Finds the smallest sets of constraints to give up: all single ones that help; if none does, all pairs; and so on. With six
 * kinds of constraint these are at most 63 searches, and usually fewer than seven.
 */
export function explainNoPath(asked: Asked, snapshot: TopologySnapshot, wanted: Wanted): NoPath {
  const obstacles = obstaclesOf(asked, snapshot);
  const missing = missingVia(asked.constraints, snapshot);
  for (let size = 1; size <= obstacles.length; size++) {
    const relaxations = subsets(obstacles, size).flatMap((drop) => relax(asked, snapshot, wanted, drop));
    const [first] = relaxations;
    if (first === undefined) continue;
    const reason = size > 1 ? "Combined" : REASONS[first.obstacle];
    return { reason, message: missing + describeNoPath(relaxations, asked.constraints), relaxations };
  }
  const name = (node: number) => snapshot.flat.nodeNames[node] ?? "";
  const ends = `from ${name(wanted.source)} to ${name(wanted.target)}`;
  const message =
    wanted.within === undefined
      ? `no way ${ends} in the topology, whatever the constraints`
      : `no other way ${ends} beside the paths already chosen, whatever the constraints`;
  return { reason: "Disconnected", message, relaxations: [] };
}

/** Via nodes are checked when an intent is applied; a later topology may lack them all the same. */
function missingVia({ via }: Constraints, snapshot: TopologySnapshot): string {
  const missing = via.filter(({ node }) => !snapshot.nodes.has(node)).map(({ node }) => node);
  return missing.length === 0 ? "" : `the topology has no node ${missing.join(", ")} to go via; `;
}

interface FoundRelaxation extends Relaxation {
  readonly obstacle: Obstacle;
}

function relax(asked: Asked, snapshot: TopologySnapshot, wanted: Wanted, drop: readonly Obstacle[]): FoundRelaxation[] {
  const obstacle = drop[0];
  if (obstacle === undefined) return [];
  const edges = nearest(snapshot, queryFor(asked, snapshot, wanted, new Set(drop)), drop);
  if (edges === undefined) return [];
  if (drop.length === 1 && obstacle === "avoid") {
    const single = singleAvoids(asked, snapshot, wanted);
    if (single.length > 0) return single;
  }
  return [{ obstacle, drop, reaches: pathAlong(snapshot.flat, edges).metrics }];
}

/** The path without `drop`, nearest to the dropped bound where it is one bound alone. */
function nearest(
  snapshot: TopologySnapshot,
  query: PathQuery,
  drop: readonly Obstacle[],
): readonly number[] | undefined {
  const only = drop.length === 1 ? drop[0] : undefined;
  if (only === "minBandwidthMbps") return widestPath(snapshot.flat, query);
  const objective = only === "maxDelayMs" ? "delay" : only === "maxHops" ? "hops" : query.objective;
  const answer = findPath(snapshot.flat, { ...query, objective });
  return answer.kind === "path" ? answer.edges : undefined;
}

/** Entries of `avoid` of which giving up one alone is enough. */
function singleAvoids(asked: Asked, snapshot: TopologySnapshot, wanted: Wanted): FoundRelaxation[] {
  const { avoid } = asked.constraints;
  const entries = (["nodes", "links", "srlgs"] as const).flatMap((kind) => avoid[kind].map((name) => ({ kind, name })));
  if (entries.length > MAX_AVOID_TRIALS) return [];
  return entries.flatMap(({ kind, name }) => {
    const others = { ...avoid, [kind]: avoid[kind].filter((other) => other !== name) };
    const constraints: Constraints = { ...asked.constraints, avoid: others };
    const answer = findPath(snapshot.flat, queryFor({ ...asked, constraints }, snapshot, wanted, new Set()));
    if (answer.kind !== "path") return [];
    return [
      { obstacle: "avoid", drop: [`avoid.${kind} ${name}`], reaches: pathAlong(snapshot.flat, answer.edges).metrics },
    ];
  });
}

function queryFor(
  asked: Asked,
  snapshot: TopologySnapshot,
  { source, target, within }: Wanted,
  ignored: ReadonlySet<Obstacle>,
): PathQuery {
  const template = queryTemplate(asked, snapshot, ignored);
  const usable =
    within === undefined ? template.usable : template.usable.map((open, edge) => open & (within[edge] as number));
  return { ...template, source, target, usable };
}

function subsets<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => subsets(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}
