import type { DesiredState, EntryKey, ListKey, PolicyKey, Revised } from "@sextant/model";
import type { HostHealth, PathHealth } from "../pipeline/judge";
import { reportEvents } from "./path-events";

const FAST = "list/000000000000000a" as ListKey;
const SLOW = "list/000000000000000b" as ListKey;
const KEY = "policy/web/bob" as PolicyKey;

const desired: DesiredState = new Map<EntryKey, Revised>(
  [
    { kind: "list", key: FAST, segments: ["2001:db8:3::"] },
    {
      kind: "policy",
      key: KEY,
      intent: "web",
      endpoint: "bob",
      onNoPath: "route",
      candidates: [
        { preference: 100, lists: [{ list: FAST, weight: 1 }] },
        { preference: 90, lists: [{ list: SLOW, weight: 1 }] },
      ],
    },
  ].map((entry) => [entry.key, { revision: "r", entry } as unknown as Revised]),
);

type Told = Partial<Pick<PathHealth, "state" | "reason" | "withheld" | "sinceMs">>;

function health(activeCandidate: number, paths: Partial<Record<ListKey, Told>>): HostHealth {
  const counts = {
    roundTripUs: 1,
    probesSent: 1,
    probesReturned: 1,
    lossPpm: 0,
    deadReturns: 0,
    rareReturns: 0,
    probeIntervalUs: 0,
  };
  const rest = { ...counts, traffic: { packets: 0n, bytes: 0n } };
  const known = Object.entries(paths).map(([list, told]) => {
    return [
      list as ListKey,
      { state: "alive" as const, reason: "", withheld: false, sinceMs: 1, ...rest, ...told },
    ] as const;
  });
  return {
    reportedAtMs: 1_000,
    paths: new Map(known),
    policies: new Map([[KEY, { packets: 0n, bytes: 0n, activeCandidate, candidates: [] }]]),
    packetsByReason: new Map(),
    driftRepairs: 0,
    uplinks: [],
    ignoredRows: 0,
  };
}

const between = (before: HostHealth | undefined, after: HostHealth) =>
  reportEvents({ host: "alice", before, after, desired }).map(({ kind, object, reason, message, atMs }) => {
    return { kind, object, reason, message, atMs };
  });

const ALIVE = health(0, { [FAST]: {}, [SLOW]: {} });
const DEAD = { state: "dead", reason: "probes_missing", sinceMs: 900 } as const;
const PATH = { kind: "Path", object: "alice/000000000000000a" };

test.each([
  ["nothing changed", ALIVE, ALIVE, []],
  ["all is well at first sight", undefined, ALIVE, []],
  ["not proven yet at first sight", undefined, health(0, { [FAST]: { state: "unproven" } }), []],
])("nothing is told when %s", (_what, before, after, events) => {
  expect(between(before, after)).toEqual(events);
});

test("a path dies: what, when and why; then the packets that leave it", () => {
  expect(between(ALIVE, health(1, { [FAST]: DEAD, [SLOW]: {} }))).toEqual([
    { ...PATH, reason: "PathDead", message: "dead: probes_missing; segments 2001:db8:3::", atMs: 900 },
    {
      kind: "Intent",
      object: "web",
      reason: "OnBackup",
      message:
        "alice to bob: packets take the backup (preference 90), and the primary (preference 100) no more, which is dead: probes_missing",
      atMs: undefined,
    },
  ]);
});

test.each([
  ["comes back", health(0, { [FAST]: DEAD }), health(0, { [FAST]: { sinceMs: 950 } }), "PathAlive", 950],
  ["is left alone for loss", ALIVE, health(0, { [FAST]: { withheld: true, reason: "loss" } }), "PathWithheld", 1_000],
  [
    "is used again",
    health(0, { [FAST]: { withheld: true, reason: "loss" } }),
    health(0, { [FAST]: {} }),
    "PathAlive",
    1_000,
  ],
  ["is dead at first sight", undefined, health(0, { [FAST]: DEAD }), "PathDead", 900],
  ["died and came back between two reports", ALIVE, health(0, { [FAST]: { sinceMs: 970 } }), "PathAlive", 970],
  ["is proved", health(0, { [FAST]: { state: "unproven" } }), health(0, { [FAST]: { sinceMs: 5 } }), "PathAlive", 5],
])("a path that %s", (_what, before, after, reason, atMs) => {
  expect(between(before, after)).toMatchObject([{ ...PATH, reason, atMs }]);
});

test.each([
  ["the last candidate dies", 1, -1, "NoLiveCandidate"],
  ["one comes back after all were dead", -1, 1, "OnBackup"],
  ["the primary is taken again", 1, 0, "OnPrimary"],
])("%s", (_what, before, after, reason) => {
  const events = between(health(before, { [FAST]: {} }), health(after, { [FAST]: {} }));
  expect(events).toMatchObject([{ kind: "Intent", object: "web", reason }]);
});

test("a host first heard of on its backup", () => {
  expect(between(undefined, health(1, { [FAST]: {} }))).toMatchObject([{ reason: "OnBackup" }]);
});

test("a policy that the host should not have says nothing", () => {
  const change = { host: "alice", before: ALIVE, after: health(1, { [FAST]: {}, [SLOW]: {} }), desired: new Map() };
  expect(reportEvents(change)).toEqual([]);
});
