import { buildDemands } from "./demands";
import { lowerBound } from "./lower-bound";
import { buildNetwork } from "./network";
import { place } from "./place";
import type { Placement, WeightedList } from "./placement";

/*
 *       b            Plain routing takes a-b-d. All links carry 10 Mbit/s.
 *     ╱   ╲
 *   a ─ c ─ d
 */
const NAMES = ["a", "b", "c", "d"];
const [A, B, C, D] = [0, 1, 2, 3];
const network = buildNetwork(
  NAMES.map((name) => ({ name, isHost: false })),
  [
    [A, B, 1],
    [B, D, 1],
    [A, C, 2],
    [C, D, 2],
  ].flatMap(([from = 0, to = 0, igp = 0]) => [
    { name: `${NAMES[from] ?? ""}${NAMES[to] ?? ""}`, from, to, igp, capacityMbps: 10 },
    { name: `${NAMES[to] ?? ""}${NAMES[from] ?? ""}`, from: to, to: from, igp, capacityMbps: 10 },
  ]),
);
const plain: readonly WeightedList[] = [{ weight: 1, midpoints: [] }];
const viaC: readonly WeightedList[] = [{ weight: 1, midpoints: [C] }];

function demandsOf(...mbps: number[]) {
  return buildDemands(mbps.map((amount, i) => ({ name: `d${i}`, from: A, to: D, mbps: amount })));
}

test("whole demands where that is the optimum", async () => {
  const { placement, plain: before, after } = await place(network, demandsOf(6, 4, 2), { maxMidpoints: 2 });
  expect(before.mlu).toBeCloseTo(1.2, 9);
  expect(after.mlu).toBeCloseTo(0.6, 9);
  expect(placement.flat().every(({ midpoints }) => midpoints.length <= 1)).toBe(true);
});

test("a demand is split where that is the optimum", async () => {
  const { placement, after } = await place(network, demandsOf(9), { maxMidpoints: 2 });
  expect(placement).toEqual([
    expect.arrayContaining([
      { weight: 1, midpoints: [] },
      { weight: 1, midpoints: [C] },
    ]),
  ]);
  expect(after.mlu).toBeCloseTo(0.45, 9);
  expect(await lowerBound(network, demandsOf(9), placement)).toBeCloseTo(0.45, 6);
});

test("without midpoints nothing can be done", async () => {
  const { placement, order } = await place(network, demandsOf(9), { maxMidpoints: 0 });
  expect(placement).toEqual([plain]);
  expect(order).toEqual({ steps: [], blocked: [], peak: 0.9 });
});

test("of a few allowed moves the most useful", async () => {
  const { placement, after, order } = await place(network, demandsOf(2, 7, 3), { maxMidpoints: 1, maxMoves: 1 });
  expect(order.steps).toEqual([1]);
  expect(placement[0]).toEqual(plain);
  expect(after.mlu).toBeLessThanOrEqual(0.7 + 1e-9);
});

test("what is good already stays as it is, though another placement is as good", async () => {
  const start: Placement = [viaC, plain];
  const { placement, order } = await place(network, demandsOf(5, 5), { maxMidpoints: 2, start });
  expect(placement).toEqual(start);
  expect(order.steps).toEqual([]);
});

test("lists of the start that lead nowhere any more are given up without counting as moves", async () => {
  const nodes = ["a", "d", "gone"].map((name) => ({ name, isHost: false }));
  const cut = buildNetwork(nodes, [{ name: "ad", from: 0, to: 1, igp: 1, capacityMbps: 10 }]);
  const demands = buildDemands([{ name: "d", from: 0, to: 1, mbps: 5 }]);
  const start: Placement = [[{ weight: 1, midpoints: [2] }]];
  expect(await place(cut, demands, { maxMidpoints: 2, start, maxMoves: 0 })).toMatchObject({
    placement: [plain],
    before: { mlu: 0.5, unroutable: [] },
    after: { mlu: 0.5, unroutable: [] },
    order: { steps: [] },
  });
});

test("nothing to carry, and nothing to carry it on", async () => {
  const none = await place(network, demandsOf(), { maxMidpoints: 2 });
  expect(none).toMatchObject({ placement: [], after: { mlu: 0, unroutable: [] } });
  const bare = buildNetwork(
    [
      { name: "x", isHost: false },
      { name: "y", isHost: false },
    ],
    [],
  );
  const demands = buildDemands([{ name: "d", from: 0, to: 1, mbps: 1 }]);
  const lost = await place(bare, demands, { maxMidpoints: 2 });
  expect(lost).toMatchObject({ placement: [[]], after: { mlu: 0, unroutable: [0] } });
});

test("a network beyond the limit is refused", async () => {
  const nodes = Array.from({ length: 2_001 }, (_, i) => ({ name: `n${i}`, isHost: false }));
  await expect(place(buildNetwork(nodes, []), demandsOf(), { maxMidpoints: 2 })).rejects.toMatchObject({
    code: "resource_exhausted",
  });
});
