import { createSnapshot } from "@sextant/controller";
import { parseDocuments, type Topology, topologyFromDocument } from "@sextant/model";
import type { JsonObject, Resource } from "../resource";
import { hostStory } from "./host-story";
import { intentStory, type Teller } from "./intent-story";
import { pathStory } from "./path-story";
import { segmentMeaning } from "./segment-meaning";

const NOW = Date.parse("2026-01-01T00:10:00Z");

function topology(): Topology {
  const text = `apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: t}
spec:
  locatorBlock: fcbb:bb00::/32
  algorithms: [{name: fast, id: 128, locatorBlock: "fcbb:cc00::/32", metric: delay}]
  nodes:
    - {name: west, nodeId: 1}
    - {name: east, nodeId: 2}
    - {name: h1, kind: host, nodeId: 0x101, attachedTo: west, addresses: ["2001:db8::1"]}
    - {name: h2, kind: host, nodeId: 0x102, attachedTo: east, addresses: ["2001:db8::2"]}
  links:
    - {a: west, b: east, aToB: {adjacencyFunction: 0xe001}}
`;
  const [document] = parseDocuments("t.yaml", text).documents;
  const result = document?.kind === "Topology" ? topologyFromDocument(document) : undefined;
  if (result === undefined || "issues" in result) throw new Error("not sound");
  return result;
}

const snapshot = createSnapshot(topology(), 1);
const teller: Teller = { snapshot, networkFor: () => snapshot, services: new Map(), nowMs: NOW, colour: false };

const condition = (type: string, status: string, reason: string, message: string) => {
  return { type, status, reason, message, observedGeneration: 2 };
};

const candidate = (preference: number, segment: string, health: JsonObject): JsonObject => ({
  preference,
  exact: true,
  nodes: ["h1", "west", "east", "h2"],
  links: ["h1-west", "west-east", "h2-east"],
  metrics: { delayUs: 8_300, igp: 10, te: 10, hops: 3, jitterUs: 0, lossPpm: 0 },
  segmentLists: [
    { weight: 1, encapsulation: "insert", segments: [segment], probeSegments: [], list: "list/0", ...health },
  ],
});

const intent = (status: JsonObject): Resource => ({
  kind: "Intent",
  name: "web",
  labels: { team: "a" },
  generation: 2,
  spec: {
    from: { hosts: ["h1"] },
    to: { hosts: ["h2"] },
    application: { cgroup: "apps/web", protocol: "tcp", ports: ["443", "8000-8100"] },
    objective: { minimize: "delay" },
    constraints: { maxDelayMs: 20, avoid: { srlgs: ["rhine"] }, via: [{ node: "west" }] },
    protection: { backups: 1, disjoint: "srlg" },
    onNoPath: "drop",
  },
  status,
});

describe("the story of an intent", () => {
  const onBackup = intent({
    conditions: [condition("Computed", "True", "PathFound", "3 hops"), condition("Live", "True", "ProbesReturn", "ok")],
    policies: [
      {
        host: "h1",
        endpoint: "h2",
        candidates: [
          candidate(100, "fcbb:bb00:1:e001::", { state: "dead", since: "2026-01-01T00:09:50Z", lossPpm: 1_000_000 }),
          candidate(90, "fcbb:bb00:2::", {
            state: "alive",
            since: "2026-01-01T00:00:00Z",
            roundTripUs: 16_700,
            lossPpm: 0,
          }),
        ],
        conditions: [condition("Live", "True", "ProbesReturn", "ok")],
        installedGeneration: 2,
        activeCandidate: 1,
        packets: 1_234,
        bytes: 1_500_000,
      },
    ],
  });

  test.each([
    ["title and verdict", "Intent web, generation 2, team=a: OnBackup"],
    ["what was asked", "TCP to ports 443, 8000-8100 of processes in apps/web from h1 to h2"],
    ["its constraints", "the lowest delay: at most 20 ms; nothing of risk group rhine; by way of west."],
    ["its protection", "1 backup that shares no risk group with it."],
    ["its last resort", "Without a usable path it is dropped."],
    ["what was chosen", "primary (preference 100): h1 > west > east > h2"],
    ["its metrics", "delay 8.3 ms, IGP 10, TE 10, 3 hops"],
    ["what plain routing would do", "plain routing would take the same way"],
    ["an adjacency segment", "fcbb:bb00:1:e001::  the shortest way to west, then over west-east to east"],
    ["a node segment", "fcbb:bb00:2::  the shortest way to east"],
    ["what is installed", "h1 has generation 2 installed"],
    ["what is in use", "packets take the backup (preference 90)"],
    ["a dead candidate", "primary: dead, for 10s, loss 100 %"],
    ["a live one", "backup: alive, for 10m, round trip 16.7 ms, loss 0 %"],
    ["counters", "1.2 k packets, 1.5 MB steered so far"],
  ])("tells %s", (_, text) => {
    expect(intentStory(onBackup, teller).join("\n")).toContain(text);
  });

  test("lists that share traffic, packed and signed, on the way back", () => {
    const list = (weight: number, middle: string, packets: number) => ({
      ...{ weight, encapsulation: "encap", signingKeyId: 9, segments: ["fcbb:bb00:2:102:ff46::"], probeSegments: [] },
      ...{ nodes: ["h1", middle, "h2"], state: "alive", packets, bytes: 0 },
    });
    const shared = { ...candidate(100, "", {}), segmentLists: [list(4, "west", 80), list(1, "east", 20)] };
    const policy = { host: "h1", endpoint: "h2", direction: "return", candidates: [shared], conditions: [] };
    const story = intentStory(intent({ conditions: [], policies: [policy] }), teller).join("\n");
    expect(story).toContain("Chosen for h1 to h2, return");
    expect(story).toContain("beside it: h1 > east > h2");
    expect(story).toContain("primary, in an outer header, signed with key 9, weight 4 of 5");
    expect(story).toContain(
      "fcbb:bb00:2:102:ff46::  the shortest way to east, the shortest way to h2, where the outer",
    );
    expect(story).toContain("primary: alive, 20 packets");
    expect(story).not.toContain("and then the packet's own destination");
  });

  test.each([
    [{ application: { systemdUnit: "web.service", dscp: "ef" } }, "Traffic with DSCP 46 of unit web.service from h1"],
    [
      { application: { user: 33, protocol: "icmp", sources: ["10.0.0.0/8"] } },
      "ICMP with sources in 10.0.0.0/8 of user 33",
    ],
    [{ application: {} }, "All traffic from h1 to h2"],
    [{ to: { names: [{ name: "a.example", at: "east" }] } }, "to a.example at east"],
    [{ mode: "usid" }, "Lists go onto packets as usid."],
    [{ bidirectional: true }, "The answers get paths of their own."],
    [
      { liveness: { probeIntervalMs: 3.3, multiplier: 4 } },
      "Its paths are probed every 3.3 ms, dead after 4 without an answer.",
    ],
    [
      { liveness: { maxLossPercent: 2 } },
      "A path that loses more than 2 %, or that is slower than asked, is left after 1000 ms.",
    ],
    [
      { multipath: { paths: 4, weights: "capacity", spread: "flowlet" } },
      "Up to 4 paths share it by flowlet (pauses of 500 us), by capacity.",
    ],
  ])("asked for %j it says so", (spec, words) => {
    const asked = intent({ conditions: [], policies: [] });
    const story = intentStory({ ...asked, spec: { ...asked.spec, ...spec } }, teller).join("\n");
    expect(story).toContain(words);
  });

  test("a refused entry is told with its reason", () => {
    const refused = condition("Installed", "False", "MapFull", "policy/web/h2 is rejected: no room for more policies");
    const story = intentStory(
      intent({
        conditions: [refused],
        policies: [
          {
            host: "h1",
            endpoint: "h2",
            candidates: [candidate(100, "fcbb:bb00:2::", {})],
            conditions: [refused],
            installedGeneration: 1,
          },
        ],
      }),
      teller,
    ).join("\n");
    expect(story).toContain("Installed: MapFull");
    expect(story).toContain("Installed is false: MapFull: policy/web/h2 is rejected: no room for more policies");
    expect(story).toContain("h1 still has generation 1 installed, not 2");
    expect(story).toContain("primary: unreported");
  });

  test("what is installed with something to say is told as well", () => {
    const noted = condition("Installed", "True", "DnsStale", "generation 2 is in the kernel; policy/web/h2: no server");
    const candidates = [candidate(100, "fcbb:bb00:2::", {})];
    const policy = { host: "h1", endpoint: "h2", candidates, conditions: [noted], installedGeneration: 2 };
    const story = intentStory(intent({ conditions: [noted], policies: [policy] }), teller).join("\n");
    expect(story).toContain("  installed, but DnsStale: generation 2 is in the kernel; policy/web/h2: no server");
  });

  test.each([
    ["True", "h1 does not have it installed"],
    ["Unknown", "h1 is not known to have it installed"],
  ])("what was never installed, when Pushed is %s", (pushed, text) => {
    const policy = {
      host: "h1",
      endpoint: "h2",
      candidates: [],
      conditions: [condition("Pushed", pushed, "", "")],
    };
    expect(intentStory(intent({ conditions: [], policies: [policy] }), teller).join("\n")).toContain(text);
  });

  test("without a path the reason takes its place", () => {
    const noPath = { reason: "MaxDelay", message: "20 ms is out of reach: best is 23.4 ms" };
    const story = intentStory(
      intent({ conditions: [], policies: [{ host: "h1", endpoint: "h2", candidates: [], noPath, conditions: [] }] }),
      teller,
    ).join("\n");
    expect(story).toContain("no path. MaxDelay: 20 ms is out of reach: best is 23.4 ms");
    expect(story).not.toContain("On the wire");
  });

  test("an intent that was not computed yet is a short story", () => {
    expect(intentStory(intent({}), teller)[0]).toContain("NotComputed");
  });
});

describe("the story of a host", () => {
  const host = (status: JsonObject): Resource => {
    return { kind: "Host", name: "h1", labels: {}, generation: 0, spec: {}, status };
  };

  test("connected: agent, entries, refusals, packets by reason in falling order", () => {
    const story = hostStory(
      host({
        session: {
          state: "connected",
          since: "2026-01-01T00:09:00Z",
          peer: "unix",
          agentVersion: "0.1.0",
          kernelRelease: "6.6.0",
          sentVersion: 3,
          ackedVersion: 2,
        },
        desiredEntries: 4,
        currentEntries: 3,
        notInstalledEntries: 1,
        notInstalled: [
          { key: "policy/web/h2", status: "waiting", reason: "cgroup_missing", message: "apps/web does not exist" },
        ],
        noted: [{ key: "policy/cdn/h2", reason: "dns_stale", message: "no server answers" }],
        lastReport: { at: "2026-01-01T00:09:59Z", stale: false },
        packetsByReason: { no_match: 5, inserted: 1_200, dropped: 0 },
        driftRepairs: 1,
      }),
      [],
      teller,
    ).join("\n");
    expect(story).toContain("agent 0.1.0 on kernel 6.6.0, connected for 1m");
    expect(story).toContain("delta 2 of 3 acknowledged");
    expect(story).toContain("3 of 4 entries have reached the host; 1 of them not in its kernel:");
    expect(story).toContain("policy/web/h2 is waiting: cgroup_missing: apps/web does not exist");
    expect(story).toContain("policy/cdn/h2 is installed, but dns_stale: no server answers");
    expect(story).toMatch(/inserted\s+1\.2 k\n\s+no_match\s+5$/);
    expect(story).not.toContain("dropped");
  });

  test("a refused agent is told with the reason", () => {
    const refused = { at: "2026-01-01T00:09:50Z", message: "it has seen a newer controller" };
    const story = hostStory(host({ session: { state: "never" }, desiredEntries: 1, refused }), [], teller).join("\n");
    expect(story).toContain("its agent was turned away 10s ago: it has seen a newer controller");
  });

  test("a path of many policies names a few of them", () => {
    const policies = Array.from({ length: 1_000 }, (_, i) => `policy/p${i}/h2`);
    const status = { host: "h1", segments: ["fcbb:bb00:2::"], probeSegments: [], policies, stale: false };
    const path = { kind: "Path", name: "h1/0", labels: {}, generation: 0, spec: {}, status };
    const story = hostStory(host({ session: { state: "never" }, desiredEntries: 1 }), [path], teller).join("\n");
    expect(story).toContain("policy/p0/h2, policy/p1/h2, policy/p2/h2 and 997 more");
  });

  test.each([
    [{ state: "never" }, "has not connected"],
    [{ state: "disconnected", since: "2026-01-01T00:05:00Z" }, "left 5m ago; the host keeps forwarding"],
  ])("%j", (session, text) => {
    expect(hostStory(host({ session, desiredEntries: 1 }), [], teller).join("\n")).toContain(text);
  });
});

test("the story of a path: where it leads, how it is probed, who uses it", () => {
  const status = {
    host: "h1",
    segments: ["fcbb:bb00:2::"],
    probeSegments: ["fcbb:bb00:2::", "fcbb:bb00:102::", "fcbb:bb00:1::"],
    alternateProbeSegments: ["fcbb:bb00:2::", "fcbb:bb00:102::"],
    deadReturns: 1,
    policies: ["policy/web/h2"],
    stale: true,
    state: "alive",
    since: "2026-01-01T00:09:00Z",
    probesSent: 600,
    probesReturned: 599,
  };
  const story = pathStory({ kind: "Path", name: "h1/0", labels: {}, generation: 0, spec: {}, status }, teller).join(
    "\n",
  );
  expect(story).toContain("alive, for 1m");
  expect(story).toContain("too old to rely on");
  expect(story).toContain("599 of 600 probes returned");
  expect(story).toContain("fcbb:bb00:102::  the shortest way to h2");
  expect(story).toContain("way back 1 dead");
  expect(story).toContain("and back to h1");
  expect(story).toContain("come back another way");
  expect(story).toContain("policy/web/h2");
});

describe("a segment's meaning", () => {
  test.each([
    ["fcbb:bb00:1::", "west"],
    ["fcbb:bb00:9::", "no longer has"],
    ["fcbb:cc00:2::", "the way of algorithm fast to east"],
    ["fcbb:cc00:1:e001:2::", "fast to west, then over west-east to east, the way of algorithm fast to east"],
    ["fcbb:bb00:2:e009::", "a link or binding of east that"],
    ["2001:db8::1", "not of this topology"],
    ["rubbish", "not of this topology"],
  ])("%s: %s", (segment, text) => {
    expect(segmentMeaning(teller.snapshot?.topology, segment)).toContain(text);
  });

  test("nothing is known without a topology", () => {
    expect(segmentMeaning(undefined, "fcbb:bb00:1::")).toContain("not of this topology");
  });
});
