import type { Encapsulation } from "./encapsulation";
import type { Sid } from "./sid";

/** Sums of the additive metrics along a path. `lossPpm` is 10^6 (1 - product of the links' deliveries). */
export interface PathMetrics {
  readonly delayUs: number;
  readonly igp: number;
  readonly te: number;
  readonly hops: number;
  readonly jitterUs: number;
  readonly lossPpm: number;
  /** Smallest capacity on the path. */
  readonly bottleneckMbps: number;
  /** Greatest utilisation on the path. */
  readonly utilisationPercent: number;
}

/** A path: the nodes in travel order, hosts included, and the links between them. */
export interface Path {
  readonly nodes: readonly string[];
  /** `links[i]` joins `nodes[i]` and `nodes[i + 1]`. */
  readonly links: readonly string[];
  readonly metrics: PathMetrics;
}

/** What goes on the wire for one path; the final destination of an inserted list is not part of it. */
export interface SegmentList {
  /** Share of the candidate's flows, weight / sum of weights (RFC 9256 section 2.11). */
  readonly weight: number;
  readonly encapsulation: Encapsulation;
  /** Key that the list is signed with; undefined: not signed. */
  readonly signingKeyId: number | undefined;
  /** In travel order, at least one (RFC 9256 section 5.1); with an outer header the last one takes it off. */
  readonly segments: readonly Sid[];
  /** The loop that proves it: out along `segments`, round at the far end, back over the same links to the sender. */
  readonly probeSegments: readonly Sid[];
  /** A loop out the same way and back over other links; empty where there is no other way back that fits. */
  readonly alternateProbeSegments: readonly Sid[];
}
