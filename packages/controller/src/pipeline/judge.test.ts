import type { ListKey, PolicyKey } from "@sextant/model";
import { type HostReport, judge, type PathReport } from "./judge";

const LIST = "list/0000000000000001" as ListKey;
const POLICY = "policy/web/bob" as PolicyKey;
const wanted = new Set<ListKey | PolicyKey>([LIST, POLICY]);

const path = (fields: Partial<PathReport> = {}): PathReport => {
  return {
    list: LIST,
    state: "alive",
    stateAgeMs: 5_000,
    roundTripUs: 900,
    probesSent: 10,
    probesReturned: 9,
    lossPpm: 1,
    reason: "",
    withheld: false,
    deadReturns: 2,
    rareReturns: 0,
    probeIntervalUs: 0,
    traffic: { packets: 3n, bytes: 300n },
    ...fields,
  };
};
const report = (paths: PathReport[], fields: Partial<HostReport> = {}): HostReport => {
  return { paths, policies: [], packetsByReason: new Map(), driftRepairs: 0, uplinks: [], ...fields };
};

test("an age becomes a moment", () => {
  expect(judge(report([path()]), wanted, undefined, 100_000).paths.get(LIST)).toEqual({
    state: "alive",
    sinceMs: 95_000,
    roundTripUs: 900,
    probesSent: 10,
    probesReturned: 9,
    lossPpm: 1,
    reason: "",
    withheld: false,
    deadReturns: 2,
    rareReturns: 0,
    probeIntervalUs: 0,
    traffic: { packets: 3n, bytes: 300n },
  });
});

test.each([
  ["the same change, a little late", { stateAgeMs: 5_700 }, 101_000, 95_000],
  ["a change in between that ended in the same state", { stateAgeMs: 100 }, 101_000, 100_900],
  ["another state", { state: "dead" as const, stateAgeMs: 5_900 }, 101_000, 95_100],
])("%s", (_what, fields, nowMs, sinceMs) => {
  const before = judge(report([path()]), wanted, undefined, 100_000);
  expect(judge(report([path(fields)]), wanted, before, nowMs).paths.get(LIST)?.sinceMs).toBe(sinceMs);
});

test("what a report leaves out is no longer known", () => {
  const before = judge(report([path()]), wanted, undefined, 100_000);
  expect(judge(report([]), wanted, before, 101_000).paths.size).toBe(0);
});

test("rows about entries that the host should not have are counted over all reports, and nothing else", () => {
  const foreign = {
    policy: "policy/other/bob" as PolicyKey,
    packets: 1n,
    bytes: 1n,
    activeCandidate: 0,
    candidates: [],
  };
  const counters = { packets: 7n, bytes: 700n, activeCandidate: -1, candidates: [{ packets: 7n, bytes: 700n }] };
  const own = { policy: POLICY, ...counters };
  const rows = report([path({ list: "list/00000000000000ff" as ListKey })], {
    policies: [foreign, own],
    driftRepairs: 2,
  });
  const once = judge(rows, wanted, undefined, 1);
  const twice = judge(rows, wanted, once, 2);
  expect([once.ignoredRows, twice.ignoredRows]).toEqual([2, 4]);
  expect(twice.paths.size).toBe(0);
  expect(twice.policies).toEqual(new Map([[POLICY, counters]]));
  expect(twice.driftRepairs).toBe(2);
});
