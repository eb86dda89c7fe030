import { generatedNetwork } from "../../../../test/bench/generated-network";
import { chainOf, LONG_CHAINS, routersOf } from "../testing/networks";
import { createSnapshot } from "../topology/snapshot";
import type { Searched } from "./searched";
import { TREE_LANES, TreeLanes } from "./tree-lanes";
import { NO_WAY, TreeMaker, treeMemory, WholeTree } from "./whole-tree";

test.each(["igp", "te", "delay", "hops"] as const)(
  "trees by %s that are made at once are those of each root",
  (metric) => {
    const { flat } = createSnapshot(generatedNetwork(1_000, 200), 1);
    for (const direction of ["from", "towards"] as const) {
      const rules = { cost: flat.cost[metric], usable: undefined, direction };
      const maker = new TreeMaker(flat, rules);
      const lanes = TreeLanes.of(flat, rules);
      for (const count of [TREE_LANES, TREE_LANES - 1, TREE_LANES / 2]) {
        const roots = routersOf(flat).slice(count, 2 * count);
        const several = lanes?.search(roots) ?? [];
        expect(several.length).toBe(count);
        for (const [lane, root] of roots.entries()) {
          const tree = WholeTree.of(several[lane] as Searched, treeMemory(flat.nodeNames.length, "counted"));
          const alone = maker.make(root);
          expect(tree.distance).toEqual(alone?.distance);
          const soles = (of: WholeTree | undefined) => flat.nodeNames.map((_, node) => of?.sole(node));
          expect(soles(tree)).toEqual(soles(alone));
        }
      }
    }
  },
);

test("few roots, and hosts, are searched for alone", () => {
  const { flat } = createSnapshot(generatedNetwork(100, 20), 1);
  const lanes = TreeLanes.of(flat, { cost: flat.cost.igp, usable: undefined, direction: "from" });
  const routers = routersOf(flat);
  expect(lanes?.search(routers.slice(0, 2))).toBeUndefined();
  expect(lanes?.search([...routers.slice(0, TREE_LANES - 1), flat.isHost.indexOf(1)])).toBeUndefined();
  expect(lanes?.search(routers.slice(0, TREE_LANES))).toBeDefined();
});

test("a network is gone over some times only: where ways are long and nodes in no order each root is searched for alone", () => {
  for (const [flat, isFast] of LONG_CHAINS) {
    const lanes = TreeLanes.of(flat, { cost: flat.cost.igp, usable: undefined, direction: "from" });
    const roots = routersOf(flat).slice(0, TREE_LANES);
    for (let time = 0; time < 2; time++) expect(lanes?.search(roots) !== undefined).toBe(isFast);
  }
});

test("links that cost nothing, and ways that cost too much, are left to a search from each root", () => {
  const chain = chainOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const roots = routersOf(chain).slice(0, TREE_LANES);
  const isMade = (each: number) => {
    const cost = chain.cost.igp.map((_, edge) => (edge === 3 ? each : 1));
    return TreeLanes.of(chain, { cost, usable: undefined, direction: "towards" })?.search(roots) !== undefined;
  };
  expect([1, 0, 0.5, 2 ** 30 - 20, 2 ** 30].map(isMade)).toEqual([true, false, false, true, false]);
});

test("what cannot be reached has no way from any root, and memory that has grown serves the next network", () => {
  for (const routers of [10, 5_000, 20]) {
    const { flat } = createSnapshot(generatedNetwork(routers, 0), 1);
    const usable = Uint8Array.from(flat.edgeFrom, (from) => (from === 0 ? 0 : 1));
    const lanes = TreeLanes.of(flat, { cost: flat.cost.igp, usable, direction: "towards" });
    const several = lanes?.search(routersOf(flat).slice(1, 1 + TREE_LANES)) ?? [];
    expect(several.length).toBe(TREE_LANES);
    for (const { distance, places } of several) {
      expect([distance[0], places[0]]).toEqual([NO_WAY, -1]);
      expect(distance.filter((cost) => cost === NO_WAY).length).toBe(1);
    }
  }
});
