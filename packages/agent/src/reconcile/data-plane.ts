import type { Ipv6Address, Ipv6Prefix, OnNoPath, PortRange, Sid } from "@sextant/model";

/** 64-bit kernel key of a list or policy: a hash of its identity, so that nobody has to allocate ids. */
export type KernelKey = bigint;

/** Where packets of a list leave the host. */
export interface NextHop {
  readonly ifindex: number;
  /** Undefined when the destination is on the link itself. */
  readonly gateway: Ipv6Address | undefined;
}

/** A segment list as the packet path holds it. Immutable but for its next hop. */
export interface KernelList {
  readonly segments: readonly Sid[];
  readonly nextHop: NextHop;
  /** Secret that a returned probe must carry; chosen at installation and kept while the list lives. */
  readonly nonce: bigint;
}

/** One row of a destination prefix: packets that match it follow the policy. Rows are tried in order. */
export interface KernelMatch {
  readonly policy: KernelKey;
  /** Kernel id of the cgroup and its depth below the hierarchy's root; undefined for any process. */
  readonly cgroup: { readonly id: bigint; readonly level: number } | undefined;
  /** IP protocol number, 0 for any. */
  readonly protocol: number;
  /** Undefined for any; only packets that carry ports can match otherwise. */
  readonly ports: PortRange | undefined;
}

export interface KernelPolicy {
  /** List keys in falling preference. */
  readonly candidates: readonly KernelKey[];
  readonly onNoPath: OnNoPath;
}

/** What BPF itself counted for a list; survives the agent. */
export interface ListObservation {
  readonly sent: bigint;
  /** Highest sequence number that came back. */
  readonly returned: bigint;
  /** Probes that came back, of any order. */
  readonly returnedCount: bigint;
  readonly roundTripNs: bigint;
  readonly packets: bigint;
  readonly bytes: bigint;
}

export interface HostConfig {
  readonly nodeSid: Sid;
  readonly probeMultiplier: number;
  /** Highest controller term seen: it must survive the agent. */
  readonly term: bigint;
}

/**
 * The packet path of one host: BPF programs and maps behind plain values. Every write is one atomic map update. Writes throw
 * SextantError `map_full` when the map has no room and leave the old entry in place.
 */
export interface DataPlane {
  readonly limits: {
    readonly maxLists: number;
    readonly maxPolicies: number;
    readonly maxDestinations: number;
    readonly maxRowsPerDestination: number;
    readonly maxCandidates: number;
    readonly maxSegments: number;
  };

  config(): HostConfig | undefined;
  setConfig(config: HostConfig): void;

  lists(): Map<KernelKey, KernelList>;
  /** Creates the list, or moves an existing one to another next hop without touching its counters. */
  putList(key: KernelKey, list: KernelList): void;
  deleteList(key: KernelKey): void;
  observeLists(): Map<KernelKey, ListObservation>;

  policies(): Map<KernelKey, KernelPolicy>;
  putPolicy(key: KernelKey, policy: KernelPolicy): void;
  /** Removes the policy and its counters. */
  deletePolicy(key: KernelKey): void;
  policyCounters(): Map<KernelKey, { packets: bigint; bytes: bigint }>;

  destinations(): Map<Ipv6Prefix, readonly KernelMatch[]>;
  putDestination(prefix: Ipv6Prefix, rows: readonly KernelMatch[]): void;
  deleteDestination(prefix: Ipv6Prefix): void;

  domainSources(): Set<Ipv6Prefix>;
  addDomainSource(prefix: Ipv6Prefix): void;
  deleteDomainSource(prefix: Ipv6Prefix): void;

  /** Packets per named exit of the programs, zero ones included. */
  reasons(): Map<string, bigint>;

  /** Interfaces that carry the programs now. */
  attached(): readonly { readonly ifindex: number; readonly hook: "tcx" | "clsact" }[];
  attach(ifindex: number): void;
  detach(ifindex: number): void;
  /** Lets go of file descriptors; everything pinned stays and forwards on. */
  close(): void;
}
