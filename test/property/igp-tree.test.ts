import fc from "fast-check";
import { treeTowards } from "../../packages/controller/src/compute/distances";
import { igpTree } from "../../packages/controller/src/compute/igp";
import { igpRows, PLAIN_KIND } from "../../packages/controller/src/compute/igp-rows";
import { ROW_LANES, RowLanes } from "../../packages/controller/src/compute/row-lanes";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import { check } from "./fuzz";
import { withAlgorithms } from "./random-algorithms";
import { randomNetwork, topologyFor } from "./random-network";

test("the tree towards a host, which follows from its router's, is the one that a search towards the host finds", () => {
  check(1_000, 5, randomNetwork(), (network) => {
    const { flat } = createSnapshot(topologyFor(network), 1);
    flat.nodeNames.forEach((_, target) => {
      const searched = treeTowards(flat, target, flat.cost.igp);
      const tree = igpTree(flat, target);
      const nodes = flat.nodeNames.map((__, node) => node);
      expect(nodes.map((node) => tree.distance(node))).toEqual([...searched.distance]);
      expect(nodes.map((node) => tree.soleNextHop(node))).toEqual([...searched.soleNextHop]);
    });
  });
});

test("what trees find by growing as far as they are asked is what whole trees say, in any order of questions", () => {
  check(1_000, 6, fc.tuple(randomNetwork(), fc.integer({ min: 1, max: 97 })), ([network, stride]) => {
    const { flat } = createSnapshot(topologyFor(network), 1);
    const edges = flat.edgeFrom.length;
    flat.nodeNames.forEach((_, target) => {
      const { distance, soleNextHop } = treeTowards(flat, target, flat.cost.igp);
      const tree = igpTree(flat, target);
      for (let i = 0; i < edges; i++) {
        const edge = (i * stride) % edges;
        const rest = distance[flat.edgeTo[edge] as number] as number;
        if (rest === Number.POSITIVE_INFINITY || (flat.isHost[flat.edgeTo[edge] as number] === 1 && rest > 0)) continue;
        const expected = soleNextHop[flat.edgeFrom[edge] as number] === edge;
        expect(tree.isSoleNextHop(edge, rest)).toBe(expected);
      }
    });
  });
});

test("rows say what whole trees say, by plain routing and by every flexible algorithm", () => {
  check(1_000, 5, randomNetwork().chain(withAlgorithms), (network) => {
    const { flat } = createSnapshot(topologyFor(network), 1);
    const rows = igpRows(flat);
    const rules = [{ cost: flat.cost.igp, usable: undefined }, ...flat.algorithms];
    rules.forEach(({ cost, usable }, kind) => {
      rows.make(kind, [...flat.nodeNames.keys()]);
      flat.nodeNames.forEach((_, target) => {
        const { soleNextHop } = treeTowards(flat, target, cost, usable);
        const asked = [...flat.edgeFrom.keys()];
        const expected = asked.map((edge) => soleNextHop[flat.edgeFrom[edge] as number] === edge);
        expect(asked.map((edge) => rows.isSole(kind, target, edge))).toEqual(expected);
      });
    });
  });
});

test("rows that are made at once say what whole trees say, where every link costs something", () => {
  let made = 0;
  check(1_000, 5, fc.tuple(randomNetwork(12, 24), fc.integer({ min: 2, max: 9 })), ([network, without]) => {
    const { flat } = createSnapshot(topologyFor(network), 1);
    const cost = flat.cost.igp.map((each) => each + 1);
    const usable = Uint8Array.from(flat.edgeFrom, (_, edge) => (edge % without === 1 ? 0 : 1));
    const routers = [...flat.nodeNames.keys()].filter((node) => flat.isHost[node] === 0);
    const targets = Array.from({ length: ROW_LANES }, (_, lane) => routers[lane % routers.length] as number);
    const place = (edge: number) => edge - (flat.outStart[flat.edgeFrom[edge] as number] as number);
    const rows = RowLanes.of(flat, { cost, usable, told: place })?.search(targets) ?? [];
    for (const [lane, row] of rows.entries()) {
      made++;
      const { soleNextHop } = treeTowards(flat, targets[lane] as number, cost, usable);
      const expected = [...soleNextHop].map((edge) => (edge >= 0 ? place(edge) : edge === -1 ? 255 : "several"));
      expect([...row].map((told) => (told >= 128 && told < 255 ? "several" : told))).toEqual(expected);
    }
  });
  expect(made).toBeGreaterThan(1_000);
});

test("with rows, trees say the same towards hosts too, which follow from their routers'", () => {
  check(1_000, 5, randomNetwork(), (network) => {
    const { flat } = createSnapshot(topologyFor(network), 1);
    igpRows(flat).make(PLAIN_KIND, [...flat.nodeNames.keys()]);
    flat.nodeNames.forEach((_, target) => {
      const { distance, soleNextHop } = treeTowards(flat, target, flat.cost.igp);
      const isOpen = (edge: number) => flat.isHost[flat.edgeTo[edge] as number] === 0 || flat.edgeTo[edge] === target;
      const asked = [...flat.edgeFrom.keys()].filter(isOpen);
      const tree = igpTree(flat, target);
      const found = asked.map((edge) => tree.isSoleNextHop(edge, distance[flat.edgeTo[edge] as number] as number));
      expect(found).toEqual(asked.map((edge) => soleNextHop[flat.edgeFrom[edge] as number] === edge));
    });
  });
});
