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

test("an intent without a path still shows what plain routing does", () => {
  const intent = intentOf({ constraints: { maxDelayMs: 1, via: [{ node: "c" }], minBandwidthMbps: 200 } });
  const explanation = explainPolicy(intent, SNAPSHOT, THERE);
  expect(explanation).toMatchObject({ candidates: [], binding: [], noPath: { reason: "MaxDelay" } });
  expect(explanation?.igpPath?.breaks).toHaveLength(2);
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
