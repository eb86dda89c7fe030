import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import { createSnapshot } from "../topology/snapshot";
import { explainNoPath } from "./explain-no-path";

/*
 *       lon     7 + 7.1 ms, gold
 *      /    \
 *  h1-a      d-h2       over mad 11.7 + 11.7 ms
 *      \    /
 *       mad
 */
const TEXT = `
h1: a
h2: d
a-lon delayUs=7000 jitterUs=1000 lossPpm=1000 igp=10 capacityMbps=100 affinity=gold srlgs=duct
d-lon delayUs=7100 jitterUs=1000 lossPpm=1000 igp=10 capacityMbps=100 affinity=gold
a-mad delayUs=11700 jitterUs=2000 lossPpm=5000 igp=20 capacityMbps=10 affinity=lead
d-mad delayUs=11700 jitterUs=2000 lossPpm=5000 igp=20 capacityMbps=10 affinity=lead
`;

function explain(constraints: Record<string, unknown>, broken: { link: string; from: string }[] = []) {
  const snapshot = createSnapshot(network(TEXT), 1, broken);
  const end = (name: string) => snapshot.flat.nodeIndex.get(name) ?? -1;
  return explainNoPath(intentOf({ constraints }), snapshot, { source: end("h1"), target: end("h2") });
}

test("a bound that is out of reach, and what is in its way, in numbers", () => {
  const { reason, message } = explain({ maxDelayMs: 20, avoid: { nodes: ["lon"] } });
  expect(reason).toBe("MaxDelay");
  expect(message).toBe("maxDelayMs 20 is out of reach: the best is 23.4 ms; without avoid.nodes lon: 14.1 ms, 4 hops");
});

test.each<[string, Record<string, unknown>, string, string]>([
  ["jitter", { maxJitterMs: 1 }, "MaxJitter", "maxJitterMs 1 is out of reach: the best is 2 ms"],
  ["loss", { maxLossPercent: 0.1 }, "MaxLoss", "maxLossPercent 0.1 is out of reach: the best is 0.1999 %"],
  ["igp", { maxIgp: 19 }, "MaxIgp", "maxIgp 19 is out of reach: the best is 20"],
  [
    "affinity",
    { affinity: { all: ["gold", "lead"] } },
    "Affinity",
    "without affinity.all gold: 23.4 ms, 4 hops; without affinity.all lead: 14.1 ms, 4 hops",
  ],
  [
    "some affinity",
    { affinity: { any: ["gold"], none: ["gold"] } },
    "Affinity",
    "without affinity.none gold: 14.1 ms, 4 hops",
  ],
  [
    "include",
    { include: { srlgs: ["duct"] }, avoid: { links: ["d-lon", "a-mad"] } },
    "Avoid",
    "without avoid.links d-lon: 14.1 ms, 4 hops; without avoid.links a-mad: 37.4 ms, 6 hops",
  ],
  ["two bounds at once", { maxIgp: 19, maxHops: 3 }, "Combined", "without maxIgp and maxHops: 14.1 ms, 4 hops"],
])("%s", (_name, constraints, reason, message) => {
  expect(explain(constraints)).toMatchObject({ reason, message });
});

test("where eleven constraints stand in the way together, one set is named that nothing can be left out of", () => {
  const constraints = {
    ...{ maxDelayMs: 1, maxJitterMs: 0.1, maxLossPercent: 0.01, maxIgp: 1, maxHops: 1, minBandwidthMbps: 5_000 },
    avoid: { nodes: ["a"] },
    include: { nodes: ["mad"] },
    affinity: { any: ["none"] },
    via: [{ node: "nowhere" }],
  };
  const { reason, relaxations } = explain(constraints, [{ link: "h1-a", from: "h1" }]);
  expect(reason).toBe("Combined");
  expect(relaxations.map(({ drop }) => drop)).toEqual([
    [
      "maxDelayMs",
      "maxJitterMs",
      "maxLossPercent",
      "maxIgp",
      "maxHops",
      "minBandwidthMbps",
      "avoid",
      "affinity",
      "via",
      "health",
    ],
  ]);
});
