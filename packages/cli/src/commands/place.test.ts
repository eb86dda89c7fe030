import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { networkYaml } from "../../../../test/support/network";
import { EXIT } from "../exit-code";
import type { JsonObject } from "../resource";
import { type Outcome, runMain } from "../testing/run-main";

/*
 *          b           Plain routing takes a-b-d. Every link carries 10 Mbit/s.
 *        /   \
 *  h1 ─ a ─ c ─ d ─ h2
 */
const TOPOLOGY = networkYaml(`
h1: a
h2: d
a-b igp=1 capacityMbps=10
b-d igp=1 capacityMbps=10
a-c igp=2 capacityMbps=10
c-d igp=2 capacityMbps=10
island
`);
const GRAPH = `NODES 4
label x y
a 0 0
b 0 0
c 0 0
d 0 0

EDGES 4
label src dest weight bw delay
ab 0 1 1 10000 0
bd 1 3 1 10000 0
ac 0 2 2 10000 0
cd 2 3 2 10000 0
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sextant-place-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
}

function demands(...lines: string[]): string {
  const head = "apiVersion: sextant.dev/v1\nkind: Demands\nmetadata: {name: x}\nspec:\n  demands:\n";
  return file("demands.yaml", head + lines.map((line) => `    - ${line}\n`).join(""));
}

function place(demandFile: string, ...flags: string[]): Promise<Outcome> {
  return runMain("place", "-t", file("topology.yaml", TOPOLOGY), "-d", demandFile, ...flags);
}

function json({ stdout }: Outcome): JsonObject {
  return JSON.parse(stdout) as JsonObject;
}

const TWO = ["{name: big, from: h1, to: h2, mbps: 6}", "{name: small, from: h1, to: h2, mbps: 6}"];

test("JSON: what plain routing, the placement and the best of all give, and every list", async () => {
  const outcome = await place(demands(...TWO), "--lower-bound", "-o", "json");
  expect(outcome).toMatchObject({ code: EXIT.ok, stderr: "" });
  const result = json(outcome);
  expect(result).toMatchObject({
    instance: "topology",
    ecmpMlu: 1.2,
    startMlu: 1.2,
    maxMidpoints: 1,
    peakMlu: 1.2,
    blocked: [],
    unroutable: [],
  });
  expect(result["mlu"]).toBeCloseTo(0.6, 6);
  expect(result["lowerBound"]).toBeCloseTo(0.6, 3);
  const lists = result["lists"] as { demand: string; lists: unknown }[];
  expect(lists.map(({ lists: own }) => JSON.stringify(own)).sort()).toEqual([
    '[{"weight":1,"midpoints":["c"]}]',
    '[{"weight":1,"midpoints":[]}]',
  ]);
  expect(lists[0]).toMatchObject({ demand: "big", from: "h1", to: "h2", mbps: 6 });
});

test("table: utilisation before and after, fullest links, moves", async () => {
  const { stdout } = await place(demands(...TWO));
  expect(stdout).toMatch(/plain routing +120\.00 %\nplaced +60\.00 %/);
  expect(stdout).toContain("2 demands: 1 moved, 0 split, at most 1 midpoints");
  expect(stdout).toMatch(/a-b:a>b +10 Mbit\/s +120\.00 % +60\.00 %/);
});

test("a run goes on from an earlier one: what is good stays, new demands go plainly, moves are limited", async () => {
  const before = file("before.json", (await place(demands(...TWO), "-o", "json")).stdout);
  const same = json(await place(demands(...TWO), "--from", before, "-o", "json"));
  expect(same["moved"]).toEqual([]);
  expect(same["startMlu"]).toBeCloseTo(0.6, 6);
  const more = demands(...TWO, "{name: third, from: a, to: d, mbps: 3}");
  const limited = json(await place(more, "--from", before, "--max-moves", "0", "-o", "json"));
  expect(limited).toMatchObject({ moved: [], startMlu: 0.9, mlu: 0.9 });
  const free = json(await place(more, "--from", before, "--max-moves", "1", "-o", "json"));
  expect(free["moved"]).toHaveLength(1);
  expect(free["mlu"]).toBeCloseTo(0.75, 2);
});

test("the example: an overbooked network within half of its capacity", async () => {
  const backbone = join(__dirname, "../../../../examples/backbone");
  const result = json(
    await runMain(
      "place",
      "-t",
      join(backbone, "topology.yaml"),
      "-d",
      join(backbone, "try/demands.yaml"),
      "-o",
      "json",
    ),
  );
  expect(result).toMatchObject({ ecmpMlu: 1.6, blocked: [], unroutable: [] });
  expect(result["mlu"]).toBeLessThan(0.54);
});

test("REPETITA files", async () => {
  const graph = file("tiny.graph", GRAPH);
  const traffic = file("tiny.demands", "DEMANDS 1\nlabel src dest bw\nx 0 3 12000\n");
  const result = json(await runMain("place", "-t", graph, "-d", traffic, "-o", "json"));
  expect(result).toMatchObject({ instance: "tiny", ecmpMlu: 1.2, mlu: 0.6 });
});

test("a demand that nothing can carry is named, the others are placed", async () => {
  const outcome = await place(demands(...TWO, "{from: a, to: island, mbps: 1}"), "-o", "json");
  expect(outcome.code).toBe(EXIT.notSatisfied);
  expect(json(outcome)).toMatchObject({ unroutable: ["a-island"] });
  expect(json(outcome)["mlu"]).toBeCloseTo(0.6, 6);
});

test.each<[string, () => string[], string[]]>([
  [
    "every problem of the demands at its place",
    () => [demands("{from: a, to: e, mbps: 1}", "{from: a, to: d, mbps: -1}", "{from: a, mbps: 1}")],
    ["demands.yaml:7:24 spec.demands[1].mbps", "demands.yaml:8:7 spec.demands[2].to"],
  ],
  [
    "nodes that are not there, demands without a name of their own",
    () => [demands("{from: a, to: e, mbps: 1}", "{from: a, to: d, mbps: 1}", "{from: a, to: d, mbps: 1}")],
    ["demands.yaml:6:17 spec.demands[0].to", "demands.yaml:8:7 spec.demands[2]"],
  ],
  [
    "a document of another kind",
    () => [file("demands.yaml", TOPOLOGY)],
    ["demands.yaml:2:1 kind", "demands.yaml:6:3 spec.locatorBlock"],
  ],
  [
    "a placement of another network",
    () => [
      demands(...TWO),
      "--from",
      file(
        "p.json",
        '{"lists": [{"demand": "big", "lists": [{"weight": 1, "midpoints": ["z"]}, {"weight": 0, "midpoints": []}]}]}',
      ),
    ],
    ["p.json:1:76 lists[0].lists[1].weight"],
  ],
  [
    "lists that say where they go in two ways, or in none",
    () => [
      demands(...TWO),
      "--from",
      file(
        "p.json",
        `{"lists": [{"demand": "big", "lists": [\n{"weight": 1, "midpoints": ["b"], "links": ["a-b:a>b"]},\n{"weight": 1}]}]}`,
      ),
    ],
    ["p.json:2:1 lists[0].lists[0]", "p.json:3:1 lists[0].lists[1]"],
  ],
  [
    "a placement over links that are not there",
    () => [
      demands(...TWO),
      "--from",
      file("p.json", `{"lists": [{"demand": "big", "lists": [{"weight": 1, "links": ["a-b:a>z"]}]}]}`),
    ],
    ["p.json:1:64 lists[0].lists[0].links[0]"],
  ],
  ["no placement at all", () => [demands(...TWO), "--from", file("p.json", "{")], ["p.json:1:2 "]],
  [
    "a demand twice",
    () => [
      demands(...TWO),
      "--from",
      file("p.json", `{"lists": [\n{"demand": "big", "lists": []},\n{"demand": "big", "lists": []}]}`),
    ],
    ["p.json:3:2 lists[1].demand"],
  ],
])("issues: %s", async (_, args, expected) => {
  const [demandFile = "", ...flags] = args();
  const { code, stdout, stderr } = await place(demandFile, ...flags);
  expect({ code, stdout }).toEqual({ code: EXIT.badInput, stdout: "" });
  for (const place of expected) expect(stderr).toContain(place);
});

test.each([
  ["--max-midpoints", "3"],
  ["--max-moves", "-1"],
  ["--max-moves", "many"],
])("wrong usage: %s %s", async (...flags) => {
  expect((await place(demands(...TWO), ...flags)).code).toBe(EXIT.usage);
});
