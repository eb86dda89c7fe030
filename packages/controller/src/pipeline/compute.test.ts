import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import { createSnapshot } from "../topology/snapshot";
import { compute } from "./compute";

/*
 *            b
 *     1 ms /   \ 1 ms          igp 10 everywhere
 *  h1 ─── a     d ─── h2
 *     5 ms \   / 1 ms
 *            c
 */
const DIAMOND = `
h1: a
h2: d
a-b igp=10 delayUs=1000 capacityMbps=100
b-d igp=10 delayUs=1000 capacityMbps=100
a-c igp=10 delayUs=5000 capacityMbps=1000 srlgs=duct
c-d igp=10 delayUs=1000 capacityMbps=1000
`;

/*
 *        b
 *      /   \                 a-b-d: delay 2, te 40    a-c-d: delay 6, te 20
 *  h1─a─ c ─d─h2            a-e-d: delay 10, te 10
 *      \   /
 *        e
 */
const THREE_WAYS = `
h1: a
h2: d
a-b igp=10 te=20 delayUs=1000 lossPpm=1000
b-d igp=10 te=20 delayUs=1000
a-c igp=10 te=10 delayUs=3000 lossPpm=100 jitterUs=900
c-d igp=10 te=10 delayUs=3000
a-e igp=10 te=5 delayUs=5000 jitterUs=5
e-d igp=10 te=5 delayUs=5000 lossPpm=200
`;

/*  Both hosts behind one router:   h1 ─ a ─ h2  */
const ONE_ROUTER = "h1: a\nh2: a\n";

/*
 *  Zero metrics everywhere:   h1 ─ a ─ b ─ h2, with c between a and b as well
 */
const ZERO = "h1: a\nh2: b\na-b igp=0\na-c igp=0\nc-b igp=0\n";

/*
 *  h1 ─ a ═ b ─ h2   two parallel links
 */
const PARALLEL = "h1: a\nh2: b\na-b igp=10 name=one delayUs=5\na-b igp=10 name=two delayUs=5\n";

/*
 *  m hangs off a alone:   h1 ─ a ─ d ─ h2
 *                              │
 *                              m
 */
const STUB = "h1: a\nh2: d\na-d igp=10\na-m igp=10\n";

test.each<[string, string, Record<string, unknown>, string]>([
  ["least delay", DIAMOND, {}, "h1 a b d h2"],
  ["avoid a node", DIAMOND, { constraints: { avoid: { nodes: ["b"] } } }, "h1 a c d h2"],
  ["avoid a link", DIAMOND, { constraints: { avoid: { links: ["b-d"] } } }, "h1 a c d h2"],
  [
    "avoid an SRLG",
    DIAMOND,
    { objective: { minimize: "te" }, constraints: { avoid: { srlgs: ["duct"] } } },
    "h1 a b d h2",
  ],
  ["enough capacity on every link", DIAMOND, { constraints: { minBandwidthMbps: 500 } }, "h1 a c d h2"],
  ["via a node", DIAMOND, { objective: { minimize: "igp" }, constraints: { via: [{ node: "c" }] } }, "h1 a c d h2"],
  [
    "via a node by the quickest way, though it passes d twice",
    DIAMOND,
    { constraints: { via: [{ node: "c" }] } },
    "h1 a b d c d h2",
  ],
  [
    "via two nodes in order",
    DIAMOND,
    { objective: { minimize: "hops" }, constraints: { via: [{ node: "c" }, { node: "b" }] } },
    "h1 a c a b d h2",
  ],
  ["ties fall to the link whose name comes first", DIAMOND, { objective: { minimize: "hops" } }, "h1 a b d h2"],
  ["least te", THREE_WAYS, { objective: { minimize: "te" } }, "h1 a e d h2"],
  [
    "least te within 6 ms",
    THREE_WAYS,
    { objective: { minimize: "te" }, constraints: { maxDelayMs: 6 } },
    "h1 a c d h2",
  ],
  [
    "least te within 5.9 ms",
    THREE_WAYS,
    { objective: { minimize: "te" }, constraints: { maxDelayMs: 5.9 } },
    "h1 a b d h2",
  ],
  ["least loss", THREE_WAYS, { objective: { minimize: "loss" } }, "h1 a c d h2"],
  [
    "least jitter within 8 ms",
    THREE_WAYS,
    { objective: { minimize: "jitter" }, constraints: { maxDelayMs: 8 } },
    "h1 a b d h2",
  ],
  ["both hosts behind one router", ONE_ROUTER, {}, "h1 a h2"],
  ["links of metric zero", ZERO, { objective: { minimize: "igp" } }, "h1 a b h2"],
  ["there and back to a stub router", STUB, { constraints: { via: [{ node: "m" }] } }, "h1 a m a d h2"],
])("%s", (_name, topology, spec, nodes) => {
  const [policy] = compute(intentOf(spec), createSnapshot(network(topology), 1)).policies;
  expect(policy?.candidates.map((candidate) => candidate.nodes.join(" "))).toEqual([nodes]);
});

test("parallel links tie by name", () => {
  const [policy] = compute(intentOf(), createSnapshot(network(PARALLEL), 1)).policies;
  expect(policy?.candidates[0]?.links).toEqual(["h1-a", "one", "h2-b"]);
});

test("metrics are the sums over the links, and the narrowest of them", () => {
  const [policy] = compute(
    intentOf({ objective: { minimize: "loss" } }),
    createSnapshot(network(THREE_WAYS), 1),
  ).policies;
  expect(policy?.candidates[0]?.metrics).toEqual({
    delayUs: 6000,
    igp: 20,
    te: 20,
    hops: 4,
    jitterUs: 900,
    lossPpm: 100,
    bottleneckMbps: Number.MAX_SAFE_INTEGER,
    utilisationPercent: 0,
  });
});

test.each<[string, string, Record<string, unknown>, string, string[][]]>([
  ["the delay bound", DIAMOND, { constraints: { maxDelayMs: 1.5 } }, "MaxDelay", [["maxDelayMs"]]],
  ["the hop bound", DIAMOND, { constraints: { maxHops: 3 } }, "MaxHops", [["maxHops"]]],
  ["the bandwidth", DIAMOND, { constraints: { minBandwidthMbps: 2000 } }, "MinBandwidth", [["minBandwidthMbps"]]],
  [
    "one avoided node of two",
    DIAMOND,
    { constraints: { maxDelayMs: 3, avoid: { nodes: ["b", "c"] } } },
    "Avoid",
    [["avoid.nodes b"]],
  ],
  [
    "either of two constraints",
    DIAMOND,
    { constraints: { maxDelayMs: 3, avoid: { nodes: ["b"] } } },
    "MaxDelay",
    [["maxDelayMs"], ["avoid.nodes b"]],
  ],
  [
    "two constraints together",
    DIAMOND,
    { constraints: { maxDelayMs: 1, avoid: { nodes: ["b", "c"] }, minBandwidthMbps: 5 } },
    "Combined",
    [["maxDelayMs", "avoid"]],
  ],
  [
    "avoiding the host's own access link",
    DIAMOND,
    { constraints: { avoid: { links: ["h1-a"] } } },
    "Avoid",
    [["avoid.links h1-a"]],
  ],
  [
    "via a node that is cut off",
    DIAMOND,
    { constraints: { via: [{ node: "b" }], avoid: { links: ["a-b", "b-d"] } } },
    "Avoid",
    [["avoid.links a-b"], ["avoid.links b-d"], ["via b"]],
  ],
  ["an island", "h1: a\nh2: b\na-c\n", { constraints: { maxHops: 9 } }, "Disconnected", []],
  ["a link that is down", "h1: a\nh2: b\na-b state=down\n", {}, "Disconnected", []],
  ["an unknown prefix", DIAMOND, { to: { prefixes: ["2001:db8:dead::/48"] } }, "UnknownPrefix", []],
  ["an unknown endpoint", DIAMOND, { to: { hosts: ["h9"] } }, "UnknownHost", []],
])("no path because of %s", (_name, topology, spec, reason, relaxations) => {
  const [policy] = compute(intentOf(spec), createSnapshot(network(topology), 1)).policies;
  expect(policy?.candidates).toEqual([]);
  expect(policy?.noPath?.reason).toBe(reason);
  expect(policy?.noPath?.relaxations.map(({ drop }) => drop)).toEqual(relaxations);
});

test("an explanation says what would be reached", () => {
  const constraints = { maxDelayMs: 1.5, avoid: { nodes: ["b"] } };
  const [policy] = compute(intentOf({ constraints }), createSnapshot(network(DIAMOND), 1)).policies;
  expect(policy?.noPath?.relaxations.map(({ drop, reaches }) => [drop, reaches.delayUs])).toEqual([
    [["maxDelayMs"], 6000],
  ]);
});

test("links found broken are kept off, one direction alone too, and used where nothing else is left", () => {
  const topology = network(DIAMOND);
  const [around] = compute(intentOf(), createSnapshot(topology, 1, [{ link: "b-d", from: "b" }])).policies;
  expect(around?.candidates[0]?.nodes.join(" ")).toBe("h1 a c d h2");
  const [other] = compute(intentOf(), createSnapshot(topology, 1, [{ link: "b-d", from: "d" }])).policies;
  expect(other?.candidates[0]?.nodes.join(" ")).toBe("h1 a b d h2");
  const both = ["b-d", "c-d"].map((link) => ({ link, from: link.slice(0, 1) }));
  const [cut] = compute(intentOf(), createSnapshot(topology, 2, both)).policies;
  expect(cut?.candidates[0]?.nodes.join(" ")).toBe("h1 a b d h2");
});

/*
 *      b ── c            The node-disjoint way round is the long one; e-d shares a duct with b-c.
 *    /        \
 *  a ──── e ─── d        h1 hangs off a alone, h2 off d alone
 *    \         /
 *      f ─ g ─
 */
const BACKUPS = `
h1: a
h2: d
a-b delayUs=1
b-c delayUs=1 srlgs=duct
c-d delayUs=1
a-e delayUs=3
e-d delayUs=3 srlgs=duct
b-e delayUs=1
a-f delayUs=9
f-g delayUs=9
g-d delayUs=9
`;

test.each<[string, Record<string, unknown>, string[]]>([
  ["link", { backups: 1, disjoint: "link" }, ["h1 a b c d h2", "h1 a e d h2"]],
  ["node", { backups: 2, disjoint: "node" }, ["h1 a b c d h2", "h1 a e d h2", "h1 a f g d h2"]],
  ["srlg", { backups: 1, disjoint: "srlg" }, ["h1 a b c d h2", "h1 a f g d h2"]],
])("backups that are %s-disjoint", (_name, protection, expected) => {
  const [policy] = compute(intentOf({ protection }), createSnapshot(network(BACKUPS), 1)).policies;
  expect(policy?.candidates.map(({ nodes }) => nodes.join(" "))).toEqual(expected);
  expect(policy?.candidates.map(({ preference }) => preference)).toEqual([100, 90, 80].slice(0, expected.length));
  expect(policy?.protection).toMatchObject({
    found: expected.length - 1,
    shortfall: undefined,
    exemptions: { links: ["h1-a", "h2-d"], nodes: ["a", "d"] },
  });
});

test("a backup keeps the intent's own constraints, and says which one leaves too few", () => {
  const spec = { protection: { backups: 2, disjoint: "node" }, constraints: { maxDelayMs: 0.01 } };
  const [policy] = compute(intentOf(spec), createSnapshot(network(BACKUPS), 1)).policies;
  expect(policy?.protection).toMatchObject({ wanted: 2, found: 1, shortfall: { reason: "MaxDelay" } });
});

test("no second way at all", () => {
  const [policy] = compute(intentOf({ protection: {} }), createSnapshot(network(STUB), 1)).policies;
  expect(policy?.protection).toMatchObject({ wanted: 1, found: 0, shortfall: { reason: "Disconnected" } });
});

test("a dual-homed host has nothing exempt: its backup leaves by the other uplink", () => {
  const topology = network("h1: a b\nh2: c d\na-c\nb-d\na-b\nc-d\n");
  const [policy] = compute(intentOf({ protection: { disjoint: "node" } }), createSnapshot(topology, 1)).policies;
  expect(policy?.candidates.map(({ nodes }) => nodes.join(" "))).toEqual(["h1 a c h2", "h1 b d h2"]);
  expect(policy?.protection?.exemptions).toEqual({ links: [], nodes: [], srlgs: [] });
});

test("endpoints: every pair of selected hosts and prefixes, never a host to itself", () => {
  const spec = {
    from: { hosts: ["h2", "h1"] },
    to: { hosts: ["h2", "h1"], prefixes: ["2001:db8:2::/64", "2001:db8:ffff::1/128"] },
  };
  const { policies } = compute(intentOf(spec), createSnapshot(network(DIAMOND), 1));
  expect(policies.map(({ host, endpoint, egress }) => `${host} ${endpoint} ${egress ?? ""}`)).toEqual([
    "h1 h2 h2",
    "h1 2001:db8:2::/64 b",
    "h2 h1 h1",
    "h2 2001:db8:2::/64 b",
    "h2 2001:db8:ffff::1/128 h1",
  ]);
});

test("a source that the topology does not have is named", () => {
  const computed = compute(intentOf({ from: { hosts: ["h1", "ghost"] } }), createSnapshot(network(DIAMOND), 1));
  expect(computed.unknownSources).toEqual(["ghost"]);
  expect(computed.policies).toHaveLength(1);
});
