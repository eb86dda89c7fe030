import { generatedNetwork } from "../../../../test/bench/generated-network";
import type { FlatGraph } from "../topology/flat-graph";
import { createSnapshot } from "../topology/snapshot";
import { growingTree } from "./tree-store";
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
