import { findPath } from "../../packages/controller/src/compute/find-path";
import { sharingPaths } from "../../packages/controller/src/compute/further-paths";
import { queryTemplate } from "../../packages/controller/src/compute/intent-query";
import { pathsInOrder } from "../../packages/controller/src/compute/k-shortest";
import { PathInGraph } from "../../packages/controller/src/compute/path-edges";
import type { Found } from "../../packages/controller/src/compute/path-set";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import { compareWalks, type Question, walksOf } from "./brute-force";
import { check } from "./fuzz";
import { type RandomNetwork, topologyFor } from "./random-network";
import { intentFor, legsOf, networkAndQuestion } from "./random-question";

const MOST = 40;

/** The question as the engine sees it, and its best path. */
function asked(network: RandomNetwork, question: Question) {
  const snapshot = createSnapshot(topologyFor(network), 1);
  const graph = snapshot.flat;
  const end = (name: string) => graph.nodeIndex.get(name) ?? -1;
  const template = queryTemplate(intentFor(question), snapshot);
  const query = { ...template, source: end(question.source), target: end(question.target) };
  const first = findPath(graph, query);
  const names = ({ edges }: Found) => new PathInGraph(graph, edges).links.join(" ");
  return { graph, query, names, first: first.kind === "path" ? first : undefined };
}

/** The engine's paths as link names, and whether it says that there are no more. */
function inOrder(network: RandomNetwork, question: Question): { paths: string[]; isAll: boolean } {
  const { graph, query, names, first } = asked(network, question);
  if (first === undefined) return { paths: [], isAll: true };
  const found: string[] = [];
  const paths = pathsInOrder(graph, query, first);
  for (let next = paths.next(); ; next = paths.next()) {
    if (next.done === true) return { paths: found, isAll: next.value };
    found.push(names(next.value));
    if (found.length === MOST) return { paths: found, isAll: false };
  }
}

/** Every answer to the question as link names, best first. */
function expected(network: RandomNetwork, question: Question): string[] {
  const walks = walksOf(network, question).sort((a, b) => compareWalks(a, b, question));
  return walks.map((walk) => walk.map(({ link }) => link.name).join(" "));
}

/** Longer walks are too many to list. */
const fewHops = (question: Question): Question => ({
  ...question,
  maxHops: Math.min(question.maxHops, legsOf(question) > 2 ? 7 : 9),
});

test("paths come in order, each once, under all constraints, stops and includes among them, as listing them all finds", () => {
  check(2_000, 20, networkAndQuestion(5, 8), ([network, any]) => {
    const question = fewHops(any);
    const all = expected(network, question);
    const { paths, isAll } = inOrder(network, question);
    expect(paths).toEqual(all.slice(0, MOST));
    expect(isAll).toBe(all.length < MOST);
  });
});

test("paths that share traffic are as many as are wanted, or all there are, where no limit is said to be hit", () => {
  check(500, 8, networkAndQuestion(5, 8), ([network, any]) => {
    const question = fewHops(any);
    const { graph, query, names, first } = asked(network, question);
    const all = expected(network, question);
    const shared = first === undefined ? { paths: [], exact: true } : sharingPaths(graph, query, first, 6);
    const found = shared.paths.map(names);
    expect(shared.exact).toBe(true);
    expect(found).toHaveLength(Math.min(6, all.length));
    expect(new Set(found).size).toBe(found.length);
    expect(all).toEqual(expect.arrayContaining(found));
  });
});
