import fc from "fast-check";
import { findPath } from "../../packages/controller/src/compute/find-path";
import { queryTemplate } from "../../packages/controller/src/compute/intent-query";
import { pathAlong } from "../../packages/controller/src/compute/path-edges";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import { type Topology, withServices } from "../../packages/model/src";
import { intentOf } from "../support/intent";
import { type Additive, type AskedGoal, bestWalk, type Question } from "./brute-force";
import { check } from "./fuzz";
import { type RandomNetwork, randomNetwork, topologyFor } from "./random-network";

const additive = fc.constantFrom<Additive>("delay", "igp", "te", "hops", "jitter", "loss");
const weights = fc
  .dictionary(additive, fc.integer({ min: 1, max: 3 }), { minKeys: 1, maxKeys: 3 })
  .map((given) => ({ ...given }));
const goal: fc.Arbitrary<AskedGoal> = fc.oneof(
  { weight: 4, arbitrary: additive.map((minimize) => ({ minimize })) },
  { weight: 1, arbitrary: weights.map((minimize) => ({ minimize })) },
  { weight: 1, arbitrary: fc.constant({ minimize: "utilisation" as const }) },
  { weight: 1, arbitrary: fc.constant({ maximize: "bandwidth" as const }) },
);

function questionFor(network: RandomNetwork): fc.Arbitrary<Question> {
  const some = <T>(items: readonly T[], max: number) =>
    fc.subarray([...items], { maxLength: Math.min(max, items.length) });
  const rarely = (names: fc.Arbitrary<string[]>) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: names });
  const bound = (none: number, some: fc.Arbitrary<number>) =>
    fc.oneof({ weight: 2, arbitrary: fc.constant(none) }, { weight: 1, arbitrary: some });
  const links = network.links.map(({ name }) => name);
  const elements = fc.record({
    nodes: rarely(some(network.routers, 1)),
    links: rarely(some(links, 2)),
    srlgs: rarely(some(["s1", "s2"], 1)),
  });
  return fc
    .record({
      source: fc.constant("h1"),
      target: fc.constant("h2"),
      objective: fc.array(goal, { minLength: 1, maxLength: 3 }),
      maxDelayUs: bound(
        1e6,
        fc.integer({ min: 1, max: 140 }).map((tenths) => tenths / 10),
      ),
      maxJitterUs: bound(1e6, fc.integer({ min: 1, max: 12 })),
      maxLossPercent: bound(100, fc.constantFrom(0, 0.001, 0.1, 0.101, 0.3)),
      maxIgp: bound(1e6, fc.integer({ min: 0, max: 12 })),
      maxHops: bound(20, fc.integer({ min: 1, max: 8 })),
      minBandwidthMbps: fc.constantFrom(1, 1, 1, 50),
      avoid: elements,
      include: elements,
      affinity: fc.record({
        any: rarely(some(["gold", "lowcost"], 2)),
        all: rarely(some(["gold"], 1)),
        none: rarely(some(["lowcost"], 1)),
      }),
      via: fc.oneof(
        fc.constant([]),
        fc.array(fc.subarray(network.routers.slice(0, 3), { minLength: 1 }), { maxLength: 2 }),
      ),
    })
    .map((question) => (legsOf(question) > 3 ? { ...question, maxHops: Math.min(question.maxHops, 8) } : question));
}

/** Each leg may visit every node again: of many legs, looking at all walks takes for ever. */
function legsOf({ via, include }: Question): number {
  return 1 + via.length + include.nodes.length + include.links.length + include.srlgs.length;
}

/** The engine's answer to the question, as link names. */
function answer(topology: Topology, question: Question): string[] | undefined {
  const snapshot = createSnapshot(topology, 1);
  const graph = snapshot.flat;
  const { objective, maxDelayUs, maxJitterUs, source, target, via, ...constraints } = question;
  const asked = intentOf({
    objective,
    constraints: {
      ...constraints,
      maxDelayMs: maxDelayUs / 1_000,
      maxJitterMs: maxJitterUs / 1_000,
      via: via.map((nodes, i) => (nodes.length === 1 ? { node: nodes[0] } : { service: `s${i}` })),
    },
  });
  const services = via.map((nodes, i) => ({
    name: `s${i}`,
    type: "firewall",
    instances: nodes.map((node, j) => ({ name: `i${j}`, node, state: "up" as const })),
  }));
  const settled = withServices(asked, new Map(services.map((service) => [service.name, service])));
  const end = (name: string) => graph.nodeIndex.get(name) ?? -1;
  const query = { ...queryTemplate(settled, snapshot), source: end(source), target: end(target) };
  const found = findPath(graph, query);
  return found.kind === "path" ? [...pathAlong(graph, found.edges).links] : undefined;
}

const networkAndQuestion = randomNetwork().chain((network) => fc.tuple(fc.constant(network), questionFor(network)));

test("the constrained path is the one that looking at all paths finds", () => {
  check(4_000, 12, networkAndQuestion, ([network, question]) => {
    const expected = bestWalk(network, question)?.map(({ link }) => link.name);
    expect(answer(topologyFor(network), question)).toEqual(expected);
  });
});

test("the order of the document changes nothing", () => {
  const withSeed = fc.tuple(networkAndQuestion, fc.nat());
  check(500, 4, withSeed, ([[network, question], seed]) => {
    const shuffled = topologyFor(network, (items) => shuffle(items, seed));
    expect(answer(shuffled, question)).toEqual(answer(topologyFor(network), question));
  });
});

/** A permutation that a number stands for. */
function shuffle<T>(items: readonly T[], seed: number): T[] {
  const rest = [...items];
  return items.map((_, i) => rest.splice((seed * (2 * i + 1) + i) % rest.length, 1)[0] as T);
}
