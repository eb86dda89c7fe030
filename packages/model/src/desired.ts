import type { Encapsulation } from "./encapsulation";
import type { DOMAIN_KEY, EntryKey, ListKey, PolicyKey, PROBING_KEY } from "./entry-key";
import type { OnNoPath, PortRange, Spread } from "./intent";
import type { IpAddress, IpPrefix } from "./ip";
import type { Ipv6Address } from "./ipv6";
import type { Ipv6Prefix } from "./ipv6-prefix";
import type { Sid } from "./sid";

/** A segment list that a host is to hold. Immutable under its key. */
export interface DesiredList {
  readonly kind: "list";
  readonly key: ListKey;
  readonly encapsulation: Encapsulation;
  /**
   * In travel order. Inserted: without the final destination, which is the packet's own. Encapsulated: the last one is, or
   * its carrier ends in, the far end's decapsulation SID.
   */
  readonly segments: readonly Sid[];
  /** The probe loop in travel order: out, the far end, back. The host adds its own address as the end. */
  readonly probeSegments: readonly Sid[];
  /** A second loop: out the same way, back another, so that a dead way back is no dead path. Empty: there is none. */
  readonly alternateProbeSegments: readonly Sid[];
  /** Key that list and probes are signed with (RFC 8754 section 2.1.2); undefined: not signed. Never with `insert`. */
  readonly signingKeyId: number | undefined;
}

/** Which packets a policy takes; an absent or empty field matches everything. Without destinations and names nothing matches. */
export interface DesiredMatch {
  /** cgroup v2 path below the host's cgroup root, children included. */
  readonly cgroup: string | undefined;
  /** Name of a systemd unit, with its suffix; its cgroup is found on the host. */
  readonly systemdUnit: string | undefined;
  /** Id of a container, whole or its first 12 digits or more; its cgroup is found on the host. */
  readonly container: string | undefined;
  /** Name or number of the user that owns the socket. */
  readonly user: string | undefined;
  /** Absolute path of the file that the socket's creator runs. */
  readonly executable: string | undefined;
  readonly protocol: number | undefined;
  readonly dscp: number | undefined;
  readonly sources: readonly IpPrefix[];
  readonly sourcePorts: readonly PortRange[];
  readonly destinations: readonly IpPrefix[];
  /** Names that the host resolves; the addresses are destinations too. */
  readonly dnsNames: readonly string[];
  /** Destination ports. */
  readonly ports: readonly PortRange[];
}

/** One candidate of a policy as the host needs it. */
export interface DesiredCandidate {
  readonly preference: number;
  readonly lists: readonly { readonly list: ListKey; readonly weight: number }[];
}

/** A policy that a host is to hold. */
export interface DesiredPolicy {
  readonly kind: "policy";
  readonly key: PolicyKey;
  readonly intent: string;
  /** Host or prefix that the policy leads to. */
  readonly endpoint: string;
  readonly generation: number;
  readonly priority: number;
  /** In falling preference; empty when there is no path, then `onNoPath` alone applies. */
  readonly candidates: readonly DesiredCandidate[];
  readonly onNoPath: OnNoPath;
  /** What shares the lists of a candidate that has several. */
  readonly spread: Spread;
  readonly match: DesiredMatch;
}

/** What a host must know of the SR domain to guard its ingress. */
export interface DesiredDomain {
  readonly kind: "domain";
  readonly key: typeof DOMAIN_KEY;
  /** Sources whose segment routing headers are accepted. */
  readonly sources: readonly Ipv6Prefix[];
  /** The host's own End SID. */
  readonly nodeSid: Sid;
  /** Where outer headers for this host end (RFC 8986 section 4.8, End.DT46); undefined: it takes none off. */
  readonly decapsulationSid: Sid | undefined;
  /**
   * The host's own addresses as the topology declares them; probes start from the first IPv6 one and come back to it, and it is
   * the source of outer headers.
   */
  readonly addresses: readonly IpAddress[];
  /** Who sends encapsulated packets here: the outer source, and what may be inside. Sorted by sender. */
  readonly senders: readonly DesiredSender[];
}

/** One sender of encapsulated packets. */
export interface DesiredSender {
  readonly sender: Ipv6Address;
  readonly prefixes: readonly IpPrefix[];
}

/** How a host is to probe its lists; apart from the lists, which never change under their keys. */
export interface DesiredProbing {
  readonly kind: "probing";
  readonly key: typeof PROBING_KEY;
  /** In order of the lists' keys. A list that is missing is probed as the host's settings say. */
  readonly lists: readonly DesiredListProbing[];
}

/** How one list is probed, and what is asked of it. */
export interface DesiredListProbing {
  readonly list: ListKey;
  /** Microseconds between probes; 0: the host's setting. */
  readonly intervalUs: number;
  /** Probes in a row that must be missing before the list is dead; 0: the host's setting. */
  readonly multiplier: number;
  /** Links that the list crosses on its way out, as `directedLinkKey` names them. */
  readonly links: readonly bigint[];
  /** Bounds of the intents that use the list, the tightest of each. Delay is one way, in microseconds; loss in parts per million. */
  readonly maxDelayUs: number | undefined;
  readonly maxLossPpm: number | undefined;
  /** How long a bound must be violated for the list to be left. */
  readonly violationMs: number;
}

/** Anything that a controller wants a host to hold. */
export type DesiredEntry = DesiredList | DesiredPolicy | DesiredDomain | DesiredProbing;

/** An entry with the revision that names this very content of it. */
export interface Revised {
  readonly revision: string;
  readonly entry: DesiredEntry;
}

/** The whole desired state of one host. */
export type DesiredState = ReadonlyMap<EntryKey, Revised>;

/** How far a host has come with an entry. */
export type EntryStatus = "installed" | "waiting" | "rejected";

/** Where a host probes one of a list's two loops alone, it asks after the other once in so many rounds. */
export const RARE_LOOP_ROUNDS = 20;

/** How a host is to probe and report. */
export interface HostSettings {
  readonly probeIntervalMs: number;
  /** Probes in a row that must be missing before a list is dead. */
  readonly probeMultiplier: number;
  readonly reportIntervalMs: number;
}

/** What each setting may be, and what it is where nobody says otherwise. All are whole numbers. */
export const HOST_SETTING_BOUNDS: Readonly<
  Record<keyof HostSettings, { readonly min: number; readonly max: number; readonly fallback: number }>
> = {
  probeIntervalMs: { min: 1, max: 60_000, fallback: 100 },
  probeMultiplier: { min: 2, max: 10, fallback: 3 },
  reportIntervalMs: { min: 100, max: 60_000, fallback: 1_000 },
};

/** How a host probes and reports until it is told otherwise. */
export const DEFAULT_HOST_SETTINGS: HostSettings = {
  probeIntervalMs: HOST_SETTING_BOUNDS.probeIntervalMs.fallback,
  probeMultiplier: HOST_SETTING_BOUNDS.probeMultiplier.fallback,
  reportIntervalMs: HOST_SETTING_BOUNDS.reportIntervalMs.fallback,
};

/** Liveness of a segment list, seen from the host that uses it. `unproven` is usable. */
export type PathState = "unproven" | "alive" | "dead";
