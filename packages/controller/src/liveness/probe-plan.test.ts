import fc from "fast-check";
import { type PlannedList, planProbes } from "./probe-plan";

const HOST_US = 100_000;
const SLOW_US = 1_000_000;

const list = (host: string, links: readonly number[], askedIntervalUs?: number): PlannedList => ({
  host,
  links,
  askedIntervalUs,
  hostIntervalUs: HOST_US,
});

test.each<[string, PlannedList[], number[]]>([
  ["nothing", [], []],
  ["a lone list watches its links", [list("a", [1, 2])], [HOST_US]],
  ["one host watches a link once", [list("a", [1]), list("a", [1])], [HOST_US, SLOW_US]],
  [
    "two hosts watch a link, a third one verifies",
    ["a", "b", "c"].map((host) => list(host, [1])),
    [HOST_US, HOST_US, SLOW_US],
  ],
  [
    "the list over most links goes first",
    [list("a", [1]), list("a", [2]), list("a", [1, 2])],
    [SLOW_US, SLOW_US, HOST_US],
  ],
  ["asked is done", [list("a", [1], 10_000), list("b", [1], 5_000), list("c", [1])], [10_000, 5_000, SLOW_US]],
  ["asked slower than the host's rate, but needed to watch", [list("a", [1], 500_000)], [HOST_US]],
  ["asked slower than the host's rate", [list("a", [1]), list("a", [1], 500_000)], [HOST_US, 500_000]],
  ["a list without links is verified", [list("a", [])], [SLOW_US]],
])("%s", (_sentence, lists, expected) => {
  expect([...planProbes(lists)]).toEqual(expected);
});

test("a host that probes more slowly than lists are verified stays at its rate", () => {
  const lists = [1, 2].map(() => ({ ...list("a", [1]), hostIntervalUs: 5_000_000 }));
  expect([...planProbes(lists)]).toEqual([5_000_000, 5_000_000]);
});

const lists = fc.array(
  fc.record({
    host: fc.constantFrom("a", "b", "c", "d"),
    links: fc.uniqueArray(fc.nat(12), { maxLength: 5 }),
    askedIntervalUs: fc.option(fc.constantFrom(1_000, 50_000, 400_000), { nil: undefined }),
    hostIntervalUs: fc.constant(HOST_US),
  }),
  { maxLength: 60 },
);

test("every link in use has two observers at full rate, where two hosts cross it; none is probed less than asked", () => {
  fc.assert(
    fc.property(lists, (planned) => {
      const intervals = planProbes(planned);
      for (const link of new Set(planned.flatMap(({ links }) => links))) {
        const crossing = planned.flatMap(({ host, links }, i) =>
          links.includes(link) ? [{ host, us: intervals[i] }] : [],
        );
        const watching = new Set(crossing.filter(({ us = 0 }) => us <= HOST_US).map(({ host }) => host));
        expect(watching.size).toBeGreaterThanOrEqual(Math.min(2, new Set(crossing.map(({ host }) => host)).size));
      }
      planned.forEach(({ askedIntervalUs = Number.POSITIVE_INFINITY }, i) => {
        expect(intervals[i]).toBeLessThanOrEqual(askedIntervalUs);
        expect(intervals[i]).toBeLessThanOrEqual(SLOW_US);
      });
    }),
  );
});

test("what is sent grows with the links, not with the lists: at most two full-rate lists per link", () => {
  fc.assert(
    fc.property(lists, (planned) => {
      const unasked = planned.map((each) => ({ ...each, askedIntervalUs: undefined }));
      const full = [...planProbes(unasked)].filter((us) => us === HOST_US).length;
      expect(full).toBeLessThanOrEqual(2 * new Set(planned.flatMap(({ links }) => links)).size);
    }),
  );
});

test("a list goes: who watches stays or is not needed, who comes watches a link of the list that went", () => {
  fc.assert(
    fc.property(lists, fc.nat(), (planned, at) => {
      const watching = [...planProbes(planned)].map((us) => us <= HOST_US);
      const gone = at % Math.max(1, planned.length);
      const rest = planned
        .map((each, i) => ({ ...each, rank: watching[i] === true ? (0 as const) : (2 as const) }))
        .filter((_, i) => i !== gone);
      const intervals = planProbes(rest);
      const newcomers = rest.filter(({ rank }, i) => rank === 2 && (intervals[i] ?? 0) <= HOST_US);
      const needed = watching[gone] === true ? (planned[gone]?.links ?? []) : [];
      for (const { links } of newcomers) expect(links.some((link) => needed.includes(link))).toBe(true);
    }),
    { numRuns: 500 },
  );
});
