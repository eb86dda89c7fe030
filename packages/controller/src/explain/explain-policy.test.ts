import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import { createSnapshot } from "../topology/snapshot";
import { explainPolicy } from "./explain-policy";
import { explainText } from "./explain-text";

/*
 *          b   te 1, delay 9 each            plain routing: over b and over c alike
 *        /   \
 *  h1 ─ a     d ─ h2
 *        \   /
 *          c   te 5, delay 1 each
 */
const DIAMOND = network(`
h1: a
h2: d
a-b igp=10 te=1 delayUs=9000
b-d igp=10 te=1 delayUs=9000
a-c igp=10 te=5 delayUs=1000 capacityMbps=100
c-d igp=10 te=5 delayUs=1000
`);
const SNAPSHOT = createSnapshot(DIAMOND, 1);
const THERE = { host: "h1", endpoint: "h2", direction: "forward" } as const;

test("hop by hop, what binds, what plain routing does, and what each segment means", () => {
  const intent = intentOf({ objective: { minimize: "te" }, constraints: { maxDelayMs: 5, maxHops: 9 } });
  const explanation = explainPolicy(intent, SNAPSHOT, THERE);
  expect(explanation).toMatchObject({
    intent: "test",
    objective: "te",
    egress: "h2",
    binding: [{ constraint: "maxDelayMs", without: { nodes: ["h1", "a", "b", "d", "h2"], metrics: { te: 2 } } }],
    igpPath: { nodes: ["h1", "a", "b", "d", "h2"], ecmp: true, breaks: ["takes longer than maxDelayMs 5"] },
  });
  const [primary] = explanation?.candidates ?? [];
  expect(primary?.hops.map(({ to, sums }) => [to, sums.delayUs, sums.te, sums.bottleneckMbps])).toEqual([
    ["a", 0, 0, undefined],
    ["c", 1000, 5, 100],
    ["d", 2000, 10, 100],
    ["h2", 2000, 10, 100],
  ]);
  expect(primary?.segments).toEqual([{ sid: "fcbb:bb00:3::", kind: "node", node: "c", endsAt: "c" }]);
});

test("how much room each bound leaves", () => {
  const constraints = { maxDelayMs: 5, maxLossPercent: 1, maxHops: 9, minBandwidthMbps: 50 };
  const explanation = explainPolicy(intentOf({ objective: { minimize: "te" }, constraints }), SNAPSHOT, THERE);
  expect(explanation?.slack).toEqual([
    { constraint: "maxDelayMs", limit: 5, value: 2, slack: 3 },
    { constraint: "maxLossPercent", limit: 1, value: 0, slack: 1 },
    { constraint: "maxHops", limit: 9, value: 4, slack: 5 },
    { constraint: "minBandwidthMbps", limit: 50, value: 100, slack: 50 },
  ]);
});

test.each<[string, Record<string, unknown>, string | undefined, string | undefined]>([
  ["the objective", { objective: { minimize: "delay" } }, "h1 a b d h2", "delay"],
  ["a later goal", { objective: [{ minimize: "hops" }, { maximize: "bandwidth" }] }, "h1 a c d h2", "bandwidth"],
  ["weights", { objective: { minimize: { delay: 1, te: 2 } } }, "h1 a b d h2", "1 x delay + 2 x te"],
  ["its name", { objective: { minimize: "hops" } }, "h1 a c d h2", "linkNames"],
  ["nothing, there is none", { constraints: { maxDelayMs: 5 } }, undefined, undefined],
])("the runner-up lost by %s", (_name, spec, nodes, lostBy) => {
  const runnerUp = explainPolicy(intentOf(spec), SNAPSHOT, THERE)?.runnerUp;
  expect([runnerUp?.nodes.join(" "), runnerUp?.lostBy]).toEqual([nodes, lostBy]);
});

test.each<[object, string]>([
  [{ minimize: "jitter" }, "lost by jitter, 0.6 ms"],
  [{ minimize: "loss" }, "lost by loss, 0.0005 %"],
  [{ minimize: "utilisation" }, "lost by utilisation, 80 %"],
  [{ maximize: "bandwidth" }, "lost by bandwidth, 100 Mbit/s"],
])("the text tells what %j came to with the runner-up", (objective, expected) => {
  const text = `
h1: a
h2: b
a-b name=good capacityMbps=1000 utilisationPercent=20
a-b name=poor capacityMbps=100 utilisationPercent=80 jitterUs=600 lossPpm=5`;
  const explanation = explainPolicy(intentOf({ objective }), createSnapshot(network(text), 1), THERE);
  const lines = explanation === undefined ? [] : explainText(explanation);
  expect(lines.join("\n")).toMatch(/Runner-up\n.*h1 a b h2.*/);
  expect(lines.join("\n")).toContain(expected);
  expect(lines.join("\n")).toMatch(/HOP.* FULLEST\n.*\n.* 0 %\n.* good .* 20 %\n/);
});

test("a path between the same nodes is told by its links", () => {
  const text = "h1: a\nh2: b\na-b name=first igp=5\na-b name=second igp=9 delayUs=1";
  const spec = { objective: { minimize: "delay" }, constraints: { avoid: { links: ["first"] } } };
  const explanation = explainPolicy(intentOf(spec), createSnapshot(network(text), 1), THERE);
  const lines = explanation === undefined ? [] : explainText(explanation);
  expect(lines).toContain("  avoid: without it h1 a b h2 over first, 0 ms, igp 5, te 5, 3 hops");
  expect(lines).toContain("  h1 a b h2 over first, 0 ms, igp 5, te 5, 3 hops");
});

test("a runner-up that is better alone leaves the primary without a backup", () => {
  // The quick way a b y takes a node of every other way.
  const text = `
h1: a x
h2: z y
a-b delayUs=1
b-y delayUs=1
a-z delayUs=50
x-b delayUs=50
x-y delayUs=60`;
  const snapshot = createSnapshot(network(text), 1);
  const spec = { protection: { backups: 1, disjoint: "node" }, objective: { minimize: "delay" } };
  const explanation = explainPolicy(intentOf(spec), snapshot, THERE);
  expect(explanation?.candidates.map(({ hops }) => hops.map(({ to }) => to).join(" "))).toEqual(["a z h2", "x b y h2"]);
  expect(explanation?.runnerUp).toMatchObject({ nodes: ["h1", "a", "b", "y", "h2"], lostBy: "protection" });
});

test("an intent without a path still shows what plain routing does", () => {
  const intent = intentOf({ constraints: { maxDelayMs: 1, via: [{ node: "c" }], minBandwidthMbps: 200 } });
  const explanation = explainPolicy(intent, SNAPSHOT, THERE);
  expect(explanation).toMatchObject({ candidates: [], binding: [], noPath: { reason: "MaxDelay" } });
  expect(explanation?.igpPath?.breaks).toHaveLength(2);
});

test("a pinned list says so, and a binding what it stands for", () => {
  const text = "h1: a\nh2: d\na-b name=p\na-b name=q te=1\nb-c name=r\nb-c name=s te=1\nc-d name=t\nc-d name=u te=1\n";
  const bindings = [{ name: "tail", node: "b", function: 0xe100, path: ["s", "u"] }];
  const topology = network(text, { bindings });
  const short = topology.nodes.map((node) => (node.name === "h1" ? { ...node, maxSegments: 2 } : node));
  const snapshot = createSnapshot({ ...topology, nodes: short }, 1);
  const explanation = explainPolicy(intentOf({ objective: { minimize: "te" }, pin: "strict" }), snapshot, THERE);
  expect(explanation?.candidates[0]).toMatchObject({
    pin: "strict",
    segments: [
      { kind: "adjacency", node: "a", link: "q", endsAt: "b" },
      { kind: "binding", node: "b", binding: "tail", links: ["s", "u"], endsAt: "d" },
    ],
  });
  const lines = explanation === undefined ? [] : explainText(explanation);
  expect(lines.join("\n")).toContain("to b by IGP, which takes it as tail over s, u to d");
  expect(lines).toContain("  pinned: no link between routers is left to the IGP");
});

test("a pair that the intent does not select has no explanation", () => {
  expect(explainPolicy(intentOf(), SNAPSHOT, { ...THERE, direction: "return" })).toBeUndefined();
});

test.each<[string, Record<string, unknown>]>([
  ["a path", { protection: {} }],
  ["no path", { constraints: { maxDelayMs: 1 } }],
  ["an unknown prefix", { to: { prefixes: ["2001:db8:dead::/48"] } }],
])("the text tells of %s without holes", (_name, spec) => {
  const intent = intentOf(spec);
  const endpoint = intent.to.prefixes[0] ?? "h2";
  const explanation = explainPolicy(intent, SNAPSHOT, { ...THERE, endpoint });
  const text = (explanation === undefined ? [] : explainText(explanation)).join("\n");
  expect(text).toContain("h1 to");
  expect(text).not.toMatch(/undefined|NaN|\[object/);
});
