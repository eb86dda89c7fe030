import {
  type DesiredPolicy,
  type EntryKey,
  isListKey,
  isPolicyKey,
  kernelKeyOf,
  type ListKey,
  type PathState,
  type PolicyKey,
} from "@sextant/model";
import type { KernelKey, ListObservation, Traffic } from "../reconcile/data-plane";
import { addSample, type LossWindow, lossPpm } from "./loss-window";

/** A segment list as this host sees it. */
export interface PathObservation {
  readonly list: ListKey;
  readonly state: PathState;
  readonly stateAgeMs: number;
  /** Of the last returned probe. */
  readonly roundTripUs: number;
  readonly probesSent: bigint;
  readonly probesReturned: bigint;
  /** Over the last 100 probes of known fate. */
  readonly lossPpm: number;
  /** Traffic steered onto it. */
  readonly packets: bigint;
  readonly bytes: bigint;
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

/** What a host tells its controller. */
export interface AgentReport {
  readonly paths: readonly PathObservation[];
  readonly policies: readonly PolicyObservation[];
  readonly packetsByReason: ReadonlyMap<string, bigint>;
  /** Since the agent started. */
  readonly driftRepairs: number;
  readonly uplinks: readonly UplinkObservation[];
}

/** What has to be remembered of one list between two observations. */
export interface PathMemory {
  readonly state: PathState;
  /** Monotonic. */
  readonly sinceMs: number;
  readonly fates: LossWindow;
}

/** A list that changed its state between two observations. */
export interface PathTransition {
  readonly list: ListKey;
  readonly from: PathState;
  readonly to: PathState;
}

export interface Observed {
  readonly memory: ReadonlyMap<ListKey, PathMemory>;
  readonly paths: readonly PathObservation[];
  readonly transitions: readonly PathTransition[];
}

export interface ObserveInput {
  /** From the round before; empty at the start. */
  readonly memory: ReadonlyMap<ListKey, PathMemory>;
  readonly observations: ReadonlyMap<KernelKey, ListObservation>;
  /** Lists to report. Those that the kernel does not hold are left out. */
  readonly lists: Iterable<EntryKey>;
  /** Lists without a route: their probes do not leave the host, so the counters stand still. */
  readonly unreachable: ReadonlySet<ListKey>;
  readonly probeMultiplier: number;
  /** Monotonic. */
  readonly nowMs: number;
}

/**
 * Stage observe: the counters that BPF keeps become states. Pure. The judgement is the same as the packet path's (sent
 * minus returned against the multiplier), so a sender that stalls, or this function not being called, changes nothing; and
 * a list without a route is dead, as no policy uses it.
 */
export function observe({ memory, observations, lists, unreachable, probeMultiplier, nowMs }: ObserveInput): Observed {
  const next = new Map<ListKey, PathMemory>();
  const paths: PathObservation[] = [];
  const transitions: PathTransition[] = [];
  for (const list of lists) {
    const seen = isListKey(list) ? observations.get(kernelKeyOf(list)) : undefined;
    if (seen === undefined || !isListKey(list)) continue;
    const before = memory.get(list);
    const state = unreachable.has(list) ? "dead" : pathState(seen, probeMultiplier);
    const sinceMs = before?.state === state ? before.sinceMs : nowMs;
    if (before !== undefined && before.state !== state) transitions.push({ list, from: before.state, to: state });
    const fates = addSample(before?.fates ?? [], {
      known: knownFates(seen, probeMultiplier),
      returned: seen.returnedCount,
    });
    next.set(list, { state, sinceMs, fates });
    paths.push({
      list,
      state,
      stateAgeMs: Math.round(nowMs - sinceMs),
      roundTripUs: Number(seen.roundTripNs / 1000n),
      probesSent: seen.sent,
      probesReturned: seen.returnedCount,
      lossPpm: lossPpm(fates),
      packets: seen.packets,
      bytes: seen.bytes,
    });
  }
  return { memory: next, paths, transitions };
}

/** State of a list by its counters. "unproven" (nothing back yet, too few missing to call it dead) is usable. */
export function pathState(seen: ListObservation, probeMultiplier: number): PathState {
  if (outstanding(seen) >= BigInt(probeMultiplier)) return "dead";
  return seen.returnedCount > 0n ? "alive" : "unproven";
}

/** Probes sent after the last one that came back, on 64-bit counters that may wrap. */
function outstanding({ sent, returned }: ListObservation): bigint {
  return BigInt.asUintN(64, sent - returned);
}

/** Probes up to the highest returned one have a known fate, and so have those `multiplier` or more behind the newest. */
function knownFates(seen: ListObservation, probeMultiplier: number): bigint {
  const tooOld = seen.sent - BigInt(probeMultiplier);
  return seen.returned > tooOld ? seen.returned : tooOld;
}

/**
 * Packets and active candidate per policy: the first candidate with a list in the kernel that is not dead, as the packet
 * path chooses.
 */
export function observePolicies(
  entries: ReadonlyMap<EntryKey, { readonly entry: { readonly kind: string } }>,
  counters: ReadonlyMap<KernelKey, readonly Traffic[]>,
  states: ReadonlyMap<ListKey, { readonly state: PathState }>,
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

/** Index of the first candidate with a list that is not dead, among the lists whose states are given; -1 when there is none. */
export function activeCandidate(
  policy: DesiredPolicy,
  states: ReadonlyMap<ListKey, { readonly state: PathState }>,
): number {
  return policy.candidates.findIndex(({ lists }) =>
    lists.some(({ list }) => {
      const state = states.get(list)?.state;
      return state !== undefined && state !== "dead";
    }),
  );
}
