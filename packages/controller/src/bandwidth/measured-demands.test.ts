import { MeasuredDemands, WINDOW_MS } from "./measured-demands";

const BYTES_PER_MBIT = 125_000;
const SECONDS = WINDOW_MS / 1_000;

/** A policy that sends at these rates, one window each. */
function measured(mbps: readonly number[], name = "a"): MeasuredDemands {
  const demands = new MeasuredDemands();
  let bytes = 1_000n;
  demands.observe("intent", name, bytes, 0);
  mbps.forEach((rate, i) => {
    bytes += BigInt(Math.round(rate * BYTES_PER_MBIT * SECONDS));
    demands.observe("intent", name, bytes, (i + 1) * WINDOW_MS);
  });
  return demands;
}

const changesTo = (demands: MeasuredDemands, reserved: number) =>
  demands.changes(() => reserved).map(({ mbps }) => mbps);

test.each<[string, number[], number, number[]]>([
  ["nothing is known before the first window", [], 0, []],
  ["the first window counts", [40], 0, [40]],
  ["rounded up to two digits", [12.31], 0, [13]],
  ["small ones too", [0.0123], 0, [0.013]],
  ["the greatest tenth is left out of ten windows", [5, 5, 5, 5, 5, 5, 5, 5, 5, 90], 0, [5]],
  ["of fewer it is not", [5, 5, 90], 0, [90]],
  ["only the last ten count", [90, 90, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5], 0, [5]],
  ["a little more is no change", [43], 40, []],
  ["much more is", [50], 40, [50]],
  ["a little less is no change", [30], 40, []],
  ["much less is", [20], 40, [20]],
  ["silence gives all back", [0], 40, [0]],
  ["and stays", [0], 0, []],
])("%s", (_, rates, reserved, expected) => {
  expect(changesTo(measured(rates), reserved)).toEqual(expected);
});

test("counters that begin anew count from there", () => {
  const demands = measured([40]);
  demands.observe("intent", "a", 0n, 2 * WINDOW_MS);
  demands.observe("intent", "a", BigInt(10 * BYTES_PER_MBIT * SECONDS), 3 * WINDOW_MS);
  expect(changesTo(demands, 20)).toEqual([40]);
  expect(changesTo(demands, 40)).toEqual([]);
});

test("few change at a time, the farthest first, and those that are measured no more never", () => {
  const demands = new MeasuredDemands();
  for (let i = 0; i < 50; i++) {
    demands.observe("intent", `p${i}`, 0n, 0);
    demands.observe("intent", `p${i}`, BigInt((i + 1) * BYTES_PER_MBIT * SECONDS), WINDOW_MS);
  }
  const first = demands.changes(() => 0);
  expect([first.length, first[0]?.mbps, first.at(-1)?.mbps]).toEqual([20, 50, 31]);
  demands.keepOnly((_, policy) => policy === "p3");
  expect(demands.changes(() => 0)).toEqual([{ intent: "intent", policy: "p3", mbps: 4 }]);
});
