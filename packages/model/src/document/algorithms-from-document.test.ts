import { topologyOf } from "../../../../test/support/network";
import { algorithmMetricOf, isInAlgorithm } from "../algorithm-topology";
import { sidInBlock } from "../sid";
import type { Topology } from "../topology";
import { parseDocumentValue } from "./parse";
import { topologyFromDocument } from "./topology-from-document";

const NODES = [
  { name: "a", nodeId: 1 },
  { name: "b", nodeId: 2 },
  { name: "h", kind: "host", nodeId: 0x8000, attachedTo: "a", addresses: ["2001:db8::1"] },
];
const FAST = { name: "fast", id: 128, locatorBlock: "fcbb:cc00::/32" };
const PLANE = { name: "plane", id: 129, locatorBlock: "fcbb:dd00::/32" };

function problems(algorithms: readonly object[], nodes: readonly object[] = NODES): string[] {
  const spec = { locatorBlock: "fcbb:bb00::/32", nodes, links: [{ a: "a", b: "b" }], algorithms };
  const value = { apiVersion: "sextant.dev/v1", kind: "Topology", metadata: { name: "t" }, spec };
  const { documents, issues } = parseDocumentValue("test", value);
  const topology = documents[0]?.kind === "Topology" ? topologyFromDocument(documents[0]) : { issues };
  return "issues" in topology ? topology.issues.map(({ code, path }) => `${code} ${path}`) : [];
}

test.each<[string, object[], string[]]>([
  ["two that differ", [FAST, PLANE], []],
  ["a name twice", [FAST, { ...PLANE, name: "fast" }], ["duplicate spec.algorithms[1].name"]],
  ["a number twice", [FAST, { ...PLANE, id: 128 }], ["duplicate spec.algorithms[1].id"]],
  [
    "the topology's own block",
    [{ ...FAST, locatorBlock: "fcbb:bb00::/32" }],
    ["conflict spec.algorithms[0].locatorBlock"],
  ],
  ["a block twice", [FAST, { ...PLANE, locatorBlock: "fcbb:cc00::/32" }], ["conflict spec.algorithms[1].locatorBlock"]],
  ["another length", [{ ...FAST, locatorBlock: "fcbb:cc00::/40" }], ["invalid_value spec.algorithms[0].locatorBlock"]],
  ["multicast", [{ ...FAST, locatorBlock: "ff00::/32" }], ["invalid_value spec.algorithms[0].locatorBlock"]],
  [
    "a block with a host's address",
    [{ ...FAST, locatorBlock: "2001:db8::/32" }],
    ["conflict spec.nodes[2].addresses[0]"],
  ],
  ["a number of the standard algorithms", [{ ...FAST, id: 127 }], ["out_of_range spec.algorithms[0].id"]],
  ["a number beyond a byte", [{ ...FAST, id: 256 }], ["out_of_range spec.algorithms[0].id"]],
  ["another metric", [{ ...FAST, metric: "hops" }], ["invalid_value spec.algorithms[0].metric"]],
  [
    "a colour wanted and refused",
    [{ ...FAST, exclude: ["red"], includeAny: ["blue", "red"], includeAll: ["red"] }],
    ["conflict spec.algorithms[0].includeAny[1]", "conflict spec.algorithms[0].includeAll[0]"],
  ],
  [
    "several at once",
    [FAST, { ...FAST, locatorBlock: "fcbb:bb00::/32" }],
    [
      "duplicate spec.algorithms[1].name",
      "duplicate spec.algorithms[1].id",
      "conflict spec.algorithms[1].locatorBlock",
    ],
  ],
  [
    "more than eight",
    Array.from({ length: 9 }, (_, i) => ({ name: `x${i}`, id: 128 + i, locatorBlock: `fcbc:${i + 1}::/32` })),
    ["out_of_range spec.algorithms"],
  ],
])("%s", (_, algorithms, expected) => {
  expect(problems(algorithms)).toEqual(expected);
});

test("nodes name algorithms that exist, each once", () => {
  const [a, ...others] = NODES;
  expect(problems([FAST, PLANE], [{ ...a, algorithms: ["fast", "plan", "fast"] }, ...others])).toEqual([
    "unknown_reference spec.nodes[0].algorithms[1]",
    "duplicate spec.nodes[0].algorithms[2]",
  ]);
});

/*  h ── a ═ b ── c   c takes part in `plane` alone */
const topology = topologyOf(
  [...NODES, { name: "c", nodeId: 3, algorithms: ["plane"] }],
  [
    { a: "a", b: "b", name: "red", affinity: ["red"], delayUs: 1.5 },
    { a: "a", b: "b", name: "plain", delayUs: 20_000_000 },
    { a: "b", b: "c", affinity: ["blue", "wide"] },
  ],
  {
    algorithms: [
      { ...PLANE, includeAny: ["blue", "red"], metric: "te" },
      { ...FAST, exclude: ["red"], metric: "delay" },
      { name: "wide", id: 200, locatorBlock: "fcbb:ee00::/32", includeAll: ["blue", "wide"] },
    ],
  },
);

function linksOf({ algorithms, links, nodes }: Topology, name: string): string[] {
  const algorithm = algorithms.find((each) => each.name === name);
  const node = (wanted: string) => nodes.find((each) => each.name === wanted);
  return links.flatMap((link) => {
    const [a, b] = [node(link.a), node(link.b)];
    return algorithm && a && b && isInAlgorithm(algorithm, link, [a, b]) ? link.name : [];
  });
}

test("algorithms are in the order of their numbers", () => {
  expect(topology.algorithms.map(({ name }) => name)).toEqual(["fast", "plane", "wide"]);
});

test.each([
  ["fast", ["plain", "h-a"]],
  ["plane", ["red", "b-c", "h-a"]],
  ["wide", ["h-a"]],
])("links of %s", (name, expected) => {
  expect(linksOf(topology, name)).toEqual(expected);
});

test("delay counts as an IGP announces it: whole microseconds, of 24 bits", () => {
  const [fast, plane] = topology.algorithms;
  const [red, plain] = topology.links;
  if (!fast || !plane || !red || !plain) throw new Error("incomplete");
  expect([red, plain].map(({ aToB }) => algorithmMetricOf(fast, aToB))).toEqual([2, 0xff_ffff]);
  expect([red, plain].map(({ aToB }) => algorithmMetricOf(plane, aToB))).toEqual([10, 10]);
});

test("a SID has the same node and function in another block", () => {
  const [fast] = topology.algorithms;
  const [red] = topology.links;
  if (!fast || !red) throw new Error("incomplete");
  expect(sidInBlock(fast.locatorBlock, red.aToB.adjacencySid)).toMatch(/^fcbb:cc00:1:[ef][0-9a-f]{3}::$/);
});
