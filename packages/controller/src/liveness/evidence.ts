import { RARE_LOOP_ROUNDS } from "@sextant/model";
import type { WatchedPath } from "./localise";
import type { WatchedLoop, WatchedLists } from "./watched-lists";

/** How a list is probed. */
export interface ProbeRate {
  readonly intervalMs: number;
  readonly multiplier: number;
}

/** Reports and probes travel, and timers are late: a list that is alive by its last report may have died within this. */
export const TRANSIT_MS = 30;
/** What reports a topology (an IGP) is sooner than what routers do about it: a list that leads another way since then may lead nowhere for so long. */
const CONVERGENCE_MS = 1_000;
/** Hosts let so many probes of a list with two ways back go missing at least. */
const LEAST_MULTIPLIER_OF_TWO = 3;
/** Reasons of a host for which it does not take the network to be at fault. */
const OWN_REASONS: ReadonlySet<string> = new Set(["no_route"]);

/** What there is to judge from at one moment. */
export interface Evidence {
  /** Dead loops, and one path that is alive and crosses everything that is known to work. */
  readonly paths: readonly WatchedPath[];
  /** Those of the dead loops that accuse, in the order of `paths`. */
  readonly accusing: readonly WatchedLoop[];
  /** When more may be known to work, by the clock of `nowMs`; undefined when waiting brings nothing. */
  readonly moreAtMs: number | undefined;
}

export interface EvidenceInputs {
  readonly lists: WatchedLists;
  /** Edges that are known to be broken: whatever is dead and crosses one is explained. */
  readonly broken: ReadonlySet<number>;
  readonly rateOf: (loop: WatchedLoop) => ProbeRate;
  readonly nowMs: number;
}

/**
 * Weighs what hosts have reported. A path that is called alive was so one detection time ago: it may have broken since. So it acquits
 * its edges only of failures that it would have noticed by now, or when it came back after them; until then it says nothing.
 * Without this a slowly probed path would acquit the very link that broke, and another would be blamed.
 */
export function weigh({ lists, broken, rateOf, nowMs }: EvidenceInputs): Evidence {
  const unexplained = [...lists.dead].filter((loop) => !isExplained(loop, broken));
  const spoken = unexplained.map((loop) => ({ loop, atMs: accusesFromMs(loop, rateOf(loop)) }));
  const accusing = spoken.filter(({ atMs }) => atMs <= nowMs).map(({ loop }) => loop);
  let moreAtMs = Math.min(Infinity, ...spoken.map(({ atMs }) => atMs).filter((atMs) => atMs > nowMs));
  const failedByMs = Math.max(...accusing.map((loop) => failedBy(loop, rateOf(loop))));
  const works = (loop: WatchedLoop, edge: number) => {
    if (lists.dead.has(loop) || loop.list.report?.state !== "alive") return false;
    const speaksAtMs = worksFromMs(loop, edge, failedByMs, rateOf(loop));
    if (speaksAtMs > nowMs) moreAtMs = Math.min(moreAtMs, speaksAtMs);
    return speaksAtMs <= nowMs;
  };
  const accused = new Set(accusing.flatMap(({ edges }) => edges));
  const acquitted = [...accused].filter((edge) => some(lists.crossing(edge), (loop) => works(loop, edge)));
  const working = accusing.length === 0 ? [] : [{ edges: acquitted, isDead: false }];
  return {
    paths: [...accusing.map(({ edges }) => ({ edges, isDead: true })), ...working],
    accusing,
    moreAtMs: moreAtMs === Infinity ? undefined : moreAtMs,
  };
}

/** When a loop that is alive by its last report shows that an edge has not failed at a moment, or not since: it has come back after it, or would have noticed. */
export function worksFromMs(loop: WatchedLoop, edge: number, failedByMs: number, rate: ProbeRate): number {
  const { report, waySinceMs } = loop.list;
  const sinceMs = Math.max(failedByMs, waySinceMs);
  return report !== undefined && report.sinceMs > sinceMs ? 0 : sinceMs + detectionMs(loop, edge, rate) + TRANSIT_MS;
}

function isExplained({ list: { report }, edges }: WatchedLoop, broken: ReadonlySet<number>): boolean {
  return OWN_REASONS.has(report?.reason ?? "") || edges.some((edge) => broken.has(edge));
}

/** When a dead loop speaks against the way that it leads now. What died on another way has had the time to come back on this one by then. */
function accusesFromMs(loop: WatchedLoop, rate: ProbeRate): number {
  const { waySinceMs } = loop.list;
  if (diedMs(loop) > waySinceMs) return 0;
  return waySinceMs + CONVERGENCE_MS + detectionMs(loop, loop.edges.at(-1) ?? -1, rate) + TRANSIT_MS;
}

function diedMs({ list, deadReturnSinceMs }: WatchedLoop): number {
  return deadReturnSinceMs ?? list.report?.sinceMs ?? 0;
}

/**
 * The latest that what killed the loop can have happened: the first probe that is missing had been sent by then. How often a way back that
 * has died was taken before is not known any more, so it is assumed to have been taken by every probe.
 */
function failedBy(loop: WatchedLoop, { intervalMs, multiplier }: ProbeRate): number {
  return Math.max(diedMs(loop), loop.list.waySinceMs) - (multiplier - 1) * intervalMs;
}

/**
 * How long it takes until a loop has noticed that an edge of it broke, the probes that were under way included. Probes of all loops of a list go
 * out the same way; not all of them come back this one.
 */
export function detectionMs(loop: WatchedLoop, edge: number, { intervalMs, multiplier }: ProbeRate): number {
  const { entry, loops, report } = loop.list;
  const missing = loops.length === 1 ? multiplier : Math.max(multiplier, LEAST_MULTIPLIER_OF_TWO);
  const rounds = entry.loops.out.includes(edge) ? 1 : roundsPerReturn(loop);
  return intervalMs * missing * rounds + (report?.roundTripUs ?? 0) / 1_000;
}

/** So many rounds per probe that comes back this way. */
function roundsPerReturn({ list: { loops, report }, back }: WatchedLoop): number {
  const rare = report?.rareReturns ?? 0;
  if (loops.length === 1) return 1;
  if (rare === 0) return loops.length;
  return (rare & (1 << back)) === 0 ? 1 : RARE_LOOP_ROUNDS;
}

function some<T>(items: Iterable<T>, holds: (item: T) => boolean): boolean {
  for (const item of items) if (holds(item)) return true;
  return false;
}
