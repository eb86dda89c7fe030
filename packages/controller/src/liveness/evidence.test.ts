import { list } from "../../../../test/support/desired";
import { detectionMs, type ProbeRate, TRANSIT_MS, weigh } from "./evidence";
import { type ListReport, type WatchedLoop, WatchedLists } from "./watched-lists";

/** Edges: 1 is the way out of the list, 2 its way back, 3 the alternate one. */
const [OUT, BACK, ALTERNATE] = [1, 2, 3];
const RATE: ProbeRate = { intervalMs: 10, multiplier: 3 };
const NOW_MS = 1_000_000;

const ALIVE: ListReport = {
  state: "alive",
  sinceMs: 0,
  reason: "",
  deadReturns: 0,
  rareReturns: 0,
  probeIntervalUs: 0,
  roundTripUs: 2_000,
};
const died = (agoMs: number): ListReport => ({
  ...ALIVE,
  state: "dead",
  sinceMs: NOW_MS - agoMs,
  reason: "probes_missing",
});

/** Hosts with one list each: the ways of its probes and what was reported of it. */
function watched(hosts: Record<string, { out: number[]; backs: number[][]; report: ListReport }>): WatchedLists {
  const lists = new WatchedLists();
  const entry = list(1);
  for (const [host, { out, backs, report }] of Object.entries(hosts)) {
    lists.watch(host, new Map([[entry.key, { revision: "", entry, loops: { out, backs }, pin: "loose" }]]), NOW_MS);
    lists.report(host, new Map([[entry.key, report]]), NOW_MS);
  }
  return lists;
}

function loopOf(lists: WatchedLists, edge: number, back: number): WatchedLoop {
  const loop = [...lists.crossing(edge)].find((each) => each.back === back);
  if (loop === undefined) throw new Error(`no loop crosses ${edge}`);
  return loop;
}

test.each<[string, Partial<ListReport>, ProbeRate, [out: number, first: number, alternate: number]]>([
  ["both take turns", {}, RATE, [32, 62, 62]],
  ["the alternate is only asked after", { rareReturns: 2 }, RATE, [32, 32, 602]],
  ["the first is only asked after", { rareReturns: 1 }, RATE, [32, 602, 32]],
  ["two are too few where there are two ways back", {}, { ...RATE, multiplier: 2 }, [32, 62, 62]],
  ["probes are under way for long", { roundTripUs: 150_000 }, RATE, [180, 210, 210]],
])("how long a list with two ways back takes to notice: %s", (_, report, rate, expected) => {
  const lists = watched({ a: { out: [OUT], backs: [[BACK], [ALTERNATE]], report: { ...ALIVE, ...report } } });
  const noticed = [
    detectionMs(loopOf(lists, OUT, 0), OUT, rate),
    detectionMs(loopOf(lists, BACK, 0), BACK, rate),
    detectionMs(loopOf(lists, ALTERNATE, 1), ALTERNATE, rate),
  ];
  expect(noticed).toEqual(expected);
});

test("a list with one way back notices all of it alike, with as few probes as are asked for", () => {
  const lists = watched({ a: { out: [OUT], backs: [[BACK]], report: ALIVE } });
  const noticed = [OUT, BACK].map((edge) => detectionMs(loopOf(lists, edge, 0), edge, { ...RATE, multiplier: 2 }));
  expect(noticed).toEqual([22, 22]);
});

/** Edges that a's dead list accuses and nobody acquits, and when that may change. */
function judged(lists: WatchedLists, rates: Record<string, ProbeRate> = {}, broken: number[] = []) {
  const rateOf = ({ list: { host } }: WatchedLoop) => rates[host] ?? RATE;
  const { paths, moreAtMs } = weigh({ lists, broken: new Set(broken), rateOf, nowMs: NOW_MS });
  const acquitted = new Set(paths.flatMap(({ edges, isDead }) => (isDead ? [] : Array.from(edges))));
  const accused = paths.flatMap(({ edges, isDead }) => (isDead ? Array.from(edges) : []));
  return { open: accused.filter((edge) => !acquitted.has(edge)), moreInMs: moreAtMs && moreAtMs - NOW_MS };
}

/** a's list has died `agoMs` ago over edges 1 and 2; b crosses 1 and 5, and says that it is alive. */
const pair = (agoMs: number, b: ListReport = ALIVE) =>
  watched({
    a: { out: [OUT], backs: [[BACK]], report: died(agoMs) },
    b: { out: [OUT], backs: [[5]], report: b },
  });

test("another's list says nothing until it would have noticed, then it acquits", () => {
  // Broken 20 ms before it was found dead at the latest; b needs 32 ms from then.
  expect(judged(pair(0))).toEqual({ open: [OUT, BACK], moreInMs: 12 + TRANSIT_MS });
  expect(judged(pair(11 + TRANSIT_MS))).toEqual({ open: [OUT, BACK], moreInMs: 1 });
  expect(judged(pair(12 + TRANSIT_MS))).toEqual({ open: [BACK], moreInMs: undefined });
});

test("a slow list says nothing for as long as it takes it to notice, whatever others know", () => {
  const slow = { b: { intervalMs: 1_000, multiplier: 3 } };
  expect(judged(pair(2_900), slow).open).toEqual([OUT, BACK]);
  expect(judged(pair(3_100), slow).open).toEqual([BACK]);
});

test("a list that came back after the failure acquits at once", () => {
  expect(judged(pair(0, { ...ALIVE, sinceMs: NOW_MS })).open).toEqual([BACK]);
});

test.each<[string, ListReport]>([
  ["unproven", { ...ALIVE, state: "unproven" }],
  ["dead", died(0)],
])("a list that is %s acquits nothing, however long it was so", (_, report) => {
  expect(judged(pair(60_000, report)).open).toEqual(expect.arrayContaining([OUT, BACK]));
});

test("a way back that is asked after now and then does not acquit before it was", () => {
  const lists = (agoMs: number) =>
    watched({
      a: { out: [OUT], backs: [[BACK]], report: died(agoMs) },
      b: { out: [5], backs: [[6], [BACK]], report: { ...ALIVE, rareReturns: 2 } },
    });
  expect(judged(lists(100)).open).toEqual([OUT, BACK]);
  expect(judged(lists(700)).open).toEqual([OUT]);
});

test("a way back that alone is dead accuses itself, and its list's way out", () => {
  const report: ListReport = { ...ALIVE, deadReturns: 2 };
  const lists = watched({ a: { out: [OUT], backs: [[BACK], [ALTERNATE]], report } });
  expect(judged(lists).open).toEqual([OUT, ALTERNATE]);
});

test("what crosses a link that is known to be broken is explained, and so is a host without a route", () => {
  expect(judged(pair(1_000), {}, [OUT])).toEqual({ open: [], moreInMs: undefined });
  const lists = watched({ a: { out: [OUT], backs: [[BACK]], report: { ...died(0), reason: "no_route" } } });
  expect(judged(lists).open).toEqual([]);
});

describe("a list that leads another way since a new topology", () => {
  const LIST = list(1);
  const entryOver = (out: number[]) => ({
    revision: "",
    entry: LIST,
    loops: { out, backs: [[BACK]] },
    pin: "loose" as const,
  });

  /** It was over edge 7 until `wayAgoMs` ago, and is over edge 1 now. */
  function rerouted(report: ListReport, wayAgoMs: number, others: Parameters<typeof watched>[0] = {}): WatchedLists {
    const lists = watched({ ...others, a: { out: [7], backs: [[BACK]], report } });
    lists.watch("a", new Map([[LIST.key, entryOver([OUT])]]), NOW_MS - wayAgoMs);
    lists.report("a", new Map([[LIST.key, report]]), NOW_MS);
    return lists;
  }

  test("dead since before: it speaks against that way when routers and probes have had the time to take it", () => {
    expect(judged(rerouted(died(5_000), 0))).toEqual({ open: [], moreInMs: 1_000 + 32 + TRANSIT_MS });
    expect(judged(rerouted(died(5_000), 1_100)).open).toEqual([OUT, BACK]);
  });

  test("dead since: at once", () => {
    expect(judged(rerouted(died(10), 20)).open).toEqual([OUT, BACK]);
  });

  test("alive all along: it acquits that way after it would have noticed", () => {
    const dead = { b: { out: [OUT], backs: [[6]], report: died(5_000) } };
    expect(judged(rerouted(ALIVE, 10, dead))).toEqual({ open: [OUT, 6], moreInMs: 22 + TRANSIT_MS });
    expect(judged(rerouted(ALIVE, 32 + TRANSIT_MS, dead)).open).toEqual([6]);
  });

  test("a way back that was dead on the way before speaks as late", () => {
    const report: ListReport = { ...ALIVE, deadReturns: 1 };
    expect(judged(rerouted(report, 0)).open).toEqual([]);
  });
});

test("edges have other numbers: what was reported stays with its list; one whose way has gone crosses nothing", () => {
  const lists = watched({
    a: { out: [OUT], backs: [[BACK]], report: died(1_000) },
    b: { out: [9], backs: [[ALTERNATE]], report: died(500) },
  });
  lists.renumber((edge) => (edge === 9 ? undefined : edge + 10));
  expect(judged(lists).open).toEqual([OUT + 10, BACK + 10]);
  expect([...lists.crossing(OUT), ...lists.crossing(9), ...lists.crossing(ALTERNATE + 10)]).toEqual([]);
  expect([...lists.ofHost("b").values()].map(({ report }) => report?.state)).toEqual(["dead"]);
});
