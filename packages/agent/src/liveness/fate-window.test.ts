import { FateWindow } from "./fate-window";

test("holds at most 101 samples, whatever the number of rounds; rounds without news do not grow it", () => {
  const window = new FateWindow();
  for (let round = 0n; round < 1_000n; round++) window.add({ known: round, returned: round });
  for (let round = 0; round < 1_000; round++) window.add({ known: 999n, returned: 999n });
  expect(window.size).toBe(101);
});

test("old losses leave it", () => {
  const window = new FateWindow();
  for (let known = 0n; known <= 150n; known++) window.add({ known, returned: known > 50n ? known - 50n : 0n });
  expect(window.lossPpm).toBe(0);
  window.add({ known: 160n, returned: 100n });
  expect(window.lossPpm).toBe(100_000);
});

test.each([
  ["nothing known", [], undefined],
  ["one observation", [[5n, 5n]], undefined],
  [
    "late returns never make it negative",
    [
      [0n, 0n],
      [2n, 5n],
    ],
    0,
  ],
  [
    "a quarter",
    [
      [0n, 0n],
      [100n, 75n],
    ],
    250_000,
  ],
  [
    "all lost",
    [
      [0n, 0n],
      [100n, 0n],
    ],
    1_000_000,
  ],
  [
    "totals that went backwards start again",
    [
      [100n, 50n],
      [1n, 1n],
    ],
    undefined,
  ],
] as const)("loss: %s", (_, samples, expected) => {
  const window = new FateWindow();
  for (const [known, returned] of samples) window.add({ known, returned });
  expect(window.lossPpm).toBe(expected);
});
