import { network } from "../../../../test/support/network";
import { createSnapshot } from "./snapshot";

/*  h1 ─ b ═ a   two parallel links, and a third that is down  */
const TOPOLOGY = network(`
h1: b
b-a name=z igp=3 delayUs=0.1
b-a name=y igp=2 lossPpm=1000000
b-a name=down state=down
`);

test("a link that is up has two edges, each the other's reverse; one that is down has none", () => {
  const { graph, flat, links } = createSnapshot(TOPOLOGY, 7);
  expect([graph.order, graph.size]).toEqual([3, 6]);
  expect([...links.keys()].sort()).toEqual(["down", "h1-b", "y", "z"]);
  expect(flat.linkNames).toEqual(["h1-b", "y", "z"]);
  const ends = [...flat.edgeFrom].map((from, edge) => [from, flat.edgeTo[edge], flat.edgeLink[edge]]);
  const back = [...flat.edgeReverse].map((edge) => [flat.edgeTo[edge], flat.edgeFrom[edge], flat.edgeLink[edge]]);
  expect(back).toEqual(ends);
});

test("nodes, links and edges are numbered by name, whatever the order of the document", () => {
  const turned = { ...TOPOLOGY, nodes: TOPOLOGY.nodes.toReversed(), links: TOPOLOGY.links.toReversed() };
  const [one, other] = [createSnapshot(TOPOLOGY, 1).flat, createSnapshot(turned, 1).flat];
  expect(other).toEqual(one);
  expect(one.nodeNames).toEqual(["a", "b", "h1"]);
});

test("edges of a node lie together, leaving and entering", () => {
  const { flat } = createSnapshot(TOPOLOGY, 1);
  const leaving = flat.nodeNames.map((_, node) => [
    ...flat.edgeFrom.slice(flat.outStart[node], flat.outStart[node + 1]),
  ]);
  expect(leaving).toEqual([[0, 0], [1, 1, 1], [2]]);
  const entering = flat.nodeNames.map((_, node) =>
    [...flat.inEdges.slice(flat.inStart[node], flat.inStart[node + 1])].map((edge) => flat.edgeTo[edge]),
  );
  expect(entering).toEqual([[0, 0], [1, 1, 1], [2]]);
});

test("costs are whole numbers: tenths of microseconds, and total loss too", () => {
  const { cost } = createSnapshot(TOPOLOGY, 1).flat;
  expect(Object.values(cost).every((values) => values.every(Number.isSafeInteger))).toBe(true);
  expect(cost.delay).toContain(100);
});
