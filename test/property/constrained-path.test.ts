import fc from "fast-check";
import { findPath } from "../../packages/controller/src/compute/find-path";
import { queryTemplate } from "../../packages/controller/src/compute/intent-query";
import { PathInGraph } from "../../packages/controller/src/compute/path-edges";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import type { Topology } from "../../packages/model/src";
import { bestWalk, type Question } from "./brute-force";
import { check } from "./fuzz";
import { topologyFor } from "./random-network";
import { intentFor, networkAndQuestion } from "./random-question";

/** The engine's answer to the question, as link names. */
function answer(topology: Topology, question: Question): string[] | undefined {
  const snapshot = createSnapshot(topology, 1);
  const graph = snapshot.flat;
  const end = (name: string) => graph.nodeIndex.get(name) ?? -1;
  const template = queryTemplate(intentFor(question), snapshot);
  const found = findPath(graph, { ...template, source: end(question.source), target: end(question.target) });
  return found.kind === "path" ? [...new PathInGraph(graph, found.edges).links] : undefined;
}

test("the constrained path is the one that looking at all paths finds", () => {
  check(4_000, 12, networkAndQuestion(), ([network, question]) => {
    const expected = bestWalk(network, question)?.map(({ link }) => link.name);
    expect(answer(topologyFor(network), question)).toEqual(expected);
  });
});

test("the order of the document changes nothing", () => {
  const withSeed = fc.tuple(networkAndQuestion(), fc.nat());
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
