import type { Issue } from "@sextant/model";
import { readDemands } from "./read-demands";
import { readGraph } from "./read-graph";

const NODES = "NODES 2\nlabel x y\na 0 0\nb 1 1\n";
const EDGES = "EDGES 1\nlabel src dest weight bw delay\nab 0 1 10 1000 5\n";
const HEAD = "label src dest bw\n";

function problems(read: object | { readonly issues: readonly Issue[] }): string[] {
  const issues = "issues" in read ? read.issues : [];
  return issues.map(({ at, code, path }) => `${at.line}:${at.column} ${code} ${path}`.trim());
}

test("a graph: kbit/s become Mbit/s, parallel links and islands stay", () => {
  const text = `NODES 3\r\nlabel x y\r\na 0 0\r\nb -1.5 2e3\r\nisland 0 0\r\n\r\nEDGES 2\nlabel src dest weight bw delay\n one 0 1 0 2500.5 0\n two\t0 1 7 1000 9\n\n`;
  expect(readGraph("g", text)).toMatchObject({
    nodeNames: ["a", "b", "island"],
    linkNames: ["one", "two"],
    linkFrom: Int32Array.of(0, 0),
    linkTo: Int32Array.of(1, 1),
    igp: Float64Array.of(0, 7),
    capacityMbps: Float64Array.of(2.5005, 1),
  });
});

test("demands: those of a node to itself, of nothing and between the same nodes are fine", () => {
  expect(readDemands("d", `DEMANDS 4\n${HEAD}w 0 1 1500\nx 0 1 0\ny 1 1 5\nz 0 1 2.5`, 2)).toEqual({
    names: ["w", "x", "y", "z"],
    from: Int32Array.of(0, 0, 1, 0),
    to: Int32Array.of(1, 1, 1, 1),
    mbps: Float64Array.of(1.5, 0, 0.005, 0.0025),
  });
});

test.each<[string, string, string[]]>([
  ["empty file", "", ["1:1 invalid_value NODES"]],
  ["another format", "{}", ["1:1 invalid_value NODES"]],
  ["count that is none", "NODES x\n", ["1:7 invalid_value NODES"]],
  ["count beyond all limits", "NODES 100001\n", ["1:7 out_of_range NODES"]],
  ["no header", "NODES 0\nEDGES 0\n", ["2:1 invalid_value NODES"]],
  ["fewer nodes than announced", "NODES 3\nlabel x y\na 0 0\n", ["3:1 missing_field NODES"]],
  ["more nodes than announced", `NODES 1\nlabel x y\na 0 0\nb 1 1\n${EDGES}`, ["4:1 invalid_value EDGES"]],
  ["more links than announced", `${NODES}${EDGES}ba 1 0 10 1000 5\n`, ["8:1 unknown_field"]],
  ["no links", NODES, ["4:1 invalid_value EDGES"]],
  ["link to itself", `${NODES}${EDGES.replace("0 1 10", "0 0 10")}`, ["7:6 invalid_value dest"]],
  ["unknown node", `${NODES}${EDGES.replace("0 1 10", "0 2 10")}`, ["7:6 unknown_reference dest"]],
  ["node below zero", `${NODES}${EDGES.replace("0 1 10", "-1 1 10")}`, ["7:4 out_of_range src"]],
  ["negative metric", `${NODES}${EDGES.replace("10 1000", "-10 1000")}`, ["7:8 out_of_range weight"]],
  ["absurd metric", `${NODES}${EDGES.replace("10 1000", "16777216 1000")}`, ["7:8 out_of_range weight"]],
  ["metric with a fraction", `${NODES}${EDGES.replace("10 1000", "1.5 1000")}`, ["7:8 invalid_value weight"]],
  ["no capacity", `${NODES}${EDGES.replace("10 1000", "10 0")}`, ["7:11 out_of_range bw"]],
  ["capacity that is no number", `${NODES}${EDGES.replace("10 1000", "10 NaN")}`, ["7:11 invalid_value bw"]],
  ["endless capacity", `${NODES}${EDGES.replace("10 1000", "10 Infinity")}`, ["7:11 invalid_value bw"]],
  ["capacity in hexadecimal", `${NODES}${EDGES.replace("10 1000", "10 0x10")}`, ["7:11 invalid_value bw"]],
  ["negative delay", `${NODES}${EDGES.replace("1000 5", "1000 -5")}`, ["7:16 out_of_range delay"]],
  ["too few fields", `${NODES}${EDGES.replace(" 1000 5", "")}`, ["7:1 missing_field EDGES"]],
  ["too many fields", `${NODES}${EDGES.replace("1000 5", "1000 5 6")}`, ["7:1 unknown_field EDGES"]],
  ["label twice", `${NODES.replace("b 1", "a 1")}${EDGES}`, ["4:1 duplicate label"]],
  [
    "all at once",
    `${NODES.replace("a 0 0", "a x 0")}${EDGES.replace("0 1 10 1000", "0 9 -1 NaN")}`,
    ["3:3 invalid_value x", "7:6 unknown_reference dest", "7:8 out_of_range weight", "7:11 invalid_value bw"],
  ],
])("graph: %s", (_, text, expected) => {
  expect(problems(readGraph("g", text))).toEqual(expected);
});

test.each<[string, string, string[]]>([
  ["negative", `DEMANDS 1\n${HEAD}d 0 1 -1`, ["3:7 out_of_range bw"]],
  ["no number", `DEMANDS 1\n${HEAD}d 0 1 NaN`, ["3:7 invalid_value bw"]],
  ["unknown node", `DEMANDS 1\n${HEAD}d 0 7 1`, ["3:5 unknown_reference dest"]],
  ["label twice", `DEMANDS 2\n${HEAD}d 0 1 1\nd 1 0 1`, ["4:1 duplicate label"]],
  ["fewer than announced", `DEMANDS 2\n${HEAD}d 0 1 1\n`, ["3:1 missing_field DEMANDS"]],
])("demands: %s", (_, text, expected) => {
  expect(problems(readDemands("d", text, 2))).toEqual(expected);
});

test("one bad line among a million is told within seconds, by line and column", () => {
  const lines = Array.from({ length: 1_000_000 }, (_, i) => `demand_${i} ${i % 99} 99 ${i}`);
  lines[765_432] = "demand_765432 7 99 12..5";
  const began = performance.now();
  const read = readDemands("d", `DEMANDS 1000000\n${HEAD}${lines.join("\n")}\n`, 100);
  expect(problems(read)).toEqual(["765435:20 invalid_value bw"]);
  expect(performance.now() - began).toBeLessThan(30_000);
});

test("a file of nothing but problems ends with the thousandth", () => {
  const lines = Array.from({ length: 5_000 }, (_, i) => `d${i} 0 1 x`);
  const found = problems(readDemands("d", `DEMANDS 5000\n${HEAD}${lines.join("\n")}\n`, 2));
  expect(found).toHaveLength(1_001);
  expect(found.at(-1)).toBe("1002:10 too_large");
});
