import fc from "fast-check";
import { findPath } from "../../packages/controller/src/compute/find-path";
import { queryTemplate } from "../../packages/controller/src/compute/intent-query";
import { pathAlong } from "../../packages/controller/src/compute/path-edges";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import type { Topology } from "../../packages/model/src";
import { intentOf } from "../support/intent";
import { bestWalk, type Question } from "./brute-force";
import { check } from "./fuzz";
import { type RandomNetwork, randomNetwork, topologyFor } from "./random-network";

function questionFor(network: RandomNetwork): fc.Arbitrary<Question> {
  const some = <T>(items: readonly T[], max: number) =>
    fc.subarray([...items], { maxLength: Math.min(max, items.length) });
  const nothing = fc.constant<string[]>([]);
  const rarely = (names: fc.Arbitrary<string[]>) =>
    fc.oneof({ weight: 3, arbitrary: nothing }, { weight: 1, arbitrary: names });
  return fc.record({
    source: fc.constant("h1"),
    target: fc.constant("h2"),
    objective: fc.constantFrom("delay", "igp", "te", "hops", "jitter", "loss"),
    maxDelayUs: fc.oneof(
      fc.constant(1e6),
      fc.integer({ min: 1, max: 140 }).map((tenths) => tenths / 10),
    ),
    maxHops: fc.oneof(fc.constant(20), fc.integer({ min: 1, max: 8 })),
    minBandwidthMbps: fc.constantFrom(1, 1, 1, 50),
    avoid: fc.record({
      nodes: rarely(some(network.routers, 1)),
      links: rarely(
        some(
          network.links.map(({ name }) => name),
          2,
        ),
      ),
      srlgs: rarely(some(["s1"], 1)),
    }),
    via: fc.array(fc.constantFrom(...network.routers), { maxLength: 2 }),
  });
}

/** The engine's answer to the question, as link names. */
function answer(topology: Topology, question: Question): string[] | undefined {
  const snapshot = createSnapshot(topology, 1);
  const graph = snapshot.flat;
  const { maxDelayUs, maxHops, minBandwidthMbps, avoid, via } = question;
  const asked = intentOf({
    objective: { minimize: question.objective },
    constraints: {
      maxDelayMs: maxDelayUs / 1_000,
      maxHops,
      minBandwidthMbps,
      avoid,
      via: via.map((node) => ({ node })),
    },
  });
  const end = (name: string) => graph.nodeIndex.get(name) ?? -1;
  const query = { ...queryTemplate(asked, snapshot), source: end(question.source), target: end(question.target) };
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
