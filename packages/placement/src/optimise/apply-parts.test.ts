import { toWeights } from "./apply-parts";

const fraction = (part: number, ...midpoints: number[]) => ({ part, midpoints });

test.each<[string, ReturnType<typeof fraction>[], [number, number[]][]]>([
  ["a whole demand has weight 1", [fraction(1, 7)], [[1, [7]]]],
  [
    "halves are 1 and 1",
    [fraction(0.5), fraction(0.5, 3)],
    [
      [1, []],
      [1, [3]],
    ],
  ],
  [
    "parts are thousandths",
    [fraction(0.3334), fraction(0.6666, 3)],
    [
      [667, [3]],
      [333, []],
    ],
  ],
  ["crumbs go", [fraction(0.9999, 1), fraction(0.0001, 2)], [[1, [1]]]],
])("%s", (_, fractions, expected) => {
  expect(toWeights(fractions).map(({ weight, midpoints }) => [weight, midpoints])).toEqual(expected);
});

test("more than 32 lists: the greatest", () => {
  const many = Array.from({ length: 40 }, (_, i) => fraction(i + 1, i));
  const weights = toWeights(many);
  expect(weights).toHaveLength(32);
  expect(weights.map(({ midpoints: [node] }) => node)).not.toContain(7);
});
