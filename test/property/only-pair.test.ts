import fc from "fast-check";
import { wayOfTree } from "../../packages/controller/src/compute/find-path";
import { leastCostFlow } from "../../packages/controller/src/compute/least-cost-flow";
import { onlyPair } from "../../packages/controller/src/compute/only-pair";
import { compareRank, rankCosts } from "../../packages/controller/src/compute/rank";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import { check } from "./fuzz";
import { randomNetwork, topologyFor } from "./random-network";

const asked = fc.record({
  /** By so much every edge costs more than its metric: the less, the more ways cost the same. */
  more: fc.integer({ min: 1, max: 3 }),
  /** Makes costs of edges differ. */
  stride: fc.integer({ min: 1, max: 7 }),
  /** All edges cost the same: the IGP metric decides. */
  even: fc.boolean(),
  freeLinks: fc.uniqueArray(fc.nat(8), { maxLength: 3 }),
  without: fc.integer({ min: 3, max: 12 }),
});

test("where there is only one pair of ways of least cost, it is the flow that comparing all sums finds", () => {
  const pairs = { even: 0, uneven: 0 };
  check(1_000, 4, fc.tuple(randomNetwork(), asked), ([network, { more, stride, even, freeLinks, without }]) => {
    const { flat } = createSnapshot(topologyFor(network), 1);
    const cost = flat.cost.te.map((metric, edge) => (even ? more : metric + more + ((edge * stride) % 5)));
    const usable = Uint8Array.from(flat.edgeFrom, (_, edge) => (edge % without === 1 ? 0 : 1));
    const rules = { nodes: false, sharing: false, freeLinks: new Set(freeLinks), freeNodes: new Set<number>() };
    const ends = flat.nodeNames.flatMap((_, source) => flat.nodeNames.map((__, target) => ({ source, target })));
    for (const { source, target } of ends.filter((pair) => pair.source !== pair.target)) {
      const goals = [{ kind: "sum", cost }] as const;
      const query = { source, target, goals, usable, bounds: [], via: [], include: [] };
      const best = wayOfTree(flat, query);
      const found = best && onlyPair(flat, query, cost, best, rules);
      if (found === undefined) continue;
      pairs[even ? "even" : "uneven"]++;
      const expected = leastCostFlow(flat, query, rankCosts(flat, query), rules, 2);
      expect(found.units).toBe(expected.units);
      expect([...found.edges].sort(byEdge)).toEqual([...expected.edges].sort(byEdge));
      if (found.ways === undefined) continue;
      const units = new Map<number, number>();
      for (const edge of found.ways.flat()) units.set(edge, (units.get(edge) ?? 0) + 1);
      expect([...units].sort(byEdge)).toEqual([...expected.edges].sort(byEdge));
      expect(compareRank(flat, query, best ?? [], found.ways[1] ?? [])).toBeLessThanOrEqual(0);
    }
  });
  expect(Math.min(pairs.even, pairs.uneven)).toBeGreaterThan(100);
});

function byEdge([a]: readonly [number, number], [b]: readonly [number, number]): number {
  return a - b;
}
