import type { IpPrefix } from "./ip";
import type { ServiceInstance } from "./service";

/** Metrics that add up along a path, in the order used everywhere they are listed. */
export const METRICS = ["delay", "igp", "te", "hops", "jitter", "loss"] as const;
export type Metric = (typeof METRICS)[number];

/** One wish of an objective. */
export type Goal =
  /** Smallest sum along the path of these metrics, each times its weight: delay and jitter in us, loss in ppm as -ln(1 - p). */
  | { readonly kind: "sum"; readonly weights: Readonly<Partial<Record<Metric, number>>> }
  /** The narrowest link as wide, or the fullest link as empty, as can be. */
  | { readonly kind: "bottleneck"; readonly of: "bandwidth" | "utilisation" };

/** Inclusive range of ports. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Hosts by name, by labels (all must match), or both (the union). */
export interface HostSelector {
  readonly hosts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** A DNS name that source hosts resolve, and the node behind which its addresses lie. */
export interface NamedEndpoint {
  readonly name: string;
  readonly at: string;
}

/** Where the traffic goes: hosts (their addresses and prefixes), prefixes, and names. */
export interface EndpointSelector extends HostSelector {
  readonly prefixes: readonly IpPrefix[];
  readonly names: readonly NamedEndpoint[];
}

/** Which packets of the source host are meant; an absent field matches everything. */
export interface Application {
  /** cgroup v2 path below the host's cgroup root; its children are included. */
  readonly cgroup?: string;
  /** systemd unit with its suffix. */
  readonly systemdUnit?: string;
  /** Container id, whole or at least its first 12 digits. */
  readonly container?: string;
  /** Name or number of the user that owns the socket. */
  readonly user?: string;
  /** Absolute path of the program that made the socket. */
  readonly executable?: string;
  /** IP protocol number. */
  readonly protocol?: number;
  /** Differentiated services code point, 0 to 63 (RFC 2474). */
  readonly dscp?: number;
  /** Source prefixes; any when empty. */
  readonly sources: readonly IpPrefix[];
  readonly sourcePorts: readonly PortRange[];
  /** Destination ports. */
  readonly ports: readonly PortRange[];
}

/** Names of nodes, links and shared-risk link groups. */
export interface ElementNames {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
  readonly srlgs: readonly string[];
}

/** A node to pass, or a service of which some instance is to be passed. */
export type Stop =
  | { readonly node: string }
  | {
      readonly service: string;
      /** Those in force that are up; none while the service is not known. */
      readonly instances: readonly ServiceInstance[];
    };

/** What a path must satisfy. */
export interface Constraints {
  readonly maxDelayMs?: number;
  readonly maxJitterMs?: number;
  readonly maxLossPercent?: number;
  readonly maxIgp?: number;
  readonly maxHops?: number;
  readonly minBandwidthMbps?: number;
  readonly avoid: ElementNames;
  /** What to cross, in any order; of a group at least one link. */
  readonly include: ElementNames;
  /** Names that each link carries: some of `any`, every one of `all`, none of `none`. */
  readonly affinity: {
    readonly any: readonly string[];
    readonly all: readonly string[];
    readonly none: readonly string[];
  };
  /** What to pass, in this order. */
  readonly via: readonly Stop[];
  /** Name of a flexible algorithm: every link is in its topology, and segment lists use its SIDs alone. */
  readonly algorithm?: string;
}

/** Which shared fate a backup must not have with the primary. */
export type Disjointness = "link" | "node" | "srlg";

export interface Protection {
  readonly backups: number;
  readonly disjoint: Disjointness;
}

/** What happens to the traffic when no candidate path is usable (RFC 9256 sections 8.1 and 8.2). */
export type OnNoPath = "route" | "drop";

/**
 * How lists go onto packets. `insert`: an SRH in the packet's own header chain. `encap`, `encap-full`: an outer header, with a
 * reduced or a full SRH. `usid`: an outer header with compressed SIDs, without an SRH when one carrier is enough. `auto`: what
 * both ends can do and the traffic needs.
 */
export const MODES = ["auto", "insert", "encap", "encap-full", "usid"] as const;
export type Mode = (typeof MODES)[number];

/**
 * What a segment list depends on. `loose`: the fewest segments, with legs left to the IGP where it has one way only. `strict`:
 * every link between routers is named, so that nothing depends on what the IGP would choose.
 */
export const PINS = ["loose", "strict"] as const;
export type Pin = (typeof PINS)[number];

/** What shares the lists of a candidate. */
export type Spread =
  /** A flow stays on its list while that is alive. */
  | { readonly kind: "flow" }
  /** A flow may change lists after a pause of so many microseconds. */
  | { readonly kind: "flowlet"; readonly gapUs: number }
  | { readonly kind: "packet" };

/** Several paths at once instead of one. */
export interface Multipath {
  /** Paths of the primary candidate, at most; 1: a single one. */
  readonly paths: number;
  /** `equal`, or in proportion to each path's bottleneck capacity. */
  readonly weights: "equal" | "capacity";
  readonly spread: Spread;
}

/** Bandwidth that every policy of an intent is promised. Priorities are those of RFC 3209 section 4.7.1: 0 is the best, 7 the worst. */
export interface BandwidthReservation {
  /** `measured`: what its hosts count. */
  readonly mbps: number | "measured";
  /** It may take bandwidth from reservations with a worse hold priority than this. */
  readonly setupPriority: number;
  /** What it defends its own bandwidth with; never worse than the setup priority. */
  readonly holdPriority: number;
}

/** How the paths of an intent are watched; what is absent is the host's setting. */
export interface Liveness {
  readonly probeIntervalMs?: number;
  /** Probes in a row that must be missing before a list is dead. */
  readonly multiplier?: number;
  /** Measured, not declared: a path that loses more is left while there is another. */
  readonly maxLossPercent?: number;
  /** How long loss or delay must be beyond its bound. */
  readonly violationMs: number;
}

/** What an operator declares. One intent gives one policy per source host and endpoint. */
export interface Intent {
  readonly name: string;
  /** Counts the changes of the spec, from 1. */
  readonly generation: number;
  /** Grows with each intent that a controller was given first; 0 where that is not known. */
  readonly order: number;
  /** Higher wins when several intents match a packet; then the more specific one, then the name. */
  readonly priority: number;
  readonly from: HostSelector;
  readonly to: EndpointSelector;
  readonly application: Application;
  /** In falling importance, at least one: each decides where all before it are equal. */
  readonly objective: readonly Goal[];
  readonly constraints: Constraints;
  readonly protection: Protection;
  readonly onNoPath: OnNoPath;
  readonly mode: Mode;
  readonly pin: Pin;
  readonly multipath: Multipath;
  readonly liveness?: Liveness;
  readonly reservation?: BandwidthReservation;
  /** True: the answering hosts get policies of their own for the way back, under the same objective and constraints. */
  readonly bidirectional: boolean;
}
