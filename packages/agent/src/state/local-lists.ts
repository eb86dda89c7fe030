import { type Ipv6Address, kernelKeyOf, type PathState, type Sid } from "@sextant/model";
import { pathState } from "../pipeline/observe";
import type { DataPlane, KernelKey, KernelList, KernelPolicy, ListObservation } from "../reconcile/data-plane";
import { headerSegments } from "./header-segments";
import type { HostState } from "./host-state";
import type { InterfaceNames } from "./interface-names";
import { KernelNames } from "./kernel-names";

/** A segment list in the kernel. Counters are decimal text: they exceed what JSON numbers hold exactly. */
export interface LocalList {
  /** "list/..." or, when the state on disk does not name it, 16 hex digits. */
  readonly list: string;
  readonly state: PathState;
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
  readonly probesSent: string;
  readonly probesReturned: string;
  readonly packets: string;
  readonly bytes: string;
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

/** Every list's state as the packet path judges it. */
export function listStates(plane: DataPlane | undefined): Map<KernelKey, PathState> {
  const multiplier = plane?.config()?.probeMultiplier ?? MULTIPLIER_UNCONFIGURED;
  return new Map([...(plane?.observeLists() ?? [])].map(([key, seen]) => [key, pathState(seen, multiplier)]));
}

/**
 * All lists that the kernel holds, in order of their names. Those that no policy may use, as they have no route, are dead,
 * whatever their counters say: no probe leaves on them.
 */
export function localLists(
  plane: DataPlane | undefined,
  state: HostState | undefined,
  links: InterfaceNames,
): LocalList[] {
  const names = new KernelNames(state);
  const observations = plane?.observeLists() ?? new Map<KernelKey, ListObservation>();
  const states = listStates(plane);
  const withheld = withheldLists(plane, state);
  return [...(plane?.lists() ?? new Map<KernelKey, KernelList>())]
    .map(([key, list]) => {
      const judged: PathState = withheld.has(key) ? "dead" : (states.get(key) ?? "unproven");
      return { list: names.of(key), state: judged, ...shape(list, links), ...numbers(observations.get(key) ?? UNSEEN) };
    })
    .sort((a, b) => (a.list < b.list ? -1 : 1));
}

/** Lists that installed policies ask for, and that no policy in the kernel has. */
function withheldLists(plane: DataPlane | undefined, state: HostState | undefined): Set<KernelKey> {
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
