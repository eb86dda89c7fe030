import { Alarm, type FarEnd, patienceMs } from "./far-end-patience";

test.each<[string, FarEnd, boolean, number]>([
  ["one that owes nothing", { kind: "heard", owesMs: undefined }, true, 0],
  ["one that was just asked", { kind: "heard", owesMs: 0 }, false, 2_000],
  ["one that was asked a while ago", { kind: "heard", owesMs: 1_500 }, false, 500],
  ["one that has not come, for what replaces something", { kind: "unheard", uptimeMs: 1_000 }, true, 11_000],
  ["one that has not come, for something new", { kind: "unheard", uptimeMs: 1_000 }, false, 0],
])("%s", (_, end, replacement, expected) => {
  expect(patienceMs(end, replacement)).toBe(expected);
});

test.each<[string, FarEnd]>([
  ["does not answer", { kind: "heard", owesMs: 2_001 }],
  ["does not come", { kind: "unheard", uptimeMs: 12_001 }],
])("one that %s is given up in time", (_, end) => {
  expect(patienceMs(end, true)).toBeLessThan(0);
});

test("an alarm rings once, at the earliest time asked for", async () => {
  let rung = 0;
  const first = await new Promise<number>((resolve) => {
    const startedMs = performance.now();
    const alarm = new Alarm(() => {
      rung++;
      resolve(performance.now() - startedMs);
    });
    for (const delayMs of [60_000, 20, 30_000]) alarm.within(delayMs);
  });
  expect([rung, first < 10_000]).toEqual([1, true]);
});
