import { carriage } from "../ecmp/carriage";
import { Ecmp } from "../ecmp/ecmp";
import { buildDemands } from "../demands";
import { buildNetwork } from "../network";
import type { WeightedList } from "../placement";
import { orderMoves } from "./order-moves";
import { beginWith, move } from "./problem";

/** Ways from s to t over m0, m1, ...; each takes so many Mbit/s. Plain routing takes the first. */
function parallelWays(...capacities: number[]): Ecmp {
  const nodes = ["s", "t", ...capacities.map((_, i) => `m${i}`)].map((name) => ({ name, isHost: false }));
  const links = capacities.flatMap((capacityMbps, i) => [
    { name: `s-m${i}`, from: 0, to: i + 2, igp: i + 1, capacityMbps },
    { name: `m${i}-t`, from: i + 2, to: 1, igp: 1, capacityMbps },
  ]);
  return new Ecmp(buildNetwork(nodes, links));
}

const over = (way: number): readonly WeightedList[] => [{ weight: 1, midpoints: [way + 2] }];

/** Demands as [Mbit/s, way before, way after]. */
function ordered(ecmp: Ecmp, ...plan: [number, number, number][]) {
  const demands = buildDemands(plan.map(([mbps], i) => ({ name: `d${i}`, from: 0, to: 1, mbps })));
  const working = beginWith(
    ecmp,
    demands,
    plan.map(([, before]) => over(before)),
  );
  plan.forEach(([, before, after], demand) => {
    const to = carriage(ecmp, 0, 1, over(after));
    if (to !== undefined && before !== after) move(working, demand, to);
  });
  const { steps, blocked, peak } = orderMoves(working);
  return { steps, blocked: blocked.map(({ demand }) => demand), peak, now: working.now.map((one) => one?.lists) };
}

test("who waits for room moves after those who make it", () => {
  // 0 goes to the way that 1 leaves, and 1 to the one that 2 leaves.
  const { steps, blocked, peak } = ordered(parallelWays(10, 10, 10, 10), [8, 0, 1], [8, 1, 2], [8, 2, 3]);
  expect({ steps, blocked }).toEqual({ steps: [2, 1, 0], blocked: [] });
  expect(peak).toBeCloseTo(0.8, 9);
});

test("two that would have to change places at once stay, and are named", () => {
  const { steps, blocked, now } = ordered(parallelWays(10, 10), [8, 0, 1], [8, 1, 0]);
  expect(steps).toEqual([]);
  expect(blocked.sort()).toEqual([0, 1]);
  expect(now).toEqual([over(0), over(1)]);
});

test("a link that is overbooked at the start may be no fuller on the way", () => {
  const { steps, peak } = ordered(parallelWays(10, 20), [9, 0, 1], [9, 0, 1], [9, 0, 0]);
  expect(steps).toHaveLength(2);
  expect(peak).toBeCloseTo(2.7, 9);
});

test("a placement that is no change has no steps", () => {
  expect(ordered(parallelWays(10), [5, 0, 0])).toMatchObject({ steps: [], blocked: [], peak: 0.5 });
});
