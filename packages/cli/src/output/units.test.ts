import { formatAge, formatBytes, formatCount, formatLoss, formatMbps, formatMicroseconds } from "./units";

test.each([
  [0, "0 us"],
  [480, "480 us"],
  [3_240, "3.2 ms"],
  [10_000, "10 ms"],
  [10_720, "10.7 ms"],
  [107_200, "107 ms"],
  [1_500_000, "1.5 s"],
])("%i microseconds are %s", (us, text) => expect(formatMicroseconds(us)).toBe(text));

test.each([
  [0, "0"],
  [999, "999"],
  [1_000, "1 k"],
  [1_234, "1.2 k"],
  [999_999, "1 M"],
  [34_000_000, "34 M"],
  [2e18, "2000 P"],
])("a count of %i is %s", (count, text) => expect(formatCount(count)).toBe(text));

test("bytes, loss and capacity have units", () => {
  expect([formatBytes(12), formatBytes(1_500)]).toEqual(["12 B", "1.5 kB"]);
  expect([formatLoss(0), formatLoss(5_000), formatLoss(120_000)]).toEqual(["0 %", "0.5 %", "12 %"]);
  expect([formatMbps(400), formatMbps(40_000)]).toEqual(["400 Mbit/s", "40 Gbit/s"]);
});

test.each([
  [0, "0ms"],
  [850, "850ms"],
  [12_345, "12s"],
  [185_000, "3m 5s"],
  [180_000, "3m"],
  [7_800_000, "2h 10m"],
  [356_400_000, "4d 3h"],
])("%i milliseconds are %s", (ms, text) => expect(formatAge(ms)).toBe(text));
