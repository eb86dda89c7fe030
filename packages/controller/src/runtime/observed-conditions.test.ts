import type { ListKey, PathState, PolicyKey } from "@sextant/model";
import { match } from "../../../../test/support/desired";
import type { PolicyEntries } from "../pipeline/entries";
import type { HostHealth } from "../pipeline/judge";
import { type HostObservation, observedConditions, observedTogether } from "./observed-conditions";
import type { HeldEntry } from "./session-state";

const KEY = "policy/web/bob" as PolicyKey;
const [FAST, SLOW] = ["list/0000000000000001" as ListKey, "list/0000000000000002" as ListKey];
const list = (key: ListKey) => ({
  revision: key,
  entry: {
    ...{ kind: "list" as const, key, encapsulation: "insert" as const, signingKeyId: undefined },
    ...{ segments: [], probeSegments: [], alternateProbeSegments: [] },
  },
  loops: { out: [], backs: [] },
  pin: "loose" as const,
});
const entries: PolicyEntries = {
  intent: "web",
  key: KEY,
  lists: [list(FAST), list(SLOW)],
  policy: {
    revision: "p1",
    entry: {
      kind: "policy",
      key: KEY,
      intent: "web",
      endpoint: "bob",
      generation: 4,
      priority: 1,
      candidates: [
        { preference: 100, lists: [{ list: FAST, weight: 1 }] },
        { preference: 90, lists: [{ list: SLOW, weight: 1 }] },
      ],
      onNoPath: "route",
      spread: { kind: "flow" },
      match: match(),
    },
  },
  decapsulatedBy: undefined,
};

const INSTALLED: HeldEntry = { revision: "", status: "installed", reason: "", message: "" };
const all = new Map<string, HeldEntry>([
  [FAST, { ...INSTALLED, revision: FAST }],
  [SLOW, { ...INSTALLED, revision: SLOW }],
  [KEY, { ...INSTALLED, revision: "p1" }],
]);
const but = (key: string, entry: Partial<HeldEntry>) =>
  new Map([...all, [key, { ...INSTALLED, ...all.get(key), ...entry }]]);
const without = (key: string) => new Map([...all].filter(([one]) => one !== key));
const health = (activeCandidate: number, fast: PathState, slow: PathState): HostHealth => {
  const path = (state: PathState) => ({
    state,
    sinceMs: 0,
    roundTripUs: 5,
    probesSent: 1,
    probesReturned: 1,
    lossPpm: 0,
    reason: "",
    withheld: false,
    deadReturns: 0,
    rareReturns: 0,
    probeIntervalUs: 0,
    traffic: { packets: 0n, bytes: 0n },
  });
  return {
    reportedAtMs: 0,
    paths: new Map([
      [FAST, path(fast)],
      [SLOW, path(slow)],
    ]),
    policies: new Map([[KEY, { packets: 0n, bytes: 0n, activeCandidate, candidates: [] }]]),
    packetsByReason: new Map(),
    driftRepairs: 0,
    uplinks: [],
    ignoredRows: 0,
  };
};
const seen = (fields: Partial<HostObservation>): HostObservation => ({
  held: all,
  health: undefined,
  stale: false,
  ...fields,
});

test.each<[string, HostObservation, string[]]>([
  [
    "no agent",
    seen({ held: undefined, health: health(0, "alive", "alive") }),
    ["Unknown AgentNotConnected", "Unknown AgentNotConnected", "Unknown AgentNotConnected"],
  ],
  ["a list under way", seen({ held: without(SLOW) }), ["False AwaitingAck", "False NotPushed", "Unknown NotInstalled"]],
  [
    "an older policy",
    seen({ held: but(KEY, { revision: "p0" }) }),
    ["False AwaitingAck", "False NotPushed", "Unknown NotInstalled"],
  ],
  [
    "a refused list",
    seen({ held: but(FAST, { status: "rejected", reason: "map_full" }) }),
    ["True Acknowledged", "False MapFull", "Unknown NotInstalled"],
  ],
  [
    "a waiting policy",
    seen({ held: but(KEY, { status: "waiting", reason: "cgroup_missing" }) }),
    ["True Acknowledged", "False CgroupMissing", "Unknown NotInstalled"],
  ],
  [
    "a refusal without a word",
    seen({ held: but(KEY, { status: "rejected" }) }),
    ["True Acknowledged", "False Rejected", "Unknown NotInstalled"],
  ],
  [
    "a list in the kernel that is told something of",
    seen({ held: but(FAST, { reason: "key_missing" }) }),
    ["True Acknowledged", "True KeyMissing", "Unknown NotReported"],
  ],
  ["no report yet", seen({}), ["True Acknowledged", "True Installed", "Unknown NotReported"]],
  [
    "an old report",
    seen({ health: health(0, "alive", "alive"), stale: true }),
    ["True Acknowledged", "True Installed", "Unknown ReportStale"],
  ],
  [
    "primary alive",
    seen({ health: health(0, "alive", "dead") }),
    ["True Acknowledged", "True Installed", "True ProbesReturn"],
  ],
  [
    "backup in use",
    seen({ health: health(1, "dead", "alive") }),
    ["True Acknowledged", "True Installed", "True ProbesReturn"],
  ],
  [
    "in use and dead",
    seen({ health: health(0, "dead", "alive") }),
    ["True Acknowledged", "True Installed", "False PathDead"],
  ],
  [
    "in use and unproven",
    seen({ health: health(0, "unproven", "alive") }),
    ["True Acknowledged", "True Installed", "Unknown Unproven"],
  ],
  [
    "nothing alive",
    seen({ health: health(-1, "dead", "dead") }),
    ["True Acknowledged", "True Installed", "False AllPathsDead"],
  ],
])("%s", (_what, host, expected) => {
  const conditions = observedConditions(entries, host);
  expect(conditions.map(({ status, reason }) => `${status} ${reason}`)).toEqual(expected);
  expect(conditions.map(({ observedGeneration }) => observedGeneration)).toEqual([4, 4, 4]);
});

test("an intent is as good as its worst policy", () => {
  const good = {
    name: "a to b",
    conditions: observedConditions(entries, seen({ health: health(0, "alive", "alive") })),
  };
  const away = { name: "c to b", conditions: observedConditions(entries, seen({ held: undefined })) };
  const dead = {
    name: "d to b",
    conditions: observedConditions(entries, seen({ health: health(-1, "dead", "dead") })),
  };
  const reasons = (...policies: (typeof good)[]) =>
    observedTogether(policies, 4).map(({ status, reason }) => `${status} ${reason}`);
  expect(reasons(good, good)).toEqual(["True Acknowledged", "True Installed", "True ProbesReturn"]);
  expect(reasons(good, away)).toEqual([
    "Unknown AgentNotConnected",
    "Unknown AgentNotConnected",
    "Unknown AgentNotConnected",
  ]);
  expect(reasons(away, good, dead)[2]).toBe("False AllPathsDead");
  expect(reasons()).toEqual(["False NothingSelected", "False NothingSelected", "False NothingSelected"]);
});

test("what a host has to say of what it has installed is in the message, of one policy and of several", () => {
  const message = "cdn.example: the servers do not answer, addresses of 3 min ago are in use";
  const good = { name: "a to b", conditions: observedConditions(entries, seen({})) };
  const stale = {
    name: "c to b",
    conditions: observedConditions(entries, seen({ held: but(KEY, { reason: "dns_stale", message }) })),
  };
  const installed = (...policies: (typeof good)[]) => observedTogether(policies, 4)[1];
  expect(installed(good, good)).toMatchObject({ status: "True", reason: "Installed", message: "all 2 policies" });
  expect(installed(stale)).toMatchObject({
    status: "True",
    reason: "DnsStale",
    message: `generation 4 is in the kernel; policy/web/bob: ${message}`,
  });
  const both = installed(good, stale);
  expect(both).toMatchObject({ status: "True", reason: "DnsStale" });
  expect(both?.message).toMatch(/^1 of 2 policies, first c to b: .*cdn\.example/);
});
