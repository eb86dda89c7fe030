import type { Ipv6Prefix } from "./ipv6-prefix";
import type { Link, LinkDirection, Topology, TopologyNode } from "./topology";

/** What a flexible algorithm's shortest ways are measured by. RFC 9350 section 5.1. */
export const ALGORITHM_METRICS = ["igp", "delay", "te"] as const;
export type AlgorithmMetric = (typeof ALGORITHM_METRICS)[number];

/** Numbers of flexible algorithms; 0 is plain shortest-path routing. RFC 9350 section 4. */
export const ALGORITHM_ID_MIN = 128;
export const ALGORITHM_ID_MAX = 255;

/** Largest link delay that an IGP announces, in microseconds. RFC 8570 section 4.1. */
const ANNOUNCED_DELAY_MAX_US = 0xff_ffff;

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

/** The blocks that all SIDs of a topology are in: the plain one first. */
export function blocksOf({ locatorBlock, algorithms }: Pick<Topology, "locatorBlock" | "algorithms">): Ipv6Prefix[] {
  return [locatorBlock, ...algorithms.map((algorithm) => algorithm.locatorBlock)];
}

/** Whether a node takes part in an algorithm: whether it forwards to that algorithm's SIDs. */
export function takesPart(algorithm: FlexibleAlgorithm, node: TopologyNode): boolean {
  return node.algorithms.includes(algorithm.name);
}

/**
 * Whether an algorithm may use a link: both ends take part, and its affinities fit (RFC 9350 section 13). An access link
 * without any affinity was not coloured at all: the rules for inclusion say nothing of it.
 */
export function isInAlgorithm(
  algorithm: FlexibleAlgorithm,
  { affinity }: Link,
  ends: readonly [TopologyNode, TopologyNode],
): boolean {
  if (!ends.every((node) => takesPart(algorithm, node))) return false;
  if (affinity.length === 0 && ends.some(({ kind }) => kind === "host")) return true;
  const { exclude, includeAny, includeAll } = algorithm;
  const has = (name: string) => affinity.includes(name);
  return !exclude.some(has) && (includeAny.length === 0 || includeAny.some(has)) && includeAll.every(has);
}

/** What crossing a link counts in an algorithm. Delay in whole microseconds, as an IGP announces it. */
export function algorithmMetricOf({ metric }: FlexibleAlgorithm, direction: LinkDirection): number {
  return metric === "delay" ? Math.min(ANNOUNCED_DELAY_MAX_US, Math.round(direction.delayUs)) : direction[metric];
}
