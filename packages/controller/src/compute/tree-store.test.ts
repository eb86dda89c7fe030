import { generatedNetwork } from "../../../../test/bench/generated-network";
import type { FlatGraph } from "../topology/flat-graph";
import { createSnapshot } from "../topology/snapshot";
import { expectTrees, growingTree, heldTree } from "./tree-store";
import { TREE_LANES } from "./tree-lanes";
import { TreeMaker } from "./whole-tree";

/** With four trees each a good many more than are kept. */
const ROOTS = 400;
const METRICS = ["igp", "te", "delay", "hops"] as const;

test("trees are right however many came before, whose memory they may have", () => {
  const { flat } = createSnapshot(generatedNetwork(12_000, 0), 1);
  const last = flat.nodeNames.length - 1;
  for (let root = 0; root < ROOTS; root++) {
    for (const metric of METRICS) {
      const rules = { cost: flat.cost[metric], usable: undefined, direction: "from" } as const;
      const before = growingTree(flat, root, rules);
      before.growTo(last);
      if (root % 99 !== 0) continue;
      const expected = new TreeMaker(flat, rules).make(root);
      // Another one that is asked for in between takes no memory of it.
      growingTree(flat, last, rules).growTo(0);
      expect(before.whole).toEqual(expected);
    }
  }
  const first = growingTree(flat, 0, { cost: flat.cost.igp, usable: undefined, direction: "from" });
  const again = new TreeMaker(flat, { cost: flat.cost.igp, usable: undefined, direction: "from" }).make(0);
  expect(flat.nodeNames.map((_, node) => first.distance(node))).toEqual([...(again?.distance ?? [])]);
});

/** Asks for all of so many trees that nobody else asks for. */
function askForOthers(flat: FlatGraph, count: number): void {
  const last = flat.nodeNames.length - 1;
  for (let root = 1; root <= count; root++)
    growingTree(flat, root, { cost: flat.cost.te, usable: undefined, direction: "from" }).growTo(last);
}

test("a tree that is asked for again after it was forgotten is kept longer", () => {
  const { flat } = createSnapshot(generatedNetwork(12_000, 0), 1);
  const ask = () => {
    const tree = growingTree(flat, 0, { cost: flat.cost.igp, usable: undefined, direction: "from" });
    tree.growTo(1);
    return tree;
  };
  const first = ask();
  expect(ask()).toBe(first);
  askForOthers(flat, ROOTS);
  const second = ask();
  expect(second).not.toBe(first);
  askForOthers(flat, ROOTS);
  expect(ask()).toBe(second);
});

test("of very many forgotten trees the first are as good as new", () => {
  const { flat } = createSnapshot(generatedNetwork(12_000, 0), 1);
  const ask = (root: number) => growingTree(flat, root, { cost: flat.cost.igp, usable: undefined, direction: "from" });
  // They take next to nothing until somebody asks how far it is.
  const askForMany = () => {
    for (const metric of ["te", "delay", "hops"] as const)
      for (const direction of ["from", "towards"] as const)
        for (let root = 0; root < flat.nodeNames.length; root++)
          growingTree(flat, root, { cost: flat.cost[metric], usable: undefined, direction });
  };
  const first = ask(0);
  askForMany();
  const again = ask(0);
  expect(again).not.toBe(first);
  askForMany();
  expect(ask(0)).not.toBe(again);
});

test("trees that are expected are made with the first of them, of the kind that was asked for", () => {
  const { flat } = createSnapshot(generatedNetwork(500, 0), 1);
  const expected = Array.from({ length: 2 * TREE_LANES }, (_, i) => 3 * i);
  const byTe = { cost: flat.cost.te, usable: undefined, direction: "from" } as const;
  const isMade = (root: number, rules: typeof byTe) => heldTree(flat, root, rules)?.whole !== undefined;
  expectTrees(flat, [{ roots: expected }]);
  growingTree(flat, 1, byTe).growTo(0);
  expect(expected.some((root) => isMade(root, byTe))).toBe(false);
  growingTree(flat, 3, byTe).growTo(0);
  expect(expected.map((root) => isMade(root, byTe))).toEqual(expected.map((_, i) => i >= 1 && i <= TREE_LANES));
  expect(expected.some((root) => isMade(root, { ...byTe, cost: flat.cost.igp }))).toBe(false);
  for (const root of expected) {
    const whole = new TreeMaker(flat, byTe).make(root);
    const tree = growingTree(flat, root, byTe);
    for (const node of flat.nodeNames.keys()) {
      expect(tree.distance(node)).toBe(whole?.distance[node]);
      expect(tree.sole(node)).toBe(whole?.sole(node));
    }
  }
  expectTrees(flat, []);
  growingTree(flat, 3, { ...byTe, cost: flat.cost.igp }).growTo(0);
  expect(isMade(6, { ...byTe, cost: flat.cost.igp })).toBe(false);
});

test("of trees that are expected of one kind, none of another is made; hosts are no reason to make none", () => {
  const { flat } = createSnapshot(generatedNetwork(200, 20), 1);
  const routers = [...flat.isHost.keys()].filter((node) => flat.isHost[node] === 0).slice(0, 5);
  const roots = [...routers, flat.nodeIndex.get("h0") ?? -1];
  const rulesOf = (metric: "te" | "igp") =>
    ({ cost: flat.cost[metric], usable: undefined, direction: "from" }) as const;
  const made = (metric: "te" | "igp") =>
    roots.filter((root) => heldTree(flat, root, rulesOf(metric))?.whole !== undefined);
  expectTrees(flat, [{ rules: rulesOf("te"), roots }]);
  for (const metric of ["igp", "te"] as const)
    growingTree(flat, routers[0] ?? -1, rulesOf(metric)).growTo(routers[1] ?? -1);
  expect(made("igp")).toEqual(routers.slice(0, 1));
  expect(made("te")).toEqual(routers);
});

test("what is expected takes no more memory than what is asked for", () => {
  const { flat } = createSnapshot(generatedNetwork(12_000, 0), 1);
  const last = flat.nodeNames.length - 1;
  const held = new Set<number>();
  for (let root = 0; root < ROOTS; root++) {
    expectTrees(flat, [{ roots: Array.from({ length: TREE_LANES }, (_, i) => root + i) }]);
    const tree = growingTree(flat, root, { cost: flat.cost.te, usable: undefined, direction: "from" });
    tree.growTo(last);
    held.add(root);
  }
  const isHeld = (root: number) =>
    heldTree(flat, root, { cost: flat.cost.te, usable: undefined, direction: "from" })?.whole !== undefined;
  const kept = [...held].filter(isHeld).length;
  expect(kept).toBeGreaterThan(TREE_LANES);
  expect(kept).toBeLessThan(ROOTS / 2);
});
