import type { ListKey, PathState, PolicyKey } from "@sextant/model";

/** What a host says about one segment list. */
export interface PathReport {
  readonly list: ListKey;
  readonly state: PathState;
  readonly stateAgeMs: number;
  readonly roundTripUs: number;
  readonly probesSent: number;
  readonly probesReturned: number;
  readonly lossPpm: number;
  /** The host's own word for why the state is what it is, empty when there is nothing special: `probes_missing`, `flapping`. */
  readonly reason: string;
  /** Alive, but left alone while another list can be used. */
  readonly withheld: boolean;
  /** Ways back that are dead while the path is alive: 1 that of `probeSegments`, 2 the alternate, added up. */
  readonly deadReturns: number;
  /** Ways back that are asked after once in `RARE_LOOP_ROUNDS`: 1 the first, 2 the alternate; 0 where all take turns. */
  readonly rareReturns: number;
  /** At which interval it is probed, longer than asked for while its host refuses that; 0: not said. */
  readonly probeIntervalUs: number;
  /** Steered onto the list. */
  readonly traffic: Traffic;
}

/** Packets and bytes since installation. */
export interface Traffic {
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** What a host says about one policy. */
export interface PolicyReport extends Traffic {
  readonly policy: PolicyKey;
  /** Index of the candidate that packets take; -1 when none is alive. */
  readonly activeCandidate: number;
  /** In order of preference; empty when the agent does not count them. */
  readonly candidates: readonly Traffic[];
}

/** Traffic steered out of one interface. */
export interface UplinkReport extends Traffic {
  readonly interface: string;
}

/** One report of a host; counters are totals since installation. */
export interface HostReport {
  readonly paths: readonly PathReport[];
  readonly policies: readonly PolicyReport[];
  readonly packetsByReason: ReadonlyMap<string, bigint>;
  readonly driftRepairs: number;
  readonly uplinks: readonly UplinkReport[];
}

/** Health of one segment list on one host: what it last said, with the age as a point in time. */
export interface PathHealth extends Omit<PathReport, "list" | "stateAgeMs"> {
  /** Wall clock of the last change of state, in milliseconds since 1970. */
  readonly sinceMs: number;
}

/** What a controller believes about a host, from its last report. */
export interface HostHealth {
  readonly reportedAtMs: number;
  readonly paths: ReadonlyMap<ListKey, PathHealth>;
  readonly policies: ReadonlyMap<PolicyKey, Omit<PolicyReport, "policy">>;
  readonly packetsByReason: ReadonlyMap<string, bigint>;
  readonly driftRepairs: number;
  readonly uplinks: readonly UplinkReport[];
  /** Rows of all reports so far about lists or policies that the host should not have. */
  readonly ignoredRows: number;
}

/** Ages are rounded and travel for a while; a change of state within this of the last one is the same change. */
const SINCE_TOLERANCE_MS = 1_000;

/**
 * Stage judge: a host's report becomes path health. A report is the whole truth about its host, so what it leaves out is no
 * longer known. Rows about entries outside the host's desired state (`wanted`) are not believed, only counted.
 */
export function judge(
  report: HostReport,
  wanted: { has(key: ListKey | PolicyKey): boolean },
  previous: HostHealth | undefined,
  nowMs: number,
): HostHealth {
  const paths = report.paths.filter(({ list }) => wanted.has(list));
  const policies = report.policies.filter(({ policy }) => wanted.has(policy));
  const ignored = report.paths.length - paths.length + report.policies.length - policies.length;
  return {
    reportedAtMs: nowMs,
    paths: new Map(paths.map(({ list, ...said }) => [list, pathHealth(said, previous?.paths.get(list), nowMs)])),
    policies: new Map(policies.map(({ policy, ...counters }) => [policy, counters])),
    packetsByReason: report.packetsByReason,
    driftRepairs: report.driftRepairs,
    uplinks: report.uplinks,
    ignoredRows: (previous?.ignoredRows ?? 0) + ignored,
  };
}

function pathHealth(
  { stateAgeMs, ...said }: Omit<PathReport, "list">,
  previous: PathHealth | undefined,
  nowMs: number,
): PathHealth {
  const since = nowMs - stateAgeMs;
  const unchanged = previous?.state === said.state && Math.abs(previous.sinceMs - since) <= SINCE_TOLERANCE_MS;
  return { ...said, sinceMs: unchanged ? previous.sinceMs : since };
}
