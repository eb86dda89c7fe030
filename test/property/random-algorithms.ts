import fc from "fast-check";
import type { RandomLink, RandomNetwork } from "./random-network";

/** A flexible algorithm of a random network, as it stands in a document, and who does not take part. */
export interface RandomAlgorithm {
  readonly name: string;
  readonly id: number;
  readonly locatorBlock: string;
  readonly metric: "igp" | "delay" | "te";
  readonly exclude: readonly string[];
  readonly includeAny: readonly string[];
  readonly includeAll: readonly string[];
  readonly outside: readonly string[];
}

/** Up to three algorithms of any rules; more often than not everybody takes part. */
export function withAlgorithms(network: RandomNetwork): fc.Arbitrary<RandomNetwork> {
  const rarely = (names: readonly string[]) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: fc.subarray([...names], { maxLength: 1 }) },
    );
  const rules = fc.record({
    metric: fc.constantFrom("igp" as const, "delay" as const, "te" as const),
    colour: rarely(["gold"]),
    use: fc.constantFrom("exclude" as const, "includeAny" as const, "includeAll" as const),
    other: rarely(["lowcost"]),
    outside: rarely([...network.routers, ...network.hosts]),
  });
  return fc.array(rules, { minLength: 1, maxLength: 3 }).map((all) => ({
    ...network,
    algorithms: all.map(({ metric, colour, use, other, outside }, i) => ({
      name: `f${i}`,
      id: 128 + i,
      locatorBlock: `fcbb:f${i}::/32`,
      metric,
      exclude: other,
      includeAny: [],
      includeAll: [],
      [use]: use === "exclude" ? [...other, ...colour] : colour,
      outside,
    })),
  }));
}

/** The network as the algorithm sees it: its links alone, with what they count as their metric. Written from the rules alone. */
export function networkWithin(network: RandomNetwork, algorithm: RandomAlgorithm): RandomNetwork {
  const takesPart = (name: string) => !algorithm.outside.includes(name);
  return {
    ...network,
    routers: network.routers.filter(takesPart),
    links: linksWithin(network, algorithm).map((link) => ({ ...link, ...metricsOf(link, algorithm) })),
  };
}

/** Links that the algorithm uses, as they are. */
export function linksWithin(network: RandomNetwork, algorithm: RandomAlgorithm): RandomLink[] {
  const { exclude, includeAny, includeAll, outside } = algorithm;
  return network.links.filter(({ a, b, affinity }) => {
    if (outside.includes(a) || outside.includes(b)) return false;
    const isAccess = network.hosts.includes(a) || network.hosts.includes(b);
    if (isAccess && affinity.length === 0) return true;
    if (affinity.some((name) => exclude.includes(name))) return false;
    if (includeAny.length > 0 && !affinity.some((name) => includeAny.includes(name))) return false;
    return includeAll.every((name) => affinity.includes(name));
  });
}

function metricsOf({ igp, igpBack, te, delayUs }: RandomLink, { metric }: RandomAlgorithm) {
  switch (metric) {
    case "igp":
      return { igp, igpBack };
    case "te":
      return { igp: te, igpBack: te };
    case "delay":
      return { igp: Math.round(delayUs), igpBack: Math.round(delayUs) };
  }
}
