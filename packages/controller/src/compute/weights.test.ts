import { weightsOf } from "./weights";

const UNLIMITED = Number.MAX_SAFE_INTEGER;

test.each<[string, number[], "equal" | "capacity", number[]]>([
  ["equal", [100, 400], "equal", [1, 1]],
  ["the smallest whole numbers", [100, 400, 250], "capacity", [2, 8, 5]],
  ["equal capacities", [40_000, 40_000], "capacity", [1, 1]],
  ["fractions of a Mbit/s", [0.5, 2], "capacity", [1, 4]],
  ["no capacity at all", [0, 1], "capacity", [1, 1_000]],
  ["unlimited beside unlimited", [UNLIMITED, UNLIMITED], "capacity", [1, 1]],
  ["rounded to sixteen bits", [1, 131_071], "capacity", [1, 65_535]],
  ["the most that a document may state beside the least", [UNLIMITED, 0.001], "capacity", [65_535, 1]],
])("%s", (_what, bottlenecks, weights, expected) => {
  expect(weightsOf(bottlenecks, weights)).toEqual(expected);
});
