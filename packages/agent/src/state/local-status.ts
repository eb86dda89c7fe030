import {
  type DesiredPolicy,
  DOMAIN_KEY,
  type EntryKey,
  type HostSettings,
  type Ipv6Address,
  type Ipv6Prefix,
  kernelKeyOf,
  type ListKey,
  type OnNoPath,
  type PathState,
  type PolicyKey,
  type Sid,
} from "@sextant/model";
import { activeCandidate, pathState } from "../pipeline/observe";
import type { DataPlane, KernelKey, KernelList, KernelPolicy, ListObservation } from "../reconcile/data-plane";
import { entryOfKind } from "../reconcile/held-entry";
import type { HostState } from "./host-state";

/** A segment list in the kernel. Counters are decimal text: they exceed what JSON numbers hold exactly. */
export interface LocalList {
  /** "list/..." or, when the state on disk does not name it, 16 hex digits. */
  readonly list: ListKey | string;
  readonly state: PathState;
  readonly segments: readonly Sid[];
  readonly ifindex: number;
  readonly gateway: Ipv6Address | null;
  readonly roundTripUs: number;
  readonly probesSent: string;
  readonly probesReturned: string;
  readonly packets: string;
  readonly bytes: string;
}

/** A policy that the host was asked to hold. */
export interface LocalPolicy {
  readonly policy: PolicyKey;
  readonly generation: number;
  readonly revision: string;
  /** Whether the kernel has it. */
  readonly installed: boolean;
  /** Whether the kernel has the newest version asked for. */
  readonly current: boolean;
  readonly activeCandidate: number;
  readonly candidates: readonly (readonly ListKey[])[];
  readonly onNoPath: OnNoPath;
  readonly destinations: readonly Ipv6Prefix[];
  readonly packets: string;
  readonly bytes: string;
}

/** What a host does right now, by its kernel and its disk, whether or not an agent runs. */
export interface LocalStatus {
  readonly instance: string;
  /** Null when there is no usable state on disk. */
  readonly host: string | null;
  readonly agent: { readonly running: boolean; readonly pid: number | null };
  /** Highest controller term seen. */
  readonly term: string;
  readonly nodeSid: Sid | null;
  readonly settings: HostSettings | null;
  readonly uplinks: readonly { readonly ifindex: number; readonly hook: string }[];
  readonly lists: readonly LocalList[];
  readonly policies: readonly LocalPolicy[];
  readonly domainSources: readonly Ipv6Prefix[];
  readonly packetsByReason: Readonly<Record<string, string>>;
}

export interface LocalFacts {
  readonly instance: string;
  readonly runningPid: number | undefined;
  /** Undefined when nothing is pinned. */
  readonly plane: DataPlane | undefined;
  /** Undefined when there is no usable state on disk. */
  readonly state: HostState | undefined;
}

/** Puts kernel and disk side by side. Reads only. */
export function localStatus({ instance, runningPid, plane, state }: LocalFacts): LocalStatus {
  const config = plane?.config();
  const multiplier = config?.probeMultiplier ?? 3;
  const observations = plane?.observeLists() ?? new Map<KernelKey, ListObservation>();
  const states = new Map([...observations].map(([key, seen]) => [key, pathState(seen, multiplier)]));
  return {
    instance,
    host: state?.host ?? null,
    agent: { running: runningPid !== undefined, pid: runningPid ?? null },
    term: String(config?.term ?? state?.term ?? 0n),
    nodeSid: config?.nodeSid ?? (state && entryOfKind(state.wanted, DOMAIN_KEY, "domain")?.nodeSid) ?? null,
    settings: state?.settings ?? null,
    uplinks: plane?.attached() ?? [],
    lists: localLists(plane?.lists() ?? new Map(), observations, states, namesOf(state)),
    policies: localPolicies(plane, state, states),
    domainSources: [...(plane?.domainSources() ?? [])].sort(),
    packetsByReason: Object.fromEntries([...(plane?.reasons() ?? [])].map(([name, count]) => [name, String(count)])),
  };
}

function namesOf(state: HostState | undefined): ReadonlyMap<KernelKey, EntryKey> {
  const keys = state === undefined ? [] : [...state.wanted.keys(), ...state.installed.keys()];
  return new Map(keys.flatMap((key) => (key === DOMAIN_KEY ? [] : [[kernelKeyOf(key), key]])));
}

function localLists(
  lists: ReadonlyMap<KernelKey, KernelList>,
  observations: ReadonlyMap<KernelKey, ListObservation>,
  states: ReadonlyMap<KernelKey, PathState>,
  names: ReadonlyMap<KernelKey, EntryKey>,
): LocalList[] {
  return [...lists].map(([key, { segments, nextHop }]) => {
    const seen = observations.get(key);
    return {
      list: names.get(key) ?? key.toString(16).padStart(16, "0"),
      state: states.get(key) ?? "unproven",
      segments,
      ifindex: nextHop.ifindex,
      gateway: nextHop.gateway ?? null,
      roundTripUs: Number((seen?.roundTripNs ?? 0n) / 1000n),
      probesSent: String(seen?.sent ?? 0n),
      probesReturned: String(seen?.returnedCount ?? 0n),
      packets: String(seen?.packets ?? 0n),
      bytes: String(seen?.bytes ?? 0n),
    };
  });
}

function localPolicies(
  plane: DataPlane | undefined,
  state: HostState | undefined,
  states: ReadonlyMap<KernelKey, PathState>,
): LocalPolicy[] {
  if (state === undefined) return [];
  const inKernel = plane?.policies() ?? new Map<KernelKey, KernelPolicy>();
  const versions = new Map(
    [...state.wanted.keys()].map((key) => [key, state.installed.get(key) ?? state.wanted.get(key)]),
  );
  const entries = new Map([...versions].flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  const counters = plane?.policyCounters() ?? new Map<KernelKey, { packets: bigint; bytes: bigint }>();
  return [...entries].flatMap(([key, { entry: policy, revision }]) => {
    if (policy.kind !== "policy") return [];
    const candidates = inKernel.get(kernelKeyOf(policy.key))?.candidates;
    const installed = candidates !== undefined;
    const { packets = 0n, bytes = 0n } = counters.get(kernelKeyOf(policy.key)) ?? {};
    return {
      policy: policy.key,
      generation: policy.generation,
      revision,
      installed,
      current: installed && state.wanted.get(key)?.revision === state.installed.get(key)?.revision,
      activeCandidate: activeCandidate(policy, statesOf(policy, candidates ?? [], states)),
      candidates: policy.candidates.map(({ lists }) => lists.map(({ list }) => list)),
      onNoPath: policy.onNoPath,
      destinations: policy.match.destinations,
      packets: String(packets),
      bytes: String(bytes),
    };
  });
}

/** States of those lists of a policy that the kernel's version of it uses: one without a route is left out there. */
function statesOf(
  policy: DesiredPolicy,
  candidates: readonly KernelKey[],
  states: ReadonlyMap<KernelKey, PathState>,
): Map<ListKey, { state: PathState }> {
  const lists = policy.candidates.flatMap((candidate) => candidate.lists.map(({ list }) => list));
  const used = lists.filter((list) => candidates.includes(kernelKeyOf(list)));
  return new Map(
    used.flatMap((list) => {
      const state = states.get(kernelKeyOf(list));
      return state === undefined ? [] : [[list, { state }]];
    }),
  );
}
