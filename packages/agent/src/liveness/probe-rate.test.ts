import { ProbeRate } from "./probe-rate";

/** Sends every round `lateMs` after it is due, until a time; gives the times and what changed. */
function run(rate: ProbeRate, untilMs: number, lateMs: number) {
  const sentMs: number[] = [];
  let changes = 0;
  while (rate.dueMs + lateMs < untilMs) {
    const nowMs = rate.dueMs + lateMs;
    sentMs.push(nowMs);
    if (rate.sent(nowMs)) changes++;
  }
  return { sentMs, changes };
}

/** A repeatable sequence over [0, 1). */
const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
let seed = 7;

test.each([1, 3.3, 5, 10, 100])("%s ms: no drift, and gaps within a tenth", (intervalMs) => {
  const { sentMs, changes } = run(new ProbeRate(intervalMs, 0, random), 1_000 * intervalMs, intervalMs / 4);
  const gaps = sentMs.slice(1).map((time, i) => (time - (sentMs[i] ?? 0)) / intervalMs);
  expect(sentMs.length).toBeGreaterThanOrEqual(998);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.9 - 1e-9);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(1.1 + 1e-9);
  expect(changes).toBe(0);
});

test("rounds that were missed are not made up for", () => {
  const rate = new ProbeRate(10, 0, () => 0);
  rate.sent(5_003);
  expect(rate.dueMs).toBe(5_010);
});

test("a rate that the host cannot keep is refused, kept at what it can, and tried again after a minute", () => {
  const rate = new ProbeRate(1, 0, () => 0);
  const busy = () => Math.ceil((rate.dueMs + 1e-9) / 4) * 4;
  let changes = 0;
  for (let now = busy(); now < 30_000; now = busy()) if (rate.sent(now)) changes++;
  expect([changes > 0, rate.isRefused]).toEqual([true, true]);
  expect(rate.intervalMs).toBeGreaterThanOrEqual(4);
  expect(rate.intervalMs).toBeLessThan(20);
  run(rate, 120_000, 0);
  expect([rate.isRefused, rate.intervalMs]).toEqual([false, 1]);
});

test.each([
  [100, 350],
  [10, 900],
  [10, 5_000],
  [1_000, 5_000],
])("%s ms: a pause of %s ms refuses no rate that was kept before and after", (intervalMs, pauseMs) => {
  const rate = new ProbeRate(intervalMs, 0, () => 0);
  const before = run(rate, 60_000, intervalMs / 10);
  rate.sent(60_000 + pauseMs);
  const after = run(rate, 120_000, intervalMs / 10);
  expect([before.changes + after.changes, rate.intervalMs]).toEqual([0, intervalMs]);
});

test("rounds that are all late, none of them left out, refuse a rate in favour of one that is little slower", () => {
  const rate = new ProbeRate(10, 0, () => 0);
  run(rate, 1_500, 6);
  expect([rate.isRefused, rate.intervalMs]).toEqual([true, expect.closeTo(12.5, 0)]);
});
