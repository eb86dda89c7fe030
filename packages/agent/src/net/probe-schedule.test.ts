import type { ListKey } from "@sextant/model";
import { type LoopUse, WATCH_ROUNDS } from "../liveness/probe-loops";
import { ProbeSchedule, type ScheduledList } from "./probe-schedule";

const list = (name: string, hasAlternate: boolean, intervalUs = 10_000): ScheduledList => ({
  key: `list/${name}` as ListKey,
  intervalUs,
  hasAlternate,
});
const PLAIN = list("plain", false);
const PAIR = list("pair", true);
const uses = (all: Record<string, LoopUse>) =>
  new Map(Object.entries(all).map(([name, use]) => [`list/${name}` as ListKey, use]));

/** What goes in each of some rounds: `pair1` is the alternate loop of `pair`, `pair1?` asks after it alone. */
function sent(schedule: ProbeSchedule<ScheduledList>, rounds: number, intervalUs = 10_000): string[] {
  const places = schedule.probes.map(({ list: { key }, loop, loopOnly }) => {
    return `${key.slice("list/".length)}${loop}${loopOnly ? "?" : ""}`;
  });
  return Array.from({ length: rounds }, () => {
    const ranges = schedule.next(intervalUs);
    return ranges.flatMap(({ from, count }) => places.slice(from, from + count)).join(" ");
  });
}

test("a new list is probed by its first loop, and its alternate is asked after in the second round", () => {
  const schedule = new ProbeSchedule([PAIR, PLAIN], new Map());
  expect(sent(schedule, 3)).toEqual(["plain0 pair0", "plain0 pair0 pair1?", "plain0 pair0"]);
});

test("both loops take turns: no more probes than with one", () => {
  const schedule = new ProbeSchedule([PAIR, PLAIN], uses({ pair: "both", plain: "both" }));
  const rounds = sent(schedule, 2 * WATCH_ROUNDS);
  expect(rounds.slice(0, 4)).toEqual(["plain0 pair0", "plain0 pair1", "plain0 pair0", "plain0 pair1"]);
  expect(rounds.every((round) => round.split(" ").length === 2)).toBe(true);
});

test("a loop that no probe is counted by is asked after once in many rounds", () => {
  const schedule = new ProbeSchedule([PAIR], uses({ pair: "alternate" }));
  const rounds = sent(schedule, 2 * WATCH_ROUNDS);
  expect(rounds.filter((round) => round === "pair1")).toHaveLength(2 * WATCH_ROUNDS - 2);
  expect(rounds.filter((round) => round === "pair1 pair0?")).toHaveLength(2);
});

test("what is used may change between rounds", () => {
  const schedule = new ProbeSchedule([PAIR], new Map());
  sent(schedule, 2);
  schedule.use(uses({ pair: "alternate" }));
  expect(sent(schedule, 1)).toEqual(["pair1"]);
  schedule.use(new Map());
  expect(sent(schedule, 1)).toEqual(["pair0"]);
});

test("intervals have rounds of their own", () => {
  const schedule = new ProbeSchedule([PAIR, list("slow", true, 1_000_000)], uses({ pair: "both", slow: "both" }));
  expect([...schedule.intervalsUs]).toEqual([10_000, 1_000_000]);
  expect(sent(schedule, 3)).toEqual(["pair0", "pair1", "pair0"]);
  expect(sent(schedule, 2, 1_000_000)).toEqual(["slow0", "slow1"]);
  expect(schedule.next(5)).toEqual([]);
});

test("lists in a row are one range", () => {
  const lists = Array.from({ length: 64 }, (_, i) => list(String(i), true));
  const schedule = new ProbeSchedule(lists, uses(Object.fromEntries(lists.map((_, i) => [String(i), "both"]))));
  expect([schedule.next(10_000), schedule.next(10_000)]).toEqual([[{ from: 0, count: 64 }], [{ from: 64, count: 64 }]]);
});
