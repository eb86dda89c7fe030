import {
  type DesiredPolicy,
  type EntryKey,
  isPolicyKey,
  kernelKeyOf,
  type ListKey,
  type PathState,
  type PolicyKey,
} from "@sextant/model";
import type { KernelKey, ListObservation, Traffic } from "../reconcile/data-plane";
import type { ListLiveness, PathReason } from "../liveness/list-liveness";

/** A segment list as this host sees it. */
export interface PathObservation {
  readonly list: ListKey;
  readonly state: PathState;
  /** Why the state is what it is, or why the list is withheld. */
  readonly reason: PathReason;
  /** Not dead, but left alone while its policies have another list. */
  readonly withheld: boolean;
  /** Ways back that are dead while the path is alive: 1 the first, 2 the alternate, added up. */
  readonly deadReturns: number;
  /** Ways back that are asked after once in `RARE_LOOP_ROUNDS`: 1 the first, 2 the alternate; 0 where all take turns. */
  readonly rareReturns: number;
  /** Changes of state since the agent started. */
  readonly transitions: number;
  readonly stateAgeMs: number;
  /** Of the last returned probe. */
  readonly roundTripUs: number;
  /** Over the last 32 round trips seen: their mean, and the mean difference between two in turn. */
  readonly meanRoundTripUs: number;
  readonly jitterUs: number;
  readonly probesSent: bigint;
  readonly probesReturned: bigint;
  /** Over the last 100 probes of known fate. */
  readonly lossPpm: number;
  /** What TCP sent on it since the list was installed, and its mean round trip over the last seconds. */
  readonly tcp: TcpObservation;
  /** Traffic steered onto it. */
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** A segment list as TCP sees it. */
export interface TcpObservation {
  /** Segments with data, every sending of one; of these sent again; and of those what had not been lost. */
  readonly sent: number;
  readonly sentAgain: number;
  readonly cameTwice: number;
  /** Undefined where there were too few. */
  readonly roundTripUs: number | undefined;
}

export interface PolicyObservation {
  readonly policy: PolicyKey;
  readonly packets: bigint;
  readonly bytes: bigint;
  /** Index of the candidate that packets take now; -1 when none is usable. */
  readonly activeCandidate: number;
  /** Traffic per candidate, in order of preference. */
  readonly candidates: readonly Traffic[];
}

/** Traffic steered out of an interface. */
export interface UplinkObservation extends Traffic {
  readonly interface: string;
}

/** A path as it is told: `probeIntervalUs` is the interval at which it is probed, 0 when it is not. */
export type ReportedPath = PathObservation & { readonly probeIntervalUs: number };

/** What a host tells its controller. */
export interface AgentReport {
  readonly paths: readonly ReportedPath[];
  readonly policies: readonly PolicyObservation[];
  readonly packetsByReason: ReadonlyMap<string, bigint>;
  /** Since the agent started. */
  readonly driftRepairs: number;
  readonly uplinks: readonly UplinkObservation[];
}

/** What liveness knows of a list. */
export type PathJudgement = Pick<
  ListLiveness,
  "state" | "reason" | "withheld" | "transitions" | "sinceMs" | "loops" | "tcp" | "deadReturns"
>;

/**
 * Stage observe: what is judged and what is counted, as a picture of each list in the kernel. The judgement is liveness's; a
 * list whose counters are not given is left out.
 */
export function observe(
  judged: ReadonlyMap<ListKey, PathJudgement>,
  observations: ReadonlyMap<KernelKey, ListObservation>,
  nowMs: number,
): PathObservation[] {
  return [...judged].flatMap(([list, { state, reason, withheld, transitions, sinceMs, loops, tcp, deadReturns }]) => {
    const seen = observations.get(kernelKeyOf(list));
    if (seen === undefined) return [];
    return {
      list,
      state,
      reason,
      withheld: state !== "dead" && withheld !== undefined,
      deadReturns,
      rareReturns: loops.rareReturns,
      transitions,
      stateAgeMs: Math.round(nowMs - sinceMs),
      roundTripUs: Number(seen.roundTripNs / 1000n),
      meanRoundTripUs: Math.round(loops.meanUs ?? 0),
      jitterUs: Math.round(loops.jitterUs),
      probesSent: seen.sent,
      probesReturned: seen.returnedCount,
      lossPpm: loops.lossPpm ?? 0,
      tcp: observeTcp(tcp),
      packets: seen.packets,
      bytes: seen.bytes,
    };
  });
}

function observeTcp({ window: { totals, measured } }: PathJudgement["tcp"]): TcpObservation {
  const { sent = 0, sentAgain = 0, cameTwice = 0 } = totals ?? {};
  return { sent, sentAgain, cameTwice, roundTripUs: measured.roundTripUs };
}

/**
 * Packets and active candidate per policy: the first candidate with a list in the kernel that can be used, as the packet path
 * chooses.
 */
export function observePolicies(
  entries: ReadonlyMap<EntryKey, { readonly entry: { readonly kind: string } }>,
  counters: ReadonlyMap<KernelKey, readonly Traffic[]>,
  states: ReadonlyMap<ListKey, UsableFacts>,
): PolicyObservation[] {
  return [...entries].flatMap(([key, { entry }]) => {
    if (!isPolicyKey(key)) return [];
    const candidates = counters.get(kernelKeyOf(key)) ?? [];
    const active = activeCandidate(entry as DesiredPolicy, states);
    return [{ policy: key, ...sumOf(candidates), activeCandidate: active, candidates }];
  });
}

/** Several counters as one. */
export function sumOf(traffic: readonly Traffic[]): Traffic {
  const none: Traffic = { packets: 0n, bytes: 0n };
  return traffic.reduce(
    (sum, { packets, bytes }) => ({ packets: sum.packets + packets, bytes: sum.bytes + bytes }),
    none,
  );
}

/** What decides whether packets take a list. */
export type UsableFacts = Pick<PathJudgement, "state" | "withheld">;

/**
 * Index of the first candidate with a list that is neither dead nor withheld, among those given; without any, of the first with
 * one that is not dead: the last path is never denied. -1 when all are dead.
 */
export function activeCandidate(policy: DesiredPolicy, states: ReadonlyMap<ListKey, UsableFacts>): number {
  const first = (isUsable: (facts: UsableFacts) => boolean) =>
    policy.candidates.findIndex(({ lists }) =>
      lists.some(({ list }) => {
        const facts = states.get(list);
        return facts !== undefined && isUsable(facts);
      }),
    );
  const best = first(({ state, withheld }) => state !== "dead" && withheld === undefined);
  return best === -1 ? first(({ state }) => state !== "dead") : best;
}
