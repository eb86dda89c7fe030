import { generatedNetwork } from "../../../../test/bench/generated-network";
import { topologyOf } from "../../../../test/support/network";
import { createSnapshot } from "../topology/snapshot";
import { treeTowards } from "./distances";
import { IgpRow, IgpRows, PLAIN_KIND } from "./igp-rows";
import { RowDistances } from "./row-distances";
import { Wave } from "./wave";

test("following a row adds up to what a tree tells, whatever has been asked before", () => {
  const { flat } = createSnapshot(generatedNetwork(300, 20), 1);
  const rows = new IgpRows(flat);
  expect(IgpRow.tellsAll(flat)).toBe(true);
  for (const target of [0, 17, 150, flat.nodeNames.length - 1]) {
    expect(rows.row(PLAIN_KIND, target)).toBeUndefined();
    rows.make(PLAIN_KIND, [target]);
    const row = rows.row(PLAIN_KIND, target) as IgpRow;
    const distances = new RowDistances(flat, row, target, new Wave(flat));
    const asked = [...flat.nodeNames.keys()].map((node) => (node * 97) % flat.nodeNames.length);
    const { distance } = treeTowards(flat, target, flat.cost.igp);
    expect(asked.map((node) => distances.least(node))).toEqual(asked.map((node) => distance[node]));
  }
});

test("where there is no way it costs Infinity, and a node with many edges is not told", () => {
  const names = Array.from({ length: 200 }, (_, i) => `r${String(i).padStart(3, "0")}`);
  const links = names.map((name) => ({ name: `link-${name}`, a: "hub", b: name, igp: 1 }));
  const nodes = ["hub", ...names, "island"].map((name, i) => ({ name, nodeId: i + 1 }));
  const { flat } = createSnapshot(topologyOf(nodes, links), 1);
  const at = (name: string) => flat.nodeIndex.get(name) ?? -1;
  expect(IgpRow.tellsAll(flat)).toBe(false);
  const rows = new IgpRows(flat);
  rows.make(PLAIN_KIND, [at("r199")]);
  const row = rows.row(PLAIN_KIND, at("r199")) as IgpRow;
  expect(row.nextHop(at("hub"))).toBeUndefined();
  expect(row.nextHop(at("r000"))).toBe(flat.outStart[at("r000")]);
  const distances = new RowDistances(flat, row, at("r199"), new Wave(flat));
  expect(distances.least(at("island"))).toBe(Number.POSITIVE_INFINITY);
});
