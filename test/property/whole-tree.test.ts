import fc from "fast-check";
import { growingTree } from "../../packages/controller/src/compute/tree-store";
import { Wave } from "../../packages/controller/src/compute/wave";
import type { Searched } from "../../packages/controller/src/compute/searched";
import { TREE_LANES, TreeLanes } from "../../packages/controller/src/compute/tree-lanes";
import { NO_WAY, TreeMaker, treeMemory, WholeTree } from "../../packages/controller/src/compute/whole-tree";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import type { FlatGraph } from "../../packages/controller/src/topology/flat-graph";
import { check } from "./fuzz";
import { randomNetwork, topologyFor } from "./random-network";

const TIMES = [1, 3, 1_000, 2 ** 20];

const rules = fc.record({
  metric: fc.constantFrom("igp" as const, "te" as const, "delay" as const, "hops" as const),
  direction: fc.constantFrom("from" as const, "towards" as const),
  /** Every so manieth edge is not to be used. */
  without: fc.integer({ min: 2, max: 9 }),
  /** Costs are as many times more and, where they have nothing in common, so many apart: they stand beside their edges' ends in one number or in two. */
  times: fc.constantFrom(...TIMES),
  apart: fc.constantFrom(0, 0, 1, 7),
});

/** Where an edge or a way costs as much there may be no whole tree. */
const MAX_COST = 2 ** 30;

/** Makes whole numbers others, and their sums exactly so many times smaller. */
const TINY = 2 ** -30;

function usableBut(graph: FlatGraph, without: number): Uint8Array {
  return Uint8Array.from(graph.edgeFrom, (_, edge) => (edge % without === 1 ? 0 : 1));
}

function infiniteWhereNoWay(distance: Int32Array): number[] {
  return Array.from(distance, (cost) => (cost === NO_WAY ? Number.POSITIVE_INFINITY : cost));
}

test("whole trees are those that a wave finds, and tell apart by IGP metric what costs the same from a root", () => {
  const made = new Set<number>();
  check(1_000, 5, fc.tuple(randomNetwork(), rules), ([network, asked]) => {
    const { metric, direction, without, times, apart } = asked;
    const { flat } = createSnapshot(topologyFor(network), 1);
    const isPlain = times === 1 && apart === 0;
    const own = flat.cost[metric];
    const cost = isPlain ? own : own.map((each, edge) => each * times + ((edge * apart) % 5));
    const by = { cost, usable: usableBut(flat, without), direction };
    const maker = new TreeMaker(flat, by);
    flat.nodeNames.forEach((_, root) => {
      const wave = new Wave(flat);
      wave.begin(root, 0);
      wave.advance(flat, { ...by, root });
      const whole = maker.make(root);
      if (whole === undefined) {
        expect(Math.max(...cost, ...[...wave.distance].filter(Number.isFinite))).toBeGreaterThanOrEqual(MAX_COST - 1);
        return;
      }
      made.add(times);
      expect(infiniteWhereNoWay(whole.distance)).toEqual([...wave.distance]);
      // What a wave leaves open may be decided by the IGP metric; never the other way round.
      const soles = flat.nodeNames.map((_, node) => whole.sole(node));
      expect(soles.map((edge, node) => ((wave.sole[node] as number) === -2 ? -2 : edge))).toEqual([...wave.sole]);
      if (direction === "towards" || cost === flat.cost.igp) expect(soles).toEqual([...wave.sole]);
    });
  });
  expect(made.size).toBe(TIMES.length);
});

test("trees that are made at once are those that each root has alone", () => {
  let made = 0;
  check(1_000, 5, fc.tuple(randomNetwork(12, 24), rules), ([network, asked]) => {
    const { metric, direction, without, times, apart } = asked;
    const { flat } = createSnapshot(topologyFor(network), 1);
    const cost = flat.cost[metric].map((each, edge) => (1 + each) * times + ((edge * apart) % 5));
    const by = { cost, usable: usableBut(flat, without), direction };
    const maker = new TreeMaker(flat, by);
    const routers = [...flat.nodeNames.keys()].filter((node) => flat.isHost[node] === 0);
    const roots = Array.from({ length: TREE_LANES }, (_, lane) => routers[lane % routers.length] as number);
    const several = TreeLanes.of(flat, by)?.search(roots);
    if (several === undefined) {
      const isTooMuch = roots.some((root) => maker.make(root) === undefined);
      // So much that it has no room beside the IGP metric in an exact number.
      expect(isTooMuch || Math.max(...cost) > 2 ** 20).toBe(true);
      return;
    }
    made++;
    for (const [lane, root] of roots.entries()) {
      const tree = WholeTree.of(several[lane] as Searched, treeMemory(flat.nodeNames.length, "counted"));
      const alone = maker.make(root);
      expect(tree.distance).toEqual(alone?.distance);
      const soles = (of: WholeTree | undefined) => flat.nodeNames.map((_, node) => of?.sole(node));
      expect(soles(tree)).toEqual(soles(alone));
    }
  });
  expect(made).toBeGreaterThan(100);
});

test("trees by costs that are no whole numbers grow, and say the same in any order of questions", () => {
  check(500, 4, fc.tuple(randomNetwork(), rules, fc.integer({ min: 1, max: 97 })), ([network, by, stride]) => {
    const { flat } = createSnapshot(topologyFor(network), 1);
    const usable = usableBut(flat, by.without);
    const { direction } = by;
    const whole = new TreeMaker(flat, { cost: flat.cost.igp, usable, direction });
    const small = flat.cost.igp.map((cost) => cost * TINY);
    const nodes = flat.nodeNames.length;
    flat.nodeNames.forEach((_, root) => {
      const expected = whole.make(root);
      const tree = growingTree(flat, root, { cost: small, usable, direction });
      for (let i = 0; i < nodes; i++) {
        const node = (i * stride) % nodes;
        const distance = expected?.distance[node] as number;
        expect(tree.distance(node)).toBe(distance === NO_WAY ? Number.POSITIVE_INFINITY : distance * TINY);
        expect(tree.sole(node)).toBe(expected?.sole(node));
      }
    });
  });
});

test("where ways cost too much to be added up in a word there is no whole tree, and the growing one has them", () => {
  check(200, 3, randomNetwork(), (network) => {
    const { flat } = createSnapshot(topologyFor(network), 1);
    const cost = flat.cost.hops.map(() => 2 ** 29);
    const far = new TreeMaker(flat, { cost, usable: undefined, direction: "from" });
    flat.nodeNames.forEach((_, root) => {
      const tree = growingTree(flat, root, { cost, usable: undefined, direction: "from" });
      const hops = growingTree(flat, root, { cost: flat.cost.hops, usable: undefined, direction: "from" });
      flat.nodeNames.forEach((__, node) => expect(tree.distance(node)).toBe(hops.distance(node) * 2 ** 29));
      const furthest = Math.max(...flat.nodeNames.map((__, node) => hops.distance(node)).filter(Number.isFinite));
      const isTold = far.make(root) !== undefined;
      if (furthest > 3) expect(isTold).toBe(false);
      if (furthest <= 2) expect(isTold).toBe(true);
    });
  });
});
