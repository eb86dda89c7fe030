import { type Arrival, udpStatistics } from "./udp-statistics";

/** A packet per millisecond, all of them with 2 ms of delay. */
const sendTimes = Array.from({ length: 10 }, (_, i) => i * 1_000);
const arrival = (sequence: number, delayUs = 2_000): Arrival => ({
  sequence,
  sentUs: sequence * 1_000,
  arrivedUs: sequence * 1_000 + delayUs,
});
const all = sendTimes.map((_, i) => arrival(i));
const without = (...lost: number[]) => all.filter(({ sequence }) => !lost.includes(sequence));

test.each<[string, readonly Arrival[], Record<string, unknown>]>([
  ["everything arrives", all, { received: 10, lost: 0, duplicates: 0, reordered: 0, longestGapMs: 1, lostRuns: [] }],
  [
    "three in a row are lost",
    without(4, 5, 6),
    { received: 7, lost: 3, longestGapMs: 4, longestGapEnd: 7, lostRuns: [{ first: 4, count: 3 }] },
  ],
  [
    "the first ones are lost",
    without(0, 1),
    { lost: 2, longestGapMs: 2, longestGapEnd: 2, lostRuns: [{ first: 0, count: 2 }] },
  ],
  ["the last ones are lost", without(6, 7, 8, 9), { lost: 4, longestGapEnd: 10, lostRuns: [{ first: 6, count: 4 }] }],
  [
    "every other one is lost",
    without(1, 3, 5, 7, 9),
    { lost: 5, longestGapMs: 2, lostRuns: [1, 3, 5, 7, 9].map((first) => ({ first, count: 1 })) },
  ],
  ["one comes twice", [...all, arrival(9)], { received: 10, lost: 0, duplicates: 1, reordered: 0 }],
  [
    "two change places",
    [...without(4, 5), arrival(5), arrival(4, 4_000)].sort((x, y) => x.arrivedUs - y.arrivedUs),
    { lost: 0, duplicates: 0, reordered: 1 },
  ],
  [
    "nothing arrives",
    [],
    {
      received: 0,
      lost: 10,
      longestGapMs: 9,
      longestGapEnd: 10,
      delayUs: { min: 0, median: 0, p99: 0, max: 0 },
      lostRuns: [{ first: 0, count: 10 }],
    },
  ],
])("%s", (_what, arrivals, expected) => {
  expect(udpStatistics(sendTimes, arrivals)).toMatchObject({ sent: 10, ...expected });
});

test("delays are told by their distribution", () => {
  const arrivals = all.map(({ sequence }) => arrival(sequence, 1_000 + sequence * 100));
  expect(udpStatistics(sendTimes, arrivals).delayUs).toEqual({ min: 1_000, median: 1_500, p99: 1_900, max: 1_900 });
});

test("a stream of nothing is judged too", () => {
  expect(udpStatistics([], [])).toMatchObject({ sent: 0, received: 0, lost: 0, longestGapMs: 0, lostRuns: [] });
});
