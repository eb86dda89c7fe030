import {
  type DesiredEntry,
  type DesiredList,
  type EntryKey,
  ipv6,
  ipv6Prefix,
  isListKey,
  isPolicyKey,
  kernelKeyOf,
  policyKey,
  SextantError,
  type Sid,
} from "@sextant/model";
import { domain, entries, list, listOf, policy, sid } from "../../../../test/support/desired";
import { MemoryDataPlane } from "../../../../test/support/memory-data-plane";
import { memoryEnvironment, UPLINK_MTU } from "../../../../test/support/memory-environment";
import { GRACE_MS, ReconciledHost } from "../testing/reconciled-host";
import type { KernelList } from "./data-plane";
import { type Environment, found } from "./environment";
import { headerBytes } from "./header-bytes";

const route = { nextHop: { ifindex: 2, gateway: ipv6("2001:db8:b::ff") }, mtu: UPLINK_MTU };
const everywhere = memoryEnvironment();
const only1 = (one: DesiredList) => ({ lists: [{ list: kernelKeyOf(one.key), weight: 1 }] });
const hex = (key: EntryKey) => (isListKey(key) || isPolicyKey(key) ? kernelKeyOf(key).toString(16) : key);

const a = list(1);
const b = list(2);

describe("make before break", () => {
  test("lists, then policies, then sources and destinations", () => {
    const host = new ReconciledHost();
    const video = policy("video", [a]);
    host.want(video, a, domain());
    expect(host.plane.writes).toEqual([
      "put_config",
      `put_list ${hex(a.key)}`,
      `put_policy ${hex(video.key)}`,
      "add_source 2001:db8::/32",
      "put_destination 2001:db8:aaaa::/64",
    ]);
  });

  test("a policy moves to a new list before the old one goes, and the old one outlives it by the grace period", () => {
    const host = new ReconciledHost();
    host.want(a, policy("video", [a]));
    const moved = host.want(b, policy("video", [b]));
    expect(host.plane.writes).toEqual([`put_list ${hex(b.key)}`, `put_policy ${hex(policyKey("video", "h"))}`]);
    expect(moved.removalDueMs).toBe(host.nowMs + GRACE_MS);
    host.nowMs -= 1;
    host.want(b, policy("video", [b]));
    expect(host.plane.writes).toEqual([]);
    const settled = host.want(b, policy("video", [b]));
    expect(host.plane.writes).toEqual([`delete_list ${hex(a.key)}`]);
    expect(settled.removalDueMs).toBeUndefined();
  });

  test("removal in reverse: destination at once, policy and list each a grace period after their last pointer", () => {
    const host = new ReconciledHost();
    host.want(a, policy("video", [a]));
    host.want();
    expect(host.plane.writes).toEqual(["delete_destination 2001:db8:aaaa::/64"]);
    host.want();
    expect(host.plane.writes).toEqual([`delete_policy ${hex(policyKey("video", "h"))}`]);
    host.want();
    expect(host.plane.writes).toEqual([`delete_list ${hex(a.key)}`]);
    host.want();
    expect(host.plane.writes).toEqual([]);
  });

  test("the same again writes nothing", () => {
    const host = new ReconciledHost();
    host.want(a, policy("video", [a]), domain());
    host.want(a, policy("video", [a]), domain());
    expect(host.plane.writes).toEqual([]);
  });
});

describe("waiting", () => {
  test("a missing cgroup: in the kernel without rows, and with them once it is there", () => {
    const host = new ReconciledHost();
    const wanted = [a, policy("video", [a], { match: { cgroup: "apps/video" } })];
    expect(host.reasons(host.want(...wanted))["policy/video/h"]).toBe("waiting cgroup_missing");
    expect(host.plane.destinations().size).toBe(0);
    host.environment = { ...everywhere, cgroupOf: () => found({ id: 42n, level: 2 }) };
    expect(host.reasons(host.want(...wanted))["policy/video/h"]).toBe("installed");
    expect([...host.plane.destinations().values()][0]?.rules[0]?.cgroup).toEqual({ id: 42n, level: 2 });
  });

  test("a first segment without a route: the list waits and the policy does without it", () => {
    const only = (reachable: Sid): Environment => ({
      ...everywhere,
      routeTo: (segment) => (segment === reachable ? route : undefined),
    });
    const host = new ReconciledHost(new MemoryDataPlane(), only(sid("2001:db8:2::")));
    const result = host.want(a, b, policy("video", [a, b]), policy("lost", [a], { onNoPath: "drop" }));
    expect(host.reasons(result)).toEqual({
      [a.key]: "waiting no_route",
      [b.key]: "installed",
      "policy/video/h": "installed",
      "policy/lost/h": "waiting no_route",
    });
    expect(host.plane.policies().get(kernelKeyOf(policyKey("video", "h")))?.candidates).toEqual([
      { lists: [] },
      only1(b),
    ]);
    expect(host.plane.policies().get(kernelKeyOf(policyKey("lost", "h")))).toEqual({
      candidates: [{ lists: [] }],
      onNoPath: "drop",
      spread: { kind: "flow" },
    });
  });

  test("an installed list stays while it has no route, but no policy uses it; it moves when there is another", () => {
    const host = new ReconciledHost();
    const wanted = [a, policy("video", [a])];
    const candidates = () => host.plane.policies().get(kernelKeyOf(policyKey("video", "h")))?.candidates;
    expect(host.want(...wanted).unreachable).toEqual(new Set());
    expect(candidates()).toEqual([only1(a)]);
    host.environment = { ...everywhere, routeTo: () => undefined };
    const result = host.want(...wanted);
    expect(host.reasons(result)).toEqual({ [a.key]: "installed", "policy/video/h": "installed" });
    expect(result.unreachable).toEqual(new Set([a.key]));
    expect(candidates()).toEqual([{ lists: [] }]);
    host.environment = { ...everywhere, routeTo: () => ({ nextHop: { ifindex: 3, gateway: undefined }, mtu: 1_400 }) };
    expect(host.want(...wanted).unreachable).toEqual(new Set());
    expect(candidates()).toEqual([only1(a)]);
    expect(host.plane.lists().get(kernelKeyOf(a.key))).toMatchObject({
      firstSegment: a.segments[0],
      nextHop: { ifindex: 3, gateway: undefined },
      mtu: 1_400,
      nonce: 1n,
    });
  });
});

describe("rejected entries keep what was there before", () => {
  const long = list(1, 2, 3, 4);
  const nested = ["2001:db8::/32", "2001:db8:1::/48", "2001:db8:1:1::/64"].map((prefix, index) =>
    policy(index === 2 ? "video" : `outer${index}`, [a], {
      match: { destinations: [ipv6Prefix(prefix)] },
      priority: 9 - index,
    }),
  );

  test.each<[string, string, DesiredEntry[]]>([
    ["a list that is too long", "too_many_segments", [long, policy("video", [long])]],
    [
      "a signed list that is inserted",
      "unsupported_mode",
      [listOf(a.segments, { signingKeyId: 1 }), policy("video", [listOf(a.segments, { signingKeyId: 1 })])],
    ],
    ["a list that is nowhere", "unknown_list", [policy("video", [b])]],
    ["too many candidates", "too_many_candidates", [a, policy("video", [a, a, a])]],
    [
      "a candidate of two lists",
      "too_many_lists",
      [
        a,
        b,
        policy("video", [], {
          candidates: [{ preference: 1, lists: [a, b].map(({ key }) => ({ list: key, weight: 1 })) }],
        }),
      ],
    ],
    [
      "more rules than the host has",
      "map_full",
      [
        a,
        policy("video", [a], {
          match: { ports: [1, 3, 5].map((port) => ({ first: port, last: port })) },
        }),
      ],
    ],
    [
      "more destinations than the host has",
      "map_full",
      [a, policy("video", [a], { match: { destinations: [1, 2, 3].map((n) => ipv6Prefix(`2001:db8:${n}::/48`)) } })],
    ],
  ])("%s: %s", (_, reason, wanted) => {
    const plane = new MemoryDataPlane({
      maxSegments: 3,
      maxCandidates: 2,
      maxListsPerCandidate: 1,
      maxNesting: 2,
      maxRules: 2,
      maxDestinations: 2,
    });
    const host = new ReconciledHost(plane);
    host.want(a, policy("video", [a]));
    const policies = plane.policies();
    const destinations = plane.destinations();
    const result = host.want(...wanted);
    expect(result.states.get(policyKey("video", "h"))).toMatchObject({ status: "rejected", reason });
    expect(plane.policies()).toEqual(policies);
    expect(plane.destinations()).toEqual(destinations);
    expect(plane.lists().has(kernelKeyOf(a.key))).toBe(true);
    host.want(...wanted);
    expect(plane.policies()).toEqual(policies);
  });

  test("prefixes around one another: the policy that matters least goes", () => {
    const host = new ReconciledHost(new MemoryDataPlane({ maxNesting: 2 }));
    const reasons = host.reasons(host.want(a, ...nested));
    expect(reasons).toMatchObject({
      "policy/outer0/h": "installed",
      "policy/outer1/h": "installed",
      "policy/video/h": "rejected too_many_nested",
    });
  });

  test("lists beyond the limit: those of the most important policies stay", () => {
    const host = new ReconciledHost(new MemoryDataPlane({ maxLists: 1 }));
    const result = host.want(a, b, policy("minor", [a], { priority: 1 }), policy("major", [b], { priority: 2 }));
    expect(host.reasons(result)).toEqual({
      [a.key]: "rejected map_full",
      [b.key]: "installed",
      "policy/minor/h": "rejected map_full",
      "policy/major/h": "installed",
    });
  });

  test.each([
    ["lists", { lists: 1 }],
    ["policies", { policies: 1 }],
    ["destinations", { destinations: 1 }],
  ])("a kernel whose map of %s is full sooner than it said: the rest goes in, in a sound order", (_, room) => {
    const host = new ReconciledHost(new MemoryDataPlane({}, room));
    const elsewhere = policy("second", [b], { match: { destinations: [ipv6Prefix("2001:db8:bbbb::/64")] } });
    const wanted = entries(a, b, policy("first", [a]), elsewhere);
    const reasons = Object.values(host.reasons(host.hold(wanted)));
    expect(reasons.filter((reason) => reason === "rejected map_full").length).toBeGreaterThan(0);
    expect(host.plane.destinations().size).toBe(1);
    const turns = Array.from({ length: 240 }, () => {
      host.hold(wanted);
      return host.plane.writes.length;
    });
    const late = turns.slice(120).filter((writes) => writes > 0);
    expect(late.length).toBeLessThanOrEqual(4);
  });

  test("room that comes of what others give up is found in time, and looked for ever less often", () => {
    const host = new ReconciledHost();
    const wanted = entries(a, policy("video", [a]));
    const putDestination = host.plane.putDestination.bind(host.plane);
    const triesMs: number[] = [];
    host.plane.putDestination = () => {
      triesMs.push(host.nowMs);
      throw new SextantError("map_full", "all rules rest");
    };
    const turnsUntil = (endMs: number) => {
      let reasons = host.reasons(host.hold(wanted));
      while (host.nowMs < endMs) reasons = host.reasons(host.hold(wanted));
      return reasons["policy/video/h"];
    };
    expect(turnsUntil(60_000)).toBe("rejected map_full");
    expect(triesMs).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000]);
    host.plane.putDestination = putDestination;
    expect(turnsUntil(64_000)).toBe("installed");
  });

  test("a domain that does not fit keeps the old one", () => {
    const host = new ReconciledHost(new MemoryDataPlane({}, { sources: 1 }));
    host.want(domain("2001:db8:1::/48"));
    const result = host.want(domain("2001:db8:1::/48", "2001:db8:2::/48"));
    expect(host.reasons(result)).toEqual({ domain: "rejected map_full" });
    expect(host.plane.domainSources()).toEqual(new Set(["2001:db8:1::/48"]));
  });
});

describe("drift", () => {
  const wanted = [a, b, policy("video", [a]), domain()];
  /** As the host installs it, second of its lists. */
  const kernelList = ({ encapsulation, segments }: DesiredList): KernelList => ({
    encapsulation: "insert",
    ...headerBytes({ encapsulation, segments, source: ipv6("::"), signingKey: undefined }),
    ...route,
    nonce: 2n,
  });
  const videoKey = kernelKeyOf(policyKey("video", "h"));

  test.each<[string, (plane: MemoryDataPlane) => void]>([
    ["a list is deleted", (plane) => plane.deleteList(kernelKeyOf(b.key))],
    [
      "a list gets another next hop",
      (plane) =>
        plane.putList(kernelKeyOf(b.key), {
          ...kernelList(b),
          nextHop: { ifindex: 9, gateway: undefined },
        }),
    ],
    [
      "a policy is changed",
      (plane) => plane.putPolicy(videoKey, { candidates: [], onNoPath: "drop", spread: { kind: "packet" } }),
    ],
    ["a destination is deleted", (plane) => plane.deleteDestination(ipv6Prefix("2001:db8:aaaa::/64"))],
    ["a source is deleted", (plane) => plane.deleteDomainSource(ipv6Prefix("2001:db8::/32"))],
    [
      "a header is changed",
      (plane) => plane.putList(kernelKeyOf(b.key), { ...kernelList(b), header: new Uint8Array(40) }),
    ],
    ["the MTU of a list is changed", (plane) => plane.putList(kernelKeyOf(b.key), { ...kernelList(b), mtu: 9_000 })],
    ["a sender is added", (plane) => plane.addSender({ sender: sid("2001:db8:bad::"), inner: ipv6Prefix("::/0") })],
    ["a source is added", (plane) => plane.addDomainSource(ipv6Prefix("2001:db8:bad::/48"))],
    [
      "the configuration is changed",
      (plane) =>
        plane.setConfig({ nodeSid: sid("2001:db8::"), decapsulationSid: undefined, probeMultiplier: 9, term: 0n }),
    ],
  ])("%s: put back and counted once", (_, disturb) => {
    const host = new ReconciledHost();
    host.want(...wanted);
    const before = JSON.stringify(snapshot(host.plane));
    disturb(host.plane);
    expect(host.want(...wanted).repairs).toHaveLength(1);
    expect(JSON.stringify(snapshot(host.plane))).toBe(before);
    expect(host.want(...wanted).repairs).toEqual([]);
  });

  test("a list added by hand goes after the grace period and counts once", () => {
    const host = new ReconciledHost();
    host.want(...wanted);
    host.plane.putList(7n, kernelList(b));
    const counts = [host.want(...wanted), host.want(...wanted), host.want(...wanted)].map(
      ({ repairs }) => repairs.length,
    );
    expect(counts).toEqual([0, 1, 0]);
    expect(host.plane.lists().has(7n)).toBe(false);
  });

  test("what a new agent finds is no drift, and its secrets are kept", () => {
    const first = new ReconciledHost();
    first.want(...wanted);
    const secrets = [...first.plane.lists().values()].map(({ nonce }) => nonce);
    const second = new ReconciledHost(first.plane);
    expect(second.want(...wanted).repairs).toEqual([]);
    expect(first.plane.writes).toEqual([]);
    expect([...first.plane.lists().values()].map(({ nonce }) => nonce)).toEqual(secrets);
  });
});

function snapshot(plane: MemoryDataPlane) {
  const text = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
  const maps = [plane.lists(), plane.policies(), plane.destinations()].map((map) =>
    [...map].map(([key, value]) => [String(key), JSON.stringify(value, text)]).sort(),
  );
  return [...maps, [...plane.domainSources()].sort(), plane.senders(), JSON.stringify(plane.config(), text)];
}
