import fc from "fast-check";
import { findPath } from "../../packages/controller/src/compute/find-path";
import { queryTemplate } from "../../packages/controller/src/compute/intent-query";
import { pathsInOrder } from "../../packages/controller/src/compute/k-shortest";
import { pathAlong } from "../../packages/controller/src/compute/path-edges";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import { intentOf } from "../support/intent";
import { allPaths, compare, type ProtectedQuestion } from "./disjoint-oracle";
import { check } from "./fuzz";
import { type RandomNetwork, randomNetwork, topologyFor } from "./random-network";

const MOST = 40;

const question: fc.Arbitrary<ProtectedQuestion> = fc.record({
  objective: fc.constantFrom("delay", "igp", "te"),
  disjoint: fc.constant("link"),
  backups: fc.constant(0),
  maxDelayUs: fc.oneof(
    fc.constant(1e6),
    fc.integer({ min: 20, max: 140 }).map((tenths) => tenths / 10),
  ),
  maxHops: fc.oneof(fc.constant(20), fc.integer({ min: 3, max: 6 })),
});

/** The engine's paths as link names. */
function answer(network: RandomNetwork, { objective, maxDelayUs, maxHops }: ProtectedQuestion): string[] {
  const snapshot = createSnapshot(topologyFor(network), 1);
  const graph = snapshot.flat;
  const intent = intentOf({
    objective: { minimize: objective },
    constraints: { maxDelayMs: maxDelayUs / 1_000, maxHops },
  });
  const end = (name: string) => graph.nodeIndex.get(name) ?? -1;
  const query = { ...queryTemplate(intent, snapshot), source: end("h1"), target: end("h2") };
  const first = findPath(graph, query);
  if (first.kind !== "path") return [];
  const found: string[] = [];
  for (const { edges } of pathsInOrder(graph, query, first)) {
    found.push(pathAlong(graph, edges).links.join(" "));
    if (found.length === MOST) break;
  }
  return found;
}

test("the best loopless paths come in order, each once, as listing them all finds", () => {
  check(2_000, 15, fc.tuple(randomNetwork(5, 8), question), ([network, asked]) => {
    const sorted = allPaths(network, asked).sort(
      (a, b) => compare(a.cost.slice(0, 3), b.cost.slice(0, 3)) || (a.names < b.names ? -1 : 1),
    );
    expect(answer(network, asked)).toEqual(sorted.slice(0, MOST).map(({ names }) => names));
  });
});
