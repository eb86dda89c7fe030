import { BACKOFF_MAX_MS, backoffMs } from "./backoff";

test.each([
  [0, 0, 100],
  [0, 0.999999, 50],
  [1, 0, 200],
  [3, 0, 800],
  [6, 0, 6_400],
  [7, 0, BACKOFF_MAX_MS],
  [7, 0.5, 7_500],
  [1_000_000, 0, BACKOFF_MAX_MS],
])("attempt %d with %d gives %d ms", (attempt, random, expected) => {
  expect(backoffMs(attempt, random)).toBe(expected);
});
