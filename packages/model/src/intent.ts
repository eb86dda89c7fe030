import type { Ipv6Prefix } from "./ipv6-prefix";

/** Metrics that add up along a path, in the order used everywhere they are listed. */
export const METRICS = ["delay", "igp", "te", "hops", "jitter", "loss"] as const;
export type Metric = (typeof METRICS)[number];

/** Inclusive range of destination ports. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Hosts by name, by labels (all must match), or both (the union). */
export interface HostSelector {
  readonly hosts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Where the traffic goes: hosts (their addresses and prefixes) and prefixes. */
export interface EndpointSelector extends HostSelector {
  readonly prefixes: readonly Ipv6Prefix[];
}

/** Which packets of the source host are meant; an absent field matches everything. */
export interface Application {
  /** cgroup v2 path below the host's cgroup root; its children are included. */
  readonly cgroup?: string;
  /** IP protocol number. */
  readonly protocol?: number;
  readonly ports: readonly PortRange[];
}

/** What a path must satisfy. */
export interface Constraints {
  readonly maxDelayMs?: number;
  readonly maxHops?: number;
  readonly minBandwidthMbps?: number;
  readonly avoid: {
    readonly nodes: readonly string[];
    readonly links: readonly string[];
    readonly srlgs: readonly string[];
  };
  /** Nodes to pass, in this order. */
  readonly via: readonly { readonly node: string }[];
}

/** Which shared fate a backup must not have with the primary. */
export type Disjointness = "link" | "node" | "srlg";

export interface Protection {
  readonly backups: number;
  readonly disjoint: Disjointness;
}

/** What happens to the traffic when no candidate path is usable (RFC 9256 sections 8.1 and 8.2). */
export type OnNoPath = "route" | "drop";

/** What an operator declares. One intent gives one policy per source host and endpoint. */
export interface Intent {
  readonly name: string;
  /** Counts the changes of the spec, from 1. */
  readonly generation: number;
  /** Higher wins when several intents match a packet; then the more specific one, then the name. */
  readonly priority: number;
  readonly from: HostSelector;
  readonly to: EndpointSelector;
  readonly application: Application;
  readonly objective: { readonly minimize: Metric };
  readonly constraints: Constraints;
  readonly protection: Protection;
  readonly onNoPath: OnNoPath;
}
