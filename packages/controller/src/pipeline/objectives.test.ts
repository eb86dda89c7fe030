import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import { createSnapshot } from "../topology/snapshot";
import { compute } from "./compute";

/*
 *        b   quick, narrow, busy     delay 2 + 2, igp 10 + 10, 100 Mbit/s, gold
 *      /   \
 *  h1-a--c--d-h2   middling          delay 4 + 4, igp  5 +  5, 1000 Mbit/s, gold on one side
 *      \   /
 *        e   slow, wide, idle        delay 9 + 9, igp  1 +  1, 10000 Mbit/s
 */
const THREE = `
h1: a
h2: d
a-b igp=10 delayUs=2000 jitterUs=500 capacityMbps=100 utilisationPercent=80 affinity=gold
b-d igp=10 delayUs=2000 jitterUs=500 capacityMbps=100 utilisationPercent=70 affinity=gold srlgs=duct
a-c igp=5 delayUs=4000 jitterUs=100 capacityMbps=1000 utilisationPercent=30 affinity=gold,green
c-d igp=5 delayUs=4000 jitterUs=100 capacityMbps=1000 utilisationPercent=20 affinity=green
a-e igp=1 delayUs=9000 lossPpm=1000 capacityMbps=10000 utilisationPercent=5
e-d igp=1 delayUs=9000 lossPpm=1000 capacityMbps=10000
`;

const first = (spec: Record<string, unknown>, text = THREE) => {
  const [policy] = compute(intentOf(spec), createSnapshot(network(text), 1)).policies;
  return policy?.candidates[0]?.nodes.join(" ") ?? policy?.noPath?.message;
};

test.each<[string, Record<string, unknown>, string]>([
  ["widest", { objective: { maximize: "bandwidth" } }, "h1 a e d h2"],
  ["emptiest", { objective: { minimize: "utilisation" } }, "h1 a e d h2"],
  ["widest within 10 ms", { objective: { maximize: "bandwidth" }, constraints: { maxDelayMs: 10 } }, "h1 a c d h2"],
  ["fewest hops, then widest", { objective: [{ minimize: "hops" }, { maximize: "bandwidth" }] }, "h1 a e d h2"],
  ["fewest hops, then quickest", { objective: [{ minimize: "hops" }, { minimize: "delay" }] }, "h1 a b d h2"],
  ["weighted towards delay", { objective: { minimize: { delay: 1, igp: 100 } } }, "h1 a b d h2"],
  ["weighted between", { objective: { minimize: { delay: 1, igp: 500 } } }, "h1 a c d h2"],
  ["weighted towards igp", { objective: { minimize: { delay: 1, igp: 5000 } } }, "h1 a e d h2"],
  ["a jitter bound", { constraints: { maxJitterMs: 0.2 } }, "h1 a c d h2"],
  ["a loss bound", { objective: { minimize: "igp" }, constraints: { maxLossPercent: 0.1 } }, "h1 a c d h2"],
  [
    "a loss bound that is just kept",
    { objective: { minimize: "igp" }, constraints: { maxLossPercent: 0.2 } },
    "h1 a e d h2",
  ],
  ["an igp bound", { constraints: { maxIgp: 10 } }, "h1 a c d h2"],
  [
    "some affinity of two, access links apart",
    { constraints: { affinity: { any: ["green", "gold"] } } },
    "h1 a b d h2",
  ],
  ["every affinity", { constraints: { affinity: { all: ["green"] } } }, "h1 a c d h2"],
  ["no link of an affinity", { constraints: { affinity: { none: ["gold"] } } }, "h1 a e d h2"],
  ["a node to include", { constraints: { include: { nodes: ["c"] } } }, "h1 a c d h2"],
  [
    "a node to include, by hops",
    { objective: { minimize: "hops" }, constraints: { include: { nodes: ["c"] } } },
    "h1 a c d h2",
  ],
  [
    "a link to include",
    { objective: { minimize: "hops" }, constraints: { include: { links: ["e-d"] } } },
    "h1 a e d h2",
  ],
  [
    "a group to include",
    { objective: { minimize: "igp" }, constraints: { include: { srlgs: ["duct"] } } },
    "h1 a b d h2",
  ],
  [
    "two to include in the better order, not in the order given",
    { objective: { minimize: "hops" }, constraints: { include: { links: ["e-d", "a-c"] } } },
    "h1 a c a e d h2",
  ],
  [
    "jitter out of reach",
    { constraints: { maxJitterMs: 0.1, maxDelayMs: 9 } },
    "maxDelayMs 9 is out of reach: the best is 18 ms; maxJitterMs 0.1 is out of reach: the best is 0.2 ms",
  ],
  [
    "loss out of reach",
    { constraints: { maxLossPercent: 0.1, avoid: { nodes: ["b", "c"] } } },
    "maxLossPercent 0.1 is out of reach: the best is 0.1999 %; without avoid.nodes b: 4 ms, 4 hops; without avoid.nodes c: 8 ms, 4 hops",
  ],
  ["igp out of reach", { constraints: { maxIgp: 1 } }, "maxIgp 1 is out of reach: the best is 2"],
  [
    "colours that exclude each other",
    { constraints: { affinity: { all: ["gold", "green"], none: [] } } },
    "without affinity.all gold: 8 ms, 4 hops; without affinity.all green: 4 ms, 4 hops",
  ],
  [
    "what is to be included is avoided link by link",
    { constraints: { include: { srlgs: ["duct"] }, avoid: { links: ["b-d"] } } },
    "without avoid.links b-d: 4 ms, 4 hops; without include.srlgs duct: 8 ms, 4 hops",
  ],
])("%s", (_name, spec, expected) => {
  expect(first(spec)).toBe(expected);
});

test("an upper bound on the objective's own metric is obeyed", () => {
  expect(first({ constraints: { maxDelayMs: 3 } })).toBe("maxDelayMs 3 is out of reach: the best is 4 ms");
});

test("a feasible 14 ms path under 25 ms is found though the cheapest breaks the bound", () => {
  const text =
    "h1: a\nh2: d\na-b te=1 delayUs=15000\nb-d te=1 delayUs=15000\na-c te=9 delayUs=7000\nc-d te=9 delayUs=7000\n";
  expect(first({ objective: { minimize: "te" }, constraints: { maxDelayMs: 25 } }, text)).toBe("h1 a c d h2");
});

test("a high-bandwidth intent moves when a better path appears", () => {
  const spec = {
    objective: [{ maximize: "bandwidth" }, { minimize: "delay" }],
    constraints: { minBandwidthMbps: 500 },
  };
  const before = THREE.replaceAll("capacityMbps=10000", "capacityMbps=400");
  expect([first(spec, before), first(spec)]).toEqual(["h1 a c d h2", "h1 a e d h2"]);
});

test("both hosts behind one router, whatever is asked", () => {
  const text = "h1: a\nh2: a\na-b\n";
  expect(first({ objective: [{ maximize: "bandwidth" }, { minimize: { loss: 1, te: 2 } }] }, text)).toBe("h1 a h2");
  expect(first({ constraints: { include: { nodes: ["a"] } } }, text)).toBe("h1 a h2");
});

test("links of metric zero, with something to include off the way", () => {
  const text = "h1: a\nh2: c\na-b igp=0\nb-c igp=0\na-c igp=0\nb-x igp=0\n";
  expect(first({ objective: { minimize: "igp" }, constraints: { include: { nodes: ["x"] } } }, text)).toBe(
    "h1 a b x b c h2",
  );
});
