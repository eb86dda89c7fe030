import fc from "fast-check";
import type { RandomAlgorithm } from "./random-algorithms";
import { topologyOf } from "../support/network";

/** A link of a random network, in plain numbers. */
export interface RandomLink {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  readonly igp: number;
  /** Metric from b to a, where it differs. */
  readonly igpBack: number;
  readonly te: number;
  readonly delayUs: number;
  readonly jitterUs: number;
  readonly lossPpm: number;
  readonly capacityMbps: number;
  readonly utilisationPercent: number;
  readonly srlgs: readonly string[];
  readonly affinity: readonly string[];
}

export interface RandomNetwork {
  readonly routers: readonly string[];
  readonly hosts: readonly string[];
  readonly links: readonly RandomLink[];
  readonly algorithms?: readonly RandomAlgorithm[];
}

/** Small metrics collide often, and zero is among them: ties and zero-metric loops are what these networks are for. */
const metric = fc.nat({ max: 4 });

function linkBetween(a: fc.Arbitrary<string>, b: fc.Arbitrary<string>): fc.Arbitrary<Omit<RandomLink, "name">> {
  return fc.record({
    a,
    b,
    igp: metric,
    igpBack: metric,
    te: metric,
    delayUs: fc.oneof(
      metric,
      fc.integer({ min: 0, max: 40 }).map((tenths) => tenths / 10),
    ),
    jitterUs: metric,
    lossPpm: fc.constantFrom(0, 0, 10, 1_000, 1_000_000),
    capacityMbps: fc.constantFrom(10, 100, 1_000),
    utilisationPercent: fc.constantFrom(0, 0, 25, 50, 90),
    srlgs: fc.subarray(["s1", "s2", "s3"], { maxLength: 2 }),
    affinity: fc.subarray(["gold", "lowcost"], { maxLength: 2 }),
  });
}

/** Multigraphs of 2 to 6 routers with parallel links and islands, and two or three hosts with one to three uplinks each. */
export function randomNetwork(maxRouters = 6, maxLinks = 9): fc.Arbitrary<RandomNetwork> {
  return fc.integer({ min: 2, max: maxRouters }).chain((count) => {
    const routers = Array.from({ length: count }, (_, i) => `r${i}`);
    const router = fc.constantFrom(...routers);
    const core = fc
      .array(linkBetween(router, router), { minLength: count - 1, maxLength: maxLinks })
      .map((links) => links.filter(({ a, b }) => a !== b));
    const hosts = fc.constantFrom(["h1", "h2"], ["h1", "h2", "h3"]);
    return hosts.chain((names) =>
      fc
        .tuple(
          core,
          ...names.map((host) => fc.array(linkBetween(fc.constant(host), router), { minLength: 1, maxLength: 3 })),
        )
        .map((groups) => ({
          routers,
          hosts: names,
          links: groups.flat().map((link, i) => ({ ...link, name: `l${String(i).padStart(2, "0")}` })),
        })),
    );
  });
}

/** The network as a topology, with more fields of its spec; `order` permutes its document without changing its meaning. */
export function topologyFor(
  network: RandomNetwork,
  order: <T>(items: readonly T[]) => T[] = (items) => [...items],
  more: Readonly<Record<string, unknown>> = {},
) {
  const { algorithms = [] } = network;
  const partsOf = (name: string) =>
    algorithms.every(({ outside }) => !outside.includes(name))
      ? {}
      : { algorithms: algorithms.filter(({ outside }) => !outside.includes(name)).map((each) => each.name) };
  const nodes = [
    ...network.routers.map((name, i) => ({ name, nodeId: i + 1 })),
    ...network.hosts.map((name, i) => ({ name, kind: "host", nodeId: 0x8000 + i, addresses: [`2001:db8::${i + 1}`] })),
  ].map((node) => ({ ...node, ...partsOf(node.name) }));
  const links = network.links.map(({ igpBack, ...link }) => ({ ...link, bToA: { igp: igpBack, te: link.te } }));
  const defined = algorithms.map(({ outside: _, ...algorithm }) => algorithm);
  return topologyOf(order(nodes), order(links), { algorithms: order(defined), ...more });
}
