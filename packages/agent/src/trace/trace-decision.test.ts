import { type IpAddress, ipv6, ipv6Prefix, type IpPrefix, type PathState, type Sid } from "@sextant/model";
import type { KernelDestination, KernelList, KernelPolicy, KernelRule } from "../reconcile/data-plane";
import { rankOf } from "../reconcile/precedence";
import { decidingField } from "./rank-fields";
import { traceDecision, listsTaken, traceFit, type TraceState } from "./trace-decision";
import type { TracedPacket } from "./traced-packet";

const PACKET: TracedPacket = {
  source: ipv6("2001:db8:a::1"),
  destination: ipv6("2001:db8:b::1"),
  protocol: 17,
  sourcePort: 40_000,
  destinationPort: 5_000,
  dscp: 0,
  bytes: 1_000,
  socket: { cgroups: [1n, 7n, 70n], uid: 1_000, executable: { device: 8 << 20, inode: 99n } },
  forwarded: false,
};
const LIST: KernelList = {
  encapsulation: "insert",
  header: new Uint8Array(40),
  firstSegment: ipv6("2001:db8:ffff:1::") as Sid,
  nextHop: { ifindex: 2, gateway: undefined },
  mtu: 1_500,
  nonce: 1n,
};
const POLICY: KernelPolicy = {
  candidates: [
    { lists: [{ list: 1n, weight: 1 }] },
    {
      lists: [
        { list: 2n, weight: 1 },
        { list: 3n, weight: 3 },
      ],
    },
  ],
  onNoPath: "route",
  spread: { kind: "flow" },
};
const ANYTHING: Omit<KernelRule, "policy" | "rank"> = {
  protocol: undefined,
  source: undefined,
  sourcePorts: undefined,
  ports: undefined,
  dscp: undefined,
  cgroup: undefined,
  uid: undefined,
  executable: undefined,
};

function rule(
  asks: Partial<KernelRule> & { priority?: number } = {},
  destination: IpPrefix = ipv6Prefix("2001:db8:b::/64"),
) {
  const { priority = 100, ...fields } = asks;
  const asked = { ...ANYTHING, ...fields };
  return { policy: 5n, rank: rankOf({ ...asked, priority, destination }), ...asked };
}

function state(
  destinations: Record<string, readonly KernelRule[]>,
  listStates: readonly (readonly [bigint, PathState])[] = [],
  policy: KernelPolicy = POLICY,
): TraceState {
  const entries = Object.entries(destinations).map(([prefix, rules]): [IpPrefix, KernelDestination] => [
    prefix as IpPrefix,
    { rules, packetBytesMax: undefined },
  ]);
  return {
    destinations: new Map(entries),
    policies: new Map([
      [5n, policy],
      [6n, policy],
    ]),
    lists: new Map([1n, 2n, 3n].map((key) => [key, LIST])),
    judgements: new Map(listStates.map(([key, state]) => [key, { state, withheld: undefined }])),
    listSlots: new Map([1n, 2n, 3n].map((key) => [key, Number(key)])),
  };
}

test.each([
  ["protocol", { protocol: 6 }],
  ["source", { source: ipv6Prefix("2001:db8:c::/48") }],
  ["sourcePorts", { sourcePorts: { first: 1, last: 1_000 } }],
  ["ports", { ports: { first: 443, last: 443 } }],
  ["dscp", { dscp: 46 }],
  ["cgroup", { cgroup: { id: 8n, level: 1 } }],
  ["cgroup", { cgroup: { id: 70n, level: 3 } }],
  ["uid", { uid: 0 }],
  ["executable", { executable: { device: 8 << 20, inode: 98n } }],
] as const)("a rule that asks for another %s does not match, and says so", (field, asks) => {
  const { winner, rules, end } = traceDecision(state({ "2001:db8:b::/64": [rule(asks)] }), PACKET);
  expect(winner).toBeUndefined();
  expect(end).toBe("no_match");
  expect(rules[0]?.differences.map((difference) => difference.field)).toEqual([field]);
});

test.each([
  [{ protocol: 17, ports: { first: 5_000, last: 5_000 }, dscp: 0 }],
  [{ source: ipv6Prefix("2001:db8:a::/48"), sourcePorts: { first: 40_000, last: 50_000 } }],
  [{ cgroup: { id: 7n, level: 1 }, uid: 1_000, executable: { device: 8 << 20, inode: 99n } }],
])("a rule matches what it asks for: %j", (asks) => {
  expect(traceDecision(state({ "2001:db8:b::/64": [rule(asks)] }), PACKET).winner?.differences).toEqual([]);
});

test("the highest rank wins across nested prefixes, and every loser knows why", () => {
  const wide = rule({ priority: 200 }, ipv6Prefix("2001:db8::/32"));
  const narrow = rule({ policy: 6n });
  const other = rule({ priority: 300, protocol: 6 });
  const { rules, winner } = traceDecision(
    state({ "2001:db8::/32": [wide], "2001:db8:b::/64": [other, narrow] }),
    PACKET,
  );
  expect(winner?.rule).toBe(wide);
  expect(rules.map(({ rule: found }) => found)).toEqual([other, wide, narrow]);
  expect(decidingField(wide.rank, narrow.rank)).toBe("priority");
});

test.each([
  ["deeper cgroup", { cgroup: { id: 1n, level: 2 } }],
  ["executable", { executable: { device: 1, inode: 1n } }],
  ["user", { uid: 1 }],
  ["narrower destination ports", { ports: { first: 1, last: 2 } }],
  ["narrower source ports", { sourcePorts: { first: 1, last: 2 } }],
  ["protocol", { protocol: 6 }],
  ["DSCP", { dscp: 1 }],
  ["longer source prefix", { source: ipv6Prefix("2001:db8::/32") }],
] as const)("what decides between two ranks is told: %s", (field, asks) => {
  expect(decidingField(rule(asks).rank, rule().rank)).toBe(field);
});

test("the first candidate with a usable list is taken; flows share its lists by weight", () => {
  const decision = traceDecision(
    state({ "2001:db8:b::/64": [rule()] }, [
      [1n, "dead"],
      [2n, "alive"],
    ]),
    PACKET,
  );
  expect(decision.candidates.map(({ chosen }) => chosen)).toEqual([false, true]);
  const unknown = listsTaken(decision, { ...PACKET, sourcePort: undefined });
  expect(unknown.map(({ key, share }) => [key, share])).toEqual([
    [2n, 0.25],
    [3n, 0.75],
  ]);
});

test("a flow whose ports are known takes one list, and flows take lists by their shares", () => {
  const decision = traceDecision(state({ "2001:db8:b::/64": [rule()] }, [[1n, "dead"]]), PACKET);
  const ports = Array.from({ length: 4_000 }, (_, i) => 10_000 + i);
  const taken = ports.flatMap((sourcePort) => listsTaken(decision, { ...PACKET, sourcePort }));
  expect(taken).toHaveLength(ports.length);
  const share = taken.filter(({ key }) => key === 3n).length / ports.length;
  expect(Math.abs(share - 0.75)).toBeLessThan(0.03);
});

test.each([
  ["route", "no_path_routed"],
  ["drop", "no_path_dropped"],
] as const)("without a usable list the policy says what happens: %s", (onNoPath, end) => {
  const dead = [1n, 2n, 3n].map((key): [bigint, PathState] => [key, "dead"]);
  const decision = traceDecision(state({ "2001:db8:b::/64": [rule()] }, dead, { ...POLICY, onNoPath }), PACKET);
  expect(decision.end).toBe(end);
});

test.each<[string, Partial<TracedPacket>]>([
  ["local_scope", { destination: ipv6("ff02::1") }],
  ["local_scope", { destination: ipv6("fe80::1") }],
])("%s", (end, packet) => {
  expect(traceDecision(state({ "::/0": [rule()] }), { ...PACKET, ...packet }).end).toBe(end);
});

test("a packet that no prefix covers is told the nearest rules, destination first among the differences", () => {
  const far = state({ "2001:db8:b::/64": [rule()], "2001:db8:e::/64": [rule({ protocol: 6 })] });
  const { rules } = traceDecision(far, { ...PACKET, destination: ipv6("2001:db8:c::1") });
  expect(rules.map(({ differences }) => differences.map(({ field }) => field))).toEqual([
    ["destination"],
    ["destination", "protocol"],
  ]);
});

test.each<[string, Partial<KernelList>, Partial<TracedPacket>, unknown]>([
  ["fits to the byte", {}, { bytes: 1_460 }, { kind: "fits", bytes: 1_500 }],
  ["one byte more: the sender is told", {}, { bytes: 1_461 }, { kind: "too_big", bytes: 1_501, tellsMtu: 1_460 }],
  ["IPv6 has no smaller MTU", { mtu: 1_300 }, { bytes: 1_281 }, { kind: "too_big", bytes: 1_321, tellsMtu: 1_280 }],
  ["nothing to tell", { mtu: 1_300 }, { bytes: 1_280 }, { kind: "too_big", bytes: 1_320, tellsMtu: null }],
  ["forwarded, insert", {}, { forwarded: true }, { kind: "refused", reason: "forwarded_insert" }],
  ["from outside, insert", {}, { source: ipv6("2001:dead::1") }, { kind: "refused", reason: "source_foreign" }],
  ["a tunnel of its own, insert", {}, { protocol: 41 }, { kind: "refused", reason: "upper_layer_insert" }],
  ["forwarded, encap", { encapsulation: "encap" }, { forwarded: true }, { kind: "fits", bytes: 1_040 }],
  ["IPv4, insert", {}, { destination: "192.0.2.1" as IpAddress }, { kind: "refused", reason: "ipv4_insert" }],
])("%s", (_, list, packet, fit) => {
  const sources = new Set([ipv6Prefix("2001:db8::/32")]);
  expect(traceFit({ ...LIST, ...list }, { ...PACKET, ...packet }, sources)).toEqual(fit);
});
