import type { FlexibleAlgorithm } from "./flexible-algorithm";
import type { Ipv6Prefix } from "./ipv6-prefix";
import type { Link, LinkDirection, Topology, TopologyNode } from "./topology";

/** Largest link delay that an IGP announces, in microseconds. RFC 8570 section 4.1. */
const ANNOUNCED_DELAY_MAX_US = 0xff_ffff;

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
