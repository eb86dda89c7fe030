import { network } from "../../../../test/support/network";
import type { Metric } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";
import { createSnapshot } from "../topology/snapshot";
import { findPath } from "./find-path";
import { PathInGraph } from "./path-edges";
import type { Bound, EdgeGoal, PathQuery } from "./path-query";

/*
 *  A ladder of steps: each goes on by a cheap slow link or a dear quick one.
 *
 *      ╭ cheap: te 0, delay 4 ╮      ╭ ... ╮
 *  r0 ─┤                      ├─ r1 ─┤     ├─ r2 ...
 *      ╰ dear:  te 3, delay 1 ╯      ╰ ... ╯
 */
function ladder(steps: number) {
  const lines = Array.from({ length: steps }, (_, i) => {
    // Unequal amounts, so that few ways through dominate others.
    const cheap = `r${i}-r${i + 1} name=c${i} te=0 delayUs=${4 + 2 ** i}`;
    const dear = `r${i}-r${i + 1} name=d${i} te=${3 + 2 ** i} delayUs=1`;
    return `${cheap}\n${dear}`;
  });
  return createSnapshot(network(`h1: r0\nh2: r${steps}\n${lines.join("\n")}`), 1).flat;
}

function by(graph: FlatGraph, metric: Metric): EdgeGoal {
  return { kind: "sum", cost: graph.cost[metric] };
}

function query(graph: FlatGraph, bounds: Bound[]): PathQuery {
  const node = (name: string) => graph.nodeIndex.get(name) ?? -1;
  const usable = new Uint8Array(graph.edgeFrom.length).fill(1);
  return { source: node("h1"), target: node("h2"), via: [], include: [], goals: [by(graph, "te")], bounds, usable };
}

const NS_PER_US = 1_000;

test("within its limit the search is exact", () => {
  const graph = ladder(8);
  const answer = findPath(graph, query(graph, [{ metric: "delay", max: 60 * NS_PER_US }]));
  expect(answer).toMatchObject({ kind: "path", exact: true });
});

test("at its limit it settles for the quickest path, and says so", () => {
  const graph = ladder(8);
  const answer = findPath(graph, query(graph, [{ metric: "delay", max: 60 * NS_PER_US }]), 5);
  expect(answer).toMatchObject({ kind: "path", exact: false });
  const delayUs = answer.kind === "path" ? new PathInGraph(graph, answer.edges).metrics.delayUs : Number.NaN;
  expect(delayUs).toBe(8);
});

test("it gives up, instead of calling it impossible, when the quickest breaks another bound", () => {
  // h1 ─ a ─ z: quick over b and c, few hops over d, both bounds kept only over e.
  const text = `
h1: a
h2: z
a-b te=1 delayUs=1
b-c te=1 delayUs=1
c-z te=1 delayUs=1
a-z te=1 delayUs=9
a-e te=5 delayUs=2
e-z te=5 delayUs=2`;
  const graph = createSnapshot(network(text), 1).flat;
  const asked = query(graph, [
    { metric: "delay", max: 5 * NS_PER_US },
    { metric: "hops", max: 4 },
  ]);
  expect(findPath(graph, asked)).toMatchObject({ kind: "path", exact: true });
  expect(findPath(graph, asked, 1)).toEqual({ kind: "gave_up" });
});

test("at its limit it gives up, where what is to be included makes too many states", () => {
  const graph = ladder(8);
  const include = [0, 3, 6].map((i) => ({ kind: "link", link: graph.linkIndex.get(`d${i}`) ?? -1 }) as const);
  const asked = { ...query(graph, []), include };
  expect(findPath(graph, asked)).toMatchObject({ kind: "path", exact: true });
  expect(findPath(graph, asked, 2)).toEqual({ kind: "gave_up" });
});

test("a bottleneck whose search gave up is not called the widest", () => {
  const graph = ladder(8);
  const goals: EdgeGoal[] = [by(graph, "te"), { kind: "bottleneck", value: graph.cost.te }];
  const asked = { ...query(graph, [{ metric: "delay", max: 60 * NS_PER_US }]), goals };
  expect(findPath(graph, asked)).toMatchObject({ kind: "path", exact: true });
  expect(findPath(graph, asked, 5)).toMatchObject({ kind: "path", exact: false });
});

test("a bound on the objective itself is kept", () => {
  const graph = ladder(3);
  const asked = { ...query(graph, [{ metric: "delay", max: 2 * NS_PER_US }]), goals: [by(graph, "delay")] };
  expect(findPath(graph, asked)).toEqual({ kind: "none" });
});

test("a bound is kept to the last unit", () => {
  const graph = ladder(3);
  const asked = (max: number) => findPath(graph, query(graph, [{ metric: "delay", max }])).kind;
  expect([asked(3 * NS_PER_US), asked(3 * NS_PER_US - 1)]).toEqual(["path", "none"]);
});
