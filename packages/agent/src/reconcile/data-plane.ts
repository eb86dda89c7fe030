import type { IpPrefix, Ipv6Address, Ipv6Prefix, OnNoPath, PortRange, Sid } from "@sextant/model";

/** 64-bit kernel key of a list or policy: a hash of its identity, so that nobody has to allocate ids. */
export type KernelKey = bigint;

/** Where packets of a list leave the host. */
export interface NextHop {
  readonly ifindex: number;
  /** Undefined when the destination is on the link itself. */
  readonly gateway: Ipv6Address | undefined;
}

/** A segment list as the packet path holds it. With another content than next hop and MTU it starts anew, unproven. */
export interface KernelList {
  /** `insert`: an SRH behind the packet's own IPv6 header. `encap`: an outer IPv6 header, with or without an SRH. */
  readonly encapsulation: "insert" | "encap";
  /** What goes onto the packet, ready but for the packet's own fields; header-bytes.ts makes it. */
  readonly header: Uint8Array;
  /** Destination address that the packet gets. */
  readonly firstSegment: Sid;
  readonly nextHop: NextHop;
  /** IP bytes of the largest packet that may leave on it, header included. */
  readonly mtu: number;
  /** Secret that a returned probe must carry; chosen at installation and kept while the list lives. */
  readonly nonce: bigint;
}

/** One rule of a destination prefix: packets that match it follow the policy. An absent field matches everything. */
export interface KernelRule {
  readonly policy: KernelKey;
  /** 64 bits: of all rules that match, the highest wins, across nested prefixes. precedence.ts makes it. */
  readonly rank: bigint;
  readonly protocol: number | undefined;
  readonly source: IpPrefix | undefined;
  /** Only packets that carry ports can match. */
  readonly sourcePorts: PortRange | undefined;
  readonly ports: PortRange | undefined;
  readonly dscp: number | undefined;
  /** Kernel id of the cgroup and its depth below the hierarchy's root. */
  readonly cgroup: { readonly id: bigint; readonly level: number } | undefined;
  readonly uid: number | undefined;
  /** The file that the socket's creator runs; device as the kernel numbers it inside (major << 20 | minor). */
  readonly executable: { readonly device: number; readonly inode: bigint } | undefined;
}

/** What the packet path knows of a destination prefix. */
export interface KernelDestination {
  /** In falling rank. */
  readonly rules: readonly KernelRule[];
  /** IP bytes of the largest packet that fits with the header of any list that may go on it; undefined: no bound. */
  readonly packetBytesMax: number | undefined;
}

/** What shares the lists of a candidate: whole flows, flows between pauses, single packets. */
export type KernelSpread =
  | { readonly kind: "flow" }
  | { readonly kind: "flowlet"; readonly gapUs: number }
  | { readonly kind: "packet" };

/** A candidate with its weighted lists (RFC 9256 section 2.11); weights are 1 to 65535, that of a lone list is 1. */
export interface KernelCandidate {
  readonly lists: readonly { readonly list: KernelKey; readonly weight: number }[];
}

export interface KernelPolicy {
  /** In falling preference. One without lists is skipped. */
  readonly candidates: readonly KernelCandidate[];
  readonly onNoPath: OnNoPath;
  readonly spread: KernelSpread;
}

/** Inner sources that packets from an outer source may have. */
export interface KernelSender {
  readonly sender: Ipv6Address;
  readonly inner: IpPrefix;
}

/** Steered traffic: segments of a super-packet count each, bytes are those of IP before the header was put on. */
export interface Traffic {
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** Probes of a list, or of one of its loops, as BPF counted them; survives the agent. */
export interface LoopCounters {
  readonly sent: bigint;
  /** Highest sequence number that came back. */
  readonly returned: bigint;
  /** Probes that came back, of any order. */
  readonly returnedCount: bigint;
  /** Of the last one that came back. */
  readonly roundTripNs: bigint;
}

/** Probes of a list: those that it is judged by, whatever loop they took. */
export interface ProbeCounters extends LoopCounters {
  /** Those of the first loop and those of the alternate, each with numbers of its own; undefined until probes take the second. */
  readonly loops?: readonly [LoopCounters, LoopCounters] | undefined;
}

/** All that BPF itself counted for a list. */
export interface ListObservation extends ProbeCounters, Traffic {}

/** What TCP saw of a list, summed over the connections on it. */
export interface TcpCounters {
  /** Segments with data, every sending of one. */
  readonly sent: number;
  readonly sentAgain: number;
  /** Of those sent again, what the peer had received before (RFC 2883): it was not lost. */
  readonly cameTwice: number;
  /** Round trips of segments that are acknowledged at once, and their sum. */
  readonly roundTrips: number;
  readonly roundTripUs: number;
  /** Sum of what each was longer than the least that its connection has seen on the list in five to ten minutes. */
  readonly riseUs: number;
}

/** Why a list that may be alive is left alone while its policy has another; in the order of enum sxt_withheld, from 1. */
export const WITHHELD_REASONS = ["hold_up", "flapping", "loss", "delay", "link_down"] as const;
export type WithheldReason = (typeof WITHHELD_REASONS)[number];

/** What the packet path asks of a list, beyond what it counts itself. */
export interface ListDemand {
  readonly withheld: WithheldReason | undefined;
  /** Unanswered probes that make it dead, 1 to 255; undefined: the host's number. */
  readonly multiplier: number | undefined;
}

export interface HostConfig {
  readonly nodeSid: Sid;
  /** Where outer headers of others end; undefined while none is known. */
  readonly decapsulationSid: Sid | undefined;
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
    readonly maxRules: number;
    /** Destination prefixes around one another. */
    readonly maxNesting: number;
    readonly maxCandidates: number;
    readonly maxListsPerCandidate: number;
    /** Candidates with more than one list. */
    readonly maxGroups: number;
    readonly maxSegments: number;
  };
  /** What this kernel lets the packet path do beyond the basics. */
  readonly features: {
    readonly executables: boolean;
    /** TCP flows leave a list that swallows what they send. */
    readonly tcpMoves: boolean;
  };

  config(): HostConfig | undefined;
  setConfig(config: HostConfig): void;

  lists(): Map<KernelKey, KernelList>;
  /** Creates the list, or moves an existing one to another next hop or MTU without touching its counters; policies stay with it. */
  putList(key: KernelKey, list: KernelList): void;
  deleteList(key: KernelKey): void;
  observeLists(): Map<KernelKey, ListObservation>;
  /** The part of it that is cheap enough for every round of probes. */
  observeProbes(): Map<KernelKey, ProbeCounters>;
  /** What TCP saw of each list: nothing where `features.tcpMoves` is off. */
  observeTcp(): Map<KernelKey, TcpCounters>;
  /** What is asked of each list. A new list is not withheld and has the host's multiplier. */
  listDemands(): Map<KernelKey, ListDemand>;
  /** Asks this of a list from now on; nothing happens when there is no such list. */
  demandOfList(key: KernelKey, demand: ListDemand): void;
  /** What a probe of the list must carry; undefined when there is no such list. */
  probeIdentity(key: KernelKey): { readonly slot: number; readonly nonce: bigint } | undefined;

  policies(): Map<KernelKey, KernelPolicy>;
  /** Its lists must be there. */
  putPolicy(key: KernelKey, policy: KernelPolicy): void;
  /** Removes the policy and its counters. No rule may name it any more. */
  deletePolicy(key: KernelKey): void;
  /** Per candidate, in order of preference. Counters stay with a candidate's position. */
  policyCounters(): Map<KernelKey, readonly Traffic[]>;

  destinations(): Map<IpPrefix, KernelDestination>;
  /** Replaces all rules of the prefix in one step; their policies must be there. Voids remembered decisions. */
  putDestination(prefix: IpPrefix, destination: KernelDestination): void;
  deleteDestination(prefix: IpPrefix): void;

  domainSources(): Set<Ipv6Prefix>;
  addDomainSource(prefix: Ipv6Prefix): void;
  deleteDomainSource(prefix: Ipv6Prefix): void;

  senders(): readonly KernelSender[];
  addSender(sender: KernelSender): void;
  deleteSender(sender: KernelSender): void;

  /** Traffic steered out of each interface. */
  uplinkCounters(): Map<number, Traffic>;
  /** Packets per named exit of the programs, zero ones included. */
  reasons(): Map<string, bigint>;
  /** What became of TCP flows whose bytes were not acknowledged, by name, zero ones included. */
  flowEvents(): Map<string, bigint>;
  /** TCP flows that left each list for that. */
  flowMoves(): Map<KernelKey, bigint>;

  /** Interfaces that carry the programs now. */
  attached(): readonly { readonly ifindex: number; readonly hook: "tcx" | "clsact" }[];
  attach(ifindex: number): void;
  detach(ifindex: number): void;
  /** Lets go of file descriptors; everything pinned stays and forwards on. */
  close(): void;
}
