import { addSample, type LossWindow, lossPpm } from "./loss-window";

describe("loss window", () => {
  test("holds at most 101 samples, whatever the number of rounds", () => {
    let window: LossWindow = [];
    for (let round = 0n; round < 1_000n; round++) window = addSample(window, { known: round, returned: round });
    expect(window).toHaveLength(101);
  });

  test("rounds without news do not grow it", () => {
    let window: LossWindow = [];
    for (let round = 0; round < 1_000; round++) window = addSample(window, { known: 5n, returned: 5n });
    expect(window).toHaveLength(1);
  });

  test("old losses leave it", () => {
    let window: LossWindow = [{ known: 0n, returned: 0n }];
    for (let known = 1n; known <= 150n; known++) {
      window = addSample(window, { known, returned: known > 50n ? known - 50n : 0n });
    }
    expect(lossPpm(window)).toBe(0);
    expect(lossPpm(addSample(window, { known: 160n, returned: 100n }))).toBe(100_000);
  });

  test("late returns never make it negative", () => {
    expect(
      lossPpm([
        { known: 0n, returned: 0n },
        { known: 2n, returned: 5n },
      ]),
    ).toBe(0);
  });
});
