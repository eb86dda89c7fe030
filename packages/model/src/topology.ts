import type { Binding } from "./binding";
import type { FlexibleAlgorithm } from "./flexible-algorithm";
import type { IpAddress, IpPrefix } from "./ip";
import type { Ipv6Prefix } from "./ipv6-prefix";
import type { Sid } from "./sid";

/** Every node takes part in the IGP; a host is a leaf that never carries transit traffic. */
export type NodeKind = "router" | "host";

/** A router or a host of the SR domain. */
export interface TopologyNode {
  readonly name: string;
  readonly kind: NodeKind;
  readonly nodeId: number;
  /** The /48 that the IGP announces for this node. */
  readonly locator: Ipv6Prefix;
  /** End SID, the first address of the locator. */
  readonly sid: Sid;
  readonly labels: Readonly<Record<string, string>>;
  /** Addresses that the node answers to, besides its SIDs. */
  readonly addresses: readonly IpAddress[];
  /** Prefixes reached through this node. */
  readonly prefixes: readonly IpPrefix[];
  /** Where outer headers for this host end (RFC 8986 section 4.8, End.DT46); undefined: it takes none off. Routers have none. */
  readonly decapsulationSid: Sid | undefined;
  /** Most segments that this node can put into a header, the final destination not counted (the MSD of RFC 8491). */
  readonly maxSegments: number;
  /** Names of the flexible algorithms that it takes part in. */
  readonly algorithms: readonly string[];
}

/** One direction of a link, with what it costs to cross it. */
export interface LinkDirection {
  readonly from: string;
  readonly to: string;
  readonly igp: number;
  readonly te: number;
  readonly delayUs: number;
  readonly jitterUs: number;
  readonly lossPpm: number;
  readonly capacityMbps: number;
  /** Share of the capacity that is taken, as declared; 0 where nothing is. */
  readonly utilisationPercent: number;
  /** End.X SID at `from` that sends over this link. */
  readonly adjacencySid: Sid;
}

/** A link between two nodes; parallel links differ in name. */
export interface Link {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  /** `down` takes the link out of every computation. */
  readonly state: "up" | "down";
  readonly aToB: LinkDirection;
  readonly bToA: LinkDirection;
  readonly srlgs: readonly string[];
  readonly affinity: readonly string[];
}

/** The network as declared: nodes and links in document order. */
export interface Topology {
  readonly name: string;
  readonly locatorBlock: Ipv6Prefix;
  /** Flexible algorithms by number. */
  readonly algorithms: readonly FlexibleAlgorithm[];
  /** Prefixes that hold everything hosts own, sorted. */
  readonly hostPrefixes: readonly Ipv6Prefix[];
  /** Key that every segment list is signed with; undefined: none is. */
  readonly signingKeyId: number | undefined;
  readonly nodes: readonly TopologyNode[];
  readonly links: readonly Link[];
  /** Binding SIDs in order of name. */
  readonly bindings: readonly Binding[];
}
