import type { Constraints, Intent } from "@sextant/model";
import { directedLinkOf } from "../topology/directed-link";
import type { TopologySnapshot } from "../topology/snapshot";
import { findPath } from "./find-path";
import { BOUNDS, boundOf, type Obstacle, obstaclesOf, queryTemplate } from "./intent-query";
import type { NoPath, NoPathReason, Relaxation } from "./no-path";
import { describeNoPath } from "./no-path-text";
import { PathInGraph } from "./path-edges";
import type { PathQuery } from "./path-query";
import { constraintsWithoutOne } from "./without-one";

/** The ends of the path wanted, and where given the only edges that any answer may use (a backup's). */
export interface Wanted {
  readonly source: number;
  readonly target: number;
  readonly within?: Uint8Array;
}

type Asked = Pick<Intent, "objective" | "constraints">;

/** The reason when one constraint alone is in the way. */
export const REASONS: Readonly<Record<Obstacle, NoPathReason>> = {
  maxDelayMs: "MaxDelay",
  maxJitterMs: "MaxJitter",
  maxLossPercent: "MaxLoss",
  maxIgp: "MaxIgp",
  maxHops: "MaxHops",
  minBandwidthMbps: "MinBandwidth",
  avoid: "Avoid",
  affinity: "Affinity",
  algorithm: "Algorithm",
  include: "Include",
  via: "Via",
  health: "LinkHealth",
  reservation: "Reservation",
};
/** Most sets of constraints that are tried: every one of up to three among eleven constraints, or all of up to eight. */
const MAX_SETS = 256;
/** Work limit of each search: an explanation is asked for when something went wrong, by people who wait. */
const MAX_LABELS = 100_000;

/**
 * Finds the smallest sets of constraints to give up: all single ones that help; if none does, all pairs; and so on. Where these
 * would be more than MAX_SETS, one set that nothing can be left out of takes their place.
 */
export function explainNoPath(asked: Asked, snapshot: TopologySnapshot, wanted: Wanted): NoPath {
  const obstacles = obstaclesOf(asked, snapshot);
  if (!isPossible(asked, snapshot, wanted, obstacles)) return disconnected(snapshot, wanted);
  const missing =
    missingPart(asked.constraints, snapshot, wanted) +
    missingVia(asked.constraints, snapshot) +
    missingRoom(asked, snapshot, wanted);
  const relaxations = smallestRelaxations(asked, snapshot, wanted, obstacles);
  const [first] = relaxations;
  const reason = first?.drop.length === 1 ? REASONS[first.obstacle] : "Combined";
  return { reason, message: missing + describeNoPath(relaxations, asked.constraints), relaxations };
}

function disconnected(snapshot: TopologySnapshot, wanted: Wanted): NoPath {
  const name = (node: number) => snapshot.flat.nodeNames[node] ?? "";
  const ends = `from ${name(wanted.source)} to ${name(wanted.target)}`;
  const message =
    wanted.within === undefined
      ? `no way ${ends} in the topology, whatever the constraints`
      : `no other way ${ends} beside the paths already chosen, whatever the constraints`;
  return { reason: "Disconnected", message, relaxations: [] };
}

/** An end that does not take part in the algorithm is the plainest reason why there is no path in it. */
function missingPart({ algorithm }: Constraints, snapshot: TopologySnapshot, { source, target }: Wanted): string {
  if (algorithm === undefined) return "";
  if (!snapshot.topology.algorithms.some(({ name }) => name === algorithm))
    return `the topology has no algorithm ${algorithm}; `;
  const names = [source, target].map((node) => snapshot.flat.nodeNames[node] ?? "");
  const outside = names.filter((name) => snapshot.nodes.get(name)?.algorithms.includes(algorithm) !== true);
  return outside.map((name) => `${name} takes no part in algorithm ${algorithm}; `).join("");
}

/** Stops are checked when an intent is applied; later documents may lack them all the same, or all instances be down. */
function missingVia({ via }: Constraints, snapshot: TopologySnapshot): string {
  const isRouter = (node: string) => snapshot.nodes.get(node)?.kind === "router";
  const missing = via.flatMap((stop) => {
    if ("node" in stop) return isRouter(stop.node) ? [] : `the topology has no node ${stop.node} to go via; `;
    if (stop.instances.some(({ node }) => isRouter(node))) return [];
    return `service ${stop.service} has no instance that is up; `;
  });
  return missing.join("");
}

/** How much is left for a reservation on the way where most is, if that is what it lacks. */
function missingRoom(asked: Asked, snapshot: TopologySnapshot, wanted: Wanted): string {
  const { room, flat } = snapshot;
  if (room === undefined || room.full.size === 0) return "";
  const value = Float64Array.from(flat.edgeFrom, (_, edge) => room.leftMbps(edge));
  const query = queryFor(asked, snapshot, wanted, new Set<Obstacle>(["reservation"]));
  const widest = findPath(flat, { ...query, goals: [{ kind: "bottleneck", value }, ...query.goals] }, MAX_LABELS);
  if (widest.kind !== "path") return "";
  const [tightest = -1] = [...widest.edges].sort((a, b) => (value[a] as number) - (value[b] as number));
  const left = value[tightest] as number;
  if (left >= room.mbps) return "";
  const { link, from } = directedLinkOf(flat, tightest);
  return `needs ${room.mbps} Mbit/s at setup priority ${room.setupPriority}, at best ${left} are left, on link ${link} from ${from}; `;
}

interface FoundRelaxation extends Relaxation {
  readonly obstacle: Obstacle;
}

function smallestRelaxations(
  asked: Asked,
  snapshot: TopologySnapshot,
  wanted: Wanted,
  obstacles: readonly Obstacle[],
): FoundRelaxation[] {
  let tried = 0;
  for (let size = 1; size <= obstacles.length; size++) {
    const sets = subsets(obstacles, size);
    tried += sets.length;
    if (tried > MAX_SETS) break;
    const relaxations = sets.flatMap((drop) => relax(asked, snapshot, wanted, drop));
    if (relaxations.length > 0) return relaxations;
  }
  return relax(asked, snapshot, wanted, tightSet(asked, snapshot, wanted, obstacles));
}

/** Constraints to give up together, of which none can be kept. */
function tightSet(
  asked: Asked,
  snapshot: TopologySnapshot,
  wanted: Wanted,
  obstacles: readonly Obstacle[],
): Obstacle[] {
  return obstacles.reduce<Obstacle[]>(
    (drop, obstacle) => {
      const fewer = drop.filter((other) => other !== obstacle);
      return isPossible(asked, snapshot, wanted, fewer) ? fewer : drop;
    },
    [...obstacles],
  );
}

function isPossible(asked: Asked, snapshot: TopologySnapshot, wanted: Wanted, drop: readonly Obstacle[]): boolean {
  return findPath(snapshot.flat, queryFor(asked, snapshot, wanted, new Set(drop)), MAX_LABELS).kind === "path";
}

function relax(asked: Asked, snapshot: TopologySnapshot, wanted: Wanted, drop: readonly Obstacle[]): FoundRelaxation[] {
  const obstacle = drop[0];
  if (obstacle === undefined) return [];
  const query = queryFor(asked, snapshot, wanted, new Set(drop));
  const answer = findPath(snapshot.flat, drop.length === 1 ? nearestTo(obstacle, query, snapshot) : query, MAX_LABELS);
  if (answer.kind !== "path") return [];
  const single = drop.length === 1 ? singleEntries(asked, snapshot, wanted, obstacle) : [];
  return single.length > 0
    ? single
    : [{ obstacle, drop, reaches: new PathInGraph(snapshot.flat, answer.edges).metrics }];
}

/** The query for the path that comes nearest to a bound that the query has given up; where that was no bound, the query itself. */
function nearestTo(obstacle: Obstacle, query: PathQuery, { flat }: TopologySnapshot): PathQuery {
  if (obstacle === "minBandwidthMbps") {
    return { ...query, goals: [{ kind: "bottleneck", value: flat.capacityMbps }, ...query.goals] };
  }
  const bound = BOUNDS.find((name) => name === obstacle);
  if (bound === undefined) return query;
  return { ...query, goals: [{ kind: "sum", cost: flat.cost[boundOf(bound, 0).metric] }, ...query.goals] };
}

/** Entries of a constraint that is made of several, of which giving up one alone is enough. */
function singleEntries(
  asked: Asked,
  snapshot: TopologySnapshot,
  wanted: Wanted,
  obstacle: Obstacle,
): FoundRelaxation[] {
  return constraintsWithoutOne(asked.constraints, obstacle).flatMap(({ entry, constraints }) => {
    const query = queryFor({ ...asked, constraints }, snapshot, wanted, new Set());
    const answer = findPath(snapshot.flat, query, MAX_LABELS);
    if (answer.kind !== "path") return [];
    return [{ obstacle, drop: [entry], reaches: new PathInGraph(snapshot.flat, answer.edges).metrics }];
  });
}

function queryFor(
  asked: Asked,
  snapshot: TopologySnapshot,
  { source, target, within }: Wanted,
  ignored: ReadonlySet<Obstacle>,
): PathQuery {
  const template = queryTemplate(asked, snapshot, ignored);
  return {
    ...template,
    source,
    target,
    usable: within === undefined ? template.usable : both(template.usable, within),
  };
}

function both(a: Uint8Array, b: Uint8Array): Uint8Array {
  const marked = new Uint8Array(a.length);
  for (let i = 0; i < a.length; i++) marked[i] = (a[i] as number) & (b[i] as number);
  return marked;
}

function subsets<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => subsets(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}
