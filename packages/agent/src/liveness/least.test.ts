import { Least } from "./least";

const MINUTE_MS = 60_000;

test("the least of five minutes, and forgotten after ten at most", () => {
  const least = new Least();
  expect(least.value).toBeUndefined();
  least.add(5, 0);
  least.add(9, MINUTE_MS);
  expect(least.value).toBe(5);
  least.add(9, 6 * MINUTE_MS);
  expect(least.value).toBe(5);
  least.add(8, 12 * MINUTE_MS);
  expect(least.value).toBe(8);
});
