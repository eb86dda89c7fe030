import { generatedNetwork } from "../../../../test/bench/generated-network";
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
