import { type Ipv6Address, kernelKeyOf, type PathState, type Sid } from "@sextant/model";
import { probingOfHost, probingOfLists } from "../liveness/list-probing";
import type { Witness } from "../liveness/list-liveness";
import { deadReturnOf, pathState } from "../liveness/path-state";
import type {
  DataPlane,
  KernelKey,
  KernelList,
  KernelPolicy,
  ListObservation,
  WithheldReason,
} from "../reconcile/data-plane";
import { headerSegments } from "./header-segments";
import type { HostState } from "./host-state";
import type { InterfaceNames } from "./interface-names";
import { KernelNames } from "./kernel-names";
import type { LivePath, LivePaths } from "./live-paths";

/** A segment list in the kernel. Counters are decimal text: they exceed what JSON numbers hold exactly. */
export interface LocalList {
  /** "list/..." or, when the state on disk does not name it, 16 hex digits. */
  readonly list: string;
  readonly state: PathState;
  /** Why it is left alone, dead or alive, while its policies have another list; null when it is not. */
  readonly withheld: WithheldReason | null;
  /** Why it is in its state, or left alone, as its agent says; empty for nothing special, null when no agent answers. */
  readonly reason: string | null;
  /** Who has seen that, where it is loss or delay; else null. */
  readonly witness: Witness | null;
  /** Between two probes, as asked for; null without usable state on disk. */
  readonly askedIntervalUs: number | null;
  /** As kept now; null when it is not probed, or no agent answers. */
  readonly intervalUs: number | null;
  /** Unanswered probes that make it dead. */
  readonly multiplier: number;
  /** A way back that is dead though the list is not: 1 the first, 2 the alternate; 0 none. */
  readonly deadReturns: 0 | 1 | 2;
  readonly encapsulation: "insert" | "encap";
  /** In travel order; an inserted list ends in the packet's own destination, which is left out. */
  readonly segments: readonly Sid[];
  /** Of the interface that its packets leave by; null when that is gone. */
  readonly uplink: string | null;
  readonly ifindex: number;
  /** Null when the first segment is on the link itself. */
  readonly gateway: Ipv6Address | null;
  /** IP bytes of the largest packet on it, header included. */
  readonly mtu: number;
  readonly headerBytes: number;
  /** What goes onto a packet, before its own fields are filled in; hex digits. */
  readonly header: string;
  /** Of the last returned probe. */
  readonly roundTripUs: number;
  /** Over the last 32 round trips seen; null before the first, or when no agent answers. So is jitter. */
  readonly meanRoundTripUs: number | null;
  readonly jitterUs: number | null;
  /** Over the last 100 probes of known fate; null before the first, or when no agent answers. */
  readonly lossPpm: number | null;
  /** What TCP sent again because it was lost, over the last seconds; null where it sent too little, or when no agent answers. */
  readonly tcpLossPpm: number | null;
  /** Its mean round trip, and how much longer that is than the least that connections saw; null as loss. */
  readonly tcpRoundTripUs: number | null;
  readonly tcpRiseUs: number | null;
  readonly probesSent: string;
  readonly probesReturned: string;
  readonly packets: string;
  readonly bytes: string;
}

/** What is known of lists, each part by itself. */
export interface ListFacts {
  /** Undefined when nothing is pinned. */
  readonly plane: DataPlane | undefined;
  /** Undefined when there is no usable state on disk. */
  readonly state: HostState | undefined;
  /** Undefined when no agent answers. */
  readonly live: LivePaths | undefined;
  /** Of this namespace. */
  readonly links: InterfaceNames;
}

const UNSEEN: ListObservation = {
  sent: 0n,
  returned: 0n,
  returnedCount: 0n,
  roundTripNs: 0n,
  packets: 0n,
  bytes: 0n,
};
/** Before the host is configured the packet path takes no list for dead; nothing is probed then either. */
const MULTIPLIER_UNCONFIGURED = 3;
const UNJUDGED: KernelJudgement = {
  state: "unproven",
  withheld: undefined,
  multiplier: MULTIPLIER_UNCONFIGURED,
  deadReturns: 0,
};

/** A list as the packet path judges it. */
export interface KernelJudgement {
  readonly state: PathState;
  readonly withheld: WithheldReason | undefined;
  readonly multiplier: number;
  readonly deadReturns: 0 | 1 | 2;
}

/** Every list as the packet path judges it. */
export function listJudgements(plane: DataPlane | undefined): Map<KernelKey, KernelJudgement> {
  const ofHost = plane?.config()?.probeMultiplier ?? MULTIPLIER_UNCONFIGURED;
  const demands = plane?.listDemands();
  return new Map(
    [...(plane?.observeProbes() ?? [])].map(([key, seen]) => {
      const { withheld, multiplier = ofHost } = demands?.get(key) ?? { withheld: undefined };
      const state = pathState(seen, multiplier);
      return [key, { state, withheld, multiplier, deadReturns: deadReturnOf(state, seen, multiplier) }];
    }),
  );
}

/**
 * All lists that the kernel holds, in order of their names. Those that no policy may use, as they have no route, are dead,
 * whatever their counters say: no probe leaves on them.
 */
export function localLists({ plane, state, live, links }: ListFacts): LocalList[] {
  const names = new KernelNames(state);
  const observations = plane?.observeLists() ?? new Map<KernelKey, ListObservation>();
  const judgements = listJudgements(plane);
  const routeless = routelessLists(plane, state);
  const askedUs = state && askedIntervals(state);
  const livePaths = new Map((live?.paths ?? []).map((path) => [kernelKeyOf(path.list), path]));
  return [...(plane?.lists() ?? new Map<KernelKey, KernelList>())]
    .map(([key, list]) => {
      const judged = judgements.get(key) ?? UNJUDGED;
      return {
        list: names.of(key),
        state: routeless.has(key) ? "dead" : judged.state,
        withheld: judged.withheld ?? null,
        askedIntervalUs: askedUs?.(key) ?? null,
        multiplier: judged.multiplier,
        deadReturns: judged.deadReturns,
        ...shape(list, links),
        ...numbers(observations.get(key) ?? UNSEEN),
        ...asTheAgentSays(livePaths.get(key)),
      };
    })
    .sort((a, b) => (a.list < b.list ? -1 : 1));
}

/** How often each list is to be probed: its own interval, else the host's, microseconds. */
export function askedIntervals({ installed, settings }: HostState): (list: KernelKey) => number {
  const told = [...probingOfLists(installed, settings)];
  const own = new Map(told.map(([list, { intervalUs }]) => [kernelKeyOf(list), intervalUs]));
  const { intervalUs } = probingOfHost(settings);
  return (list) => own.get(list) ?? intervalUs;
}

function asTheAgentSays(live: LivePath | undefined) {
  const { reason = null, witness = null, intervalUs = null } = live ?? {};
  const { lossPpm = null, meanRoundTripUs = null, jitterUs = null } = live ?? {};
  const { tcpLossPpm = null, tcpRoundTripUs = null, tcpRiseUs = null } = live ?? {};
  const seen = { lossPpm, meanRoundTripUs, jitterUs, tcpLossPpm, tcpRoundTripUs, tcpRiseUs };
  return { reason, witness, intervalUs, ...seen };
}

/** Lists that installed policies ask for, and that no policy in the kernel has. */
function routelessLists(plane: DataPlane | undefined, state: HostState | undefined): Set<KernelKey> {
  const policies = plane?.policies() ?? new Map<KernelKey, KernelPolicy>();
  const used = new Set([...policies.values()].flatMap(({ candidates }) => listsOf(candidates)));
  const asked = [...(state?.installed.values() ?? [])].flatMap(({ entry }) =>
    entry.kind === "policy" && policies.has(kernelKeyOf(entry.key)) ? listsOf(entry.candidates).map(kernelKeyOf) : [],
  );
  return new Set(asked.filter((key) => !used.has(key)));
}

function listsOf<K>(candidates: readonly { readonly lists: readonly { readonly list: K }[] }[]): K[] {
  return candidates.flatMap(({ lists }) => lists.map(({ list }) => list));
}

function shape(list: KernelList, links: InterfaceNames) {
  const { encapsulation, nextHop, mtu, header } = list;
  return {
    encapsulation,
    segments: headerSegments(list),
    uplink: links.get(nextHop.ifindex) ?? null,
    ifindex: nextHop.ifindex,
    gateway: nextHop.gateway ?? null,
    mtu,
    headerBytes: header.length,
    header: Buffer.from(header).toString("hex"),
  };
}

function numbers({ roundTripNs, sent, returnedCount, packets, bytes }: ListObservation) {
  return {
    roundTripUs: Number(roundTripNs / 1000n),
    probesSent: String(sent),
    probesReturned: String(returnedCount),
    packets: String(packets),
    bytes: String(bytes),
  };
}
