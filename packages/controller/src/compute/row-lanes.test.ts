import { generatedNetwork } from "../../../../test/bench/generated-network";
import { chainOf, LONG_CHAINS, routersOf } from "../testing/networks";
import type { FlatGraph } from "../topology/flat-graph";
import { createSnapshot } from "../topology/snapshot";
import { treeTowards } from "./distances";
import { igpRows, PLAIN_KIND } from "./igp-rows";
import { ROW_LANES, RowLanes } from "./row-lanes";

const NONE = 255;
const SEVERAL = 128;
const rulesOf = ({ cost }: FlatGraph) => ({ cost: cost.igp, usable: undefined, told: (edge: number) => edge % 100 });

/** What a row says, by trees. */
function expectedRow(flat: FlatGraph, target: number): (number | string)[] {
  const { soleNextHop } = treeTowards(flat, target, flat.cost.igp);
  return [...soleNextHop].map((edge) => (edge >= 0 ? edge % 100 : edge === -1 ? NONE : "several"));
}

test("rows that are made at once tell what trees tell of each target", () => {
  const { flat } = createSnapshot(generatedNetwork(1_000, 200), 1);
  const lanes = RowLanes.of(flat, rulesOf(flat));
  for (const count of [ROW_LANES, ROW_LANES - 3, 4]) {
    const targets = routersOf(flat).slice(count, 2 * count);
    const rows = lanes?.search(targets) ?? [];
    expect(rows.length).toBe(count);
    let severals = 0;
    for (const [lane, target] of targets.entries()) {
      const row = [...(rows[lane] ?? [])];
      const { distance } = treeTowards(flat, target, flat.cost.igp);
      for (const [node, told] of row.entries()) {
        if (told === NONE || told < SEVERAL) continue;
        severals++;
        // One of several is told, and a least-cost way begins with it.
        const out = Array.from(
          { length: (flat.outStart[node + 1] ?? 0) - (flat.outStart[node] ?? 0) },
          (_, i) => (flat.outStart[node] ?? 0) + i,
        );
        const first = out.find(
          (edge) => (distance[flat.edgeTo[edge] ?? -1] ?? 0) + (flat.cost.igp[edge] ?? 0) === distance[node],
        );
        expect(told - SEVERAL).toBe((first ?? -1) % 100);
      }
      const isOne = (told: number) => told === NONE || told < SEVERAL;
      expect(row.map((told) => (isOne(told) ? told : "several"))).toEqual(expectedRow(flat, target));
    }
    expect(severals).toBeGreaterThan(0);
  }
});

test("where ways are long and nodes in no order, rows are made one by one and tell the same", () => {
  for (const [flat, isFast] of LONG_CHAINS) {
    const lanes = RowLanes.of(flat, rulesOf(flat));
    const routers = routersOf(flat);
    for (let time = 0; time < 2; time++) expect(lanes?.search(routers.slice(0, ROW_LANES)) !== undefined).toBe(isFast);
    igpRows(flat).make(PLAIN_KIND, routers);
    for (const target of routers.slice(0, 3 * ROW_LANES)) {
      const { soleNextHop } = treeTowards(flat, target, flat.cost.igp);
      const told = [...flat.edgeFrom.keys()].map((edge) => igpRows(flat).isSole(PLAIN_KIND, target, edge));
      expect(told).toEqual([...flat.edgeFrom].map((from, edge) => soleNextHop[from] === edge));
    }
  }
});

test("links that cost nothing, no whole number or very much are left to a search for each target", () => {
  const flat = chainOf([0, 1, 2, 3, 4, 5, 6, 7]);
  const isMade = (each: number) =>
    RowLanes.of(flat, { ...rulesOf(flat), cost: flat.cost.igp.map((_, edge) => (edge === 2 ? each : 1)) }) !==
    undefined;
  expect([1, 2 ** 27 - 1, 0, 0.5, 2 ** 27].map(isMade)).toEqual([true, true, false, false, false]);
  expect(RowLanes.of(flat, rulesOf(flat))?.search([1, 2])).toBeUndefined();
});
