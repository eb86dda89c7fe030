import type { Ipv6Prefix } from "./ipv6-prefix";

/** What a flexible algorithm's shortest ways are measured by. RFC 9350 section 5.1. */
export const ALGORITHM_METRICS = ["igp", "delay", "te"] as const;
export type AlgorithmMetric = (typeof ALGORITHM_METRICS)[number];

/** Numbers of flexible algorithms; 0 is plain shortest-path routing. RFC 9350 section 4. */
export const ALGORITHM_ID_MIN = 128;
export const ALGORITHM_ID_MAX = 255;

/** A flexible algorithm (RFC 9350): shortest ways of its own, over links of its own, to SIDs of its own. */
export interface FlexibleAlgorithm {
  readonly name: string;
  /** 128 to 255. */
  readonly id: number;
  /** Block of the SIDs that are routed by this algorithm: the same node and function bits behind another /32. */
  readonly locatorBlock: Ipv6Prefix;
  readonly metric: AlgorithmMetric;
  /** Affinities of which a link carries none. */
  readonly exclude: readonly string[];
  /** Affinities of which a link carries at least one; any link will do when empty. */
  readonly includeAny: readonly string[];
  /** Affinities of which a link carries every one. */
  readonly includeAll: readonly string[];
}
