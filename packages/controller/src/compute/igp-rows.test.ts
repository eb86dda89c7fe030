import { generatedNetwork } from "../../../../test/bench/generated-network";
import { topologyOf } from "../../../../test/support/network";
import type { FlatGraph } from "../topology/flat-graph";
import { createSnapshot } from "../topology/snapshot";
import { treeTowards } from "./distances";
import { igpTree } from "./igp";
import { adoptIgpRows, igpRows, IgpRows, PLAIN_KIND } from "./igp-rows";

const { flat } = createSnapshot(generatedNetwork(300, 20), 1);
const TARGETS = [...flat.nodeNames.keys()].filter((node) => flat.isHost[node] === 0);

/** What a row tells of all edges; undefined where it does not. */
function told(rows: IgpRows, target: number): (boolean | undefined)[] {
  return [...rows.graph.edgeFrom.keys()].map((edge) => rows.isSole(PLAIN_KIND, target, edge));
}

function searched(graph: FlatGraph, target: number): boolean[] {
  const { soleNextHop } = treeTowards(graph, target, graph.cost.igp);
  return [...graph.edgeFrom].map((from, edge) => soleNextHop[from] === edge);
}

test("a target gets a row once questions about it have looked at much of the network", () => {
  const large = createSnapshot(generatedNetwork(3_000, 0), 1).flat;
  const target = large.nodeIndex.get("r100") ?? 0;
  const { distance } = treeTowards(large, target, large.cost.igp);
  const tree = igpTree(large, target);
  const asked = [...large.edgeFrom.keys()];
  expect(asked.map((edge) => tree.isSoleNextHop(edge, distance[large.edgeTo[edge] as number] as number))).toEqual(
    searched(large, target),
  );
  expect(told(igpRows(large), target)).toEqual(searched(large, target));
  const seldom = large.nodeIndex.get("r200") ?? 0;
  const answers = [100, 600, 51].map((nodes) => {
    igpRows(large).spend(PLAIN_KIND, seldom, nodes);
    return igpRows(large).has(PLAIN_KIND, seldom);
  });
  expect(answers).toEqual([false, false, true]);
});

test("memory that is full takes no more rows, and those that there are stay", () => {
  const room = 2;
  const rows = new IgpRows(flat, room * flat.nodeNames.length + 1);
  rows.make(PLAIN_KIND, TARGETS);
  expect(TARGETS.map((target) => rows.has(PLAIN_KIND, target))).toEqual(TARGETS.map((_, i) => i < room));
  for (const target of TARGETS) rows.spend(PLAIN_KIND, target, 1_000_000);
  for (const target of TARGETS.slice(0, room)) expect(told(rows, target)).toEqual(searched(flat, target));
  for (const target of TARGETS.slice(room)) expect(rows.has(PLAIN_KIND, target)).toBe(false);
});

test("two that share buffers have each other's rows, and take no room for the same one twice", () => {
  const [a = 0, b = 0, c = 0] = TARGETS;
  const [ours, theirs] = [1, 2].map(() => new IgpRows(flat, 3 * flat.nodeNames.length)) as [IgpRows, IgpRows];
  theirs.adopt(ours.buffers);
  ours.make(PLAIN_KIND, [a]);
  theirs.make(PLAIN_KIND, [a]);
  ours.make(PLAIN_KIND, [b]);
  theirs.make(PLAIN_KIND, [c]);
  for (const target of [a, b, c]) {
    expect(told(ours, target)).toEqual(searched(flat, target));
    expect(told(theirs, target)).toEqual(searched(flat, target));
  }
});

test("rows of many targets are those that each would have alone, hosts among them", () => {
  const rows = new IgpRows(flat);
  rows.make(PLAIN_KIND, [...flat.nodeNames.keys()]);
  for (const target of flat.nodeNames.keys()) expect(told(rows, target)).toEqual(searched(flat, target));
});

test("a graph adopts the rows of its own topology only", () => {
  const same = createSnapshot(generatedNetwork(300, 20), 2).flat;
  const [target = 0] = TARGETS;
  igpRows(flat).make(PLAIN_KIND, [target]);
  adoptIgpRows(same, igpRows(flat).buffers);
  expect(told(igpRows(same), target)).toEqual(searched(flat, target));
  const other = createSnapshot(generatedNetwork(300, 21), 1).flat;
  expect(() => adoptIgpRows(other, igpRows(flat).buffers)).toThrow(RangeError);
});

test("of a node with more edges than a byte can tell, rows tell of the first 126", () => {
  const names = Array.from({ length: 300 }, (_, i) => `r${String(i).padStart(3, "0")}`);
  const links = names.map((name, i) => ({ name: `link-${name}`, a: "hub", b: name, igp: 1 + (i % 7) }));
  const nodes = ["hub", ...names].map((name, i) => ({ name, nodeId: i + 1 }));
  const star = createSnapshot(topologyOf(nodes, links), 1).flat;
  const rows = new IgpRows(star);
  for (const target of [10, 125, 126, 127, 255, 299]) {
    rows.make(PLAIN_KIND, [target + 1]);
    const all = searched(star, target + 1);
    const hub = star.nodeIndex.get("hub") ?? 0;
    const isUntold = (edge: number) =>
      target >= 126 && star.edgeFrom[edge] === hub && edge - (star.outStart[hub] ?? 0) >= 126;
    expect(told(rows, target + 1)).toEqual(all.map((isSole, edge) => (isUntold(edge) ? undefined : isSole)));
  }
});

test("ways that cost too much to be added up in 31 bits have no row, and answers all the same", () => {
  const names = Array.from({ length: 80 }, (_, i) => `r${String(i).padStart(3, "0")}`);
  const links = names
    .slice(1)
    .map((name, i) => ({ name: `link-${name}`, a: names[i] ?? "", b: name, igp: 2 ** 24 - 1 }));
  const chain = createSnapshot(
    topologyOf(
      names.map((name, i) => ({ name, nodeId: i + 1 })),
      links,
    ),
    1,
  ).flat;
  igpRows(chain).make(PLAIN_KIND, [...chain.nodeNames.keys()]);
  expect(igpRows(chain).has(PLAIN_KIND, 0)).toBe(false);
  const tree = igpTree(chain, 0);
  const edges = [...chain.edgeFrom.keys()];
  expect(edges.map((edge) => tree.isSoleNextHop(edge, tree.distance(chain.edgeTo[edge] as number)))).toEqual(
    searched(chain, 0),
  );
});
