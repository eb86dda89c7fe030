// A controller, and documents that are wrong: every problem is told at its place, and nothing of anything is applied.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callsIntent } from "../rig/diamond";
import { example, Rig } from "../rig/rig";

jest.setTimeout(60_000);

let rig: Rig;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "sextant-e2e-"));
  rig = await Rig.up({ topology: "diamond", daemons: "controller" });
  await rig.applyFile(example("diamond", "intents.yaml"));
}, 60_000);
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await rig.down();
});

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** Everything that is in force. */
async function inForce(): Promise<unknown> {
  const kinds = await Promise.all(["Topology", "Intent", "Service"].map((kind) => rig.observeAll(kind)));
  return kinds.flat().map(({ kind, name, generation, spec }) => ({ kind, name, generation, spec }));
}

const MANY = `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: broken}
spec:
  from: {hosts: [alicia]}
  to: {hosts: [bob]}
  aplication: {cgroup: apps/x}
  application: {protocol: upd, ports: ["70000", "20-10", "x"]}
  objective: {minimize: dely}
  constraints: {maxDelayMs: -1, avoid: {nodes: [nort]}}
---
apiVersion: sextant.dev/v1
kind: Intnet
metadata: {name: other}
`;

test("every problem of a file is told as file:line:column with what would be right; nothing is applied", async () => {
  const before = await inForce();
  const path = file("many.yaml", MANY);
  const { status, stdout, stderr } = await rig.sextant(["apply", "-f", path]);
  expect(status).toBe(1);
  expect(stdout).toBe("");
  const lines = stderr.trimEnd().split("\n");
  const issues = lines.slice(0, -1);
  for (const issue of issues) expect(issue).toMatch(new RegExp(`^${path}:\\d+:\\d+ \\S`));
  const places = issues.map((issue) => issue.slice(path.length + 1).split(" ")[0]);
  expect(places).toEqual(expect.arrayContaining(["7:3", "8:17", "8:40", "8:49", "8:58", "9:15", "10:17", "13:1"]));
  expect(stderr).toMatch(/aplication.*did you mean "?application/);
  expect(stderr).toMatch(/Intnet.*did you mean "?Intent/);
  expect(lines.at(-1)).toBe(`${issues.length} problems; nothing was applied`);
  expect(await inForce()).toEqual(before);
});

test.each([
  ["an unknown host", callsIntent().replace("alice", "alicia"), /^\S+:5:18 .*alicia.*alice/],
  ["an unknown node to avoid", callsIntent("constraints: {avoid: {nodes: [nort]}}"), /^\S+:9:\d+ .*nort.*north/],
  ["ports out of range", callsIntent().replace("5000-5999", "5000-70000"), /^\S+:7:\d+ .*70000/],
  ["a name twice", `${callsIntent()}---\n${callsIntent()}`, /^\S+:13:\d+ .*calls/],
  ["a field that does not exist", callsIntent("protecton: {backups: 1}"), /^\S+:9:3 .*protecton.*protection/],
  ["no YAML", "spec: [", /^\S+:\d+:\d+ /],
])("%s is refused at its place", async (_what, text, expected) => {
  const before = await inForce();
  const { status, stderr } = await rig.sextant(["apply", "-f", file("one.yaml", text)]);
  expect(status).toBe(1);
  expect(stderr).toMatch(expected);
  expect(await inForce()).toEqual(before);
});

test("good files beside a bad one are not applied either", async () => {
  const before = await inForce();
  const good = file("good.yaml", callsIntent("priority: 7").replace("name: calls", "name: fresh"));
  const changed = file("changed.yaml", callsIntent("priority: 8"));
  const bad = file("bad.yaml", callsIntent("priority: high").replace("name: calls", "name: bad"));
  const { status, stderr } = await rig.sextant(["apply", "-f", good, changed, bad]);
  expect(status).toBe(1);
  expect(stderr).toMatch(new RegExp(`^${bad}:9:3 `));
  expect(stderr).toContain("1 problem; nothing was applied");
  expect(await inForce()).toEqual(before);
  const applied = await rig.sextant(["apply", "-f", good, changed]);
  expect(applied.stdout).toBe("intent/fresh created\nintent/calls configured\n");
});

test("a topology with a node id twice is refused, and the one in force stays", async () => {
  const before = await inForce();
  const text = `apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: diamond}
spec:
  locatorBlock: fcbb:bb00::/32
  nodes:
    - {name: west, nodeId: 1}
    - {name: east, nodeId: 1}
    - {name: east, nodeId: 5}
  links:
    - {a: west, b: nowhere}
`;
  const { status, stderr } = await rig.sextant(["apply", "-f", file("topology.yaml", text)]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/:8:\d+ .*node ?[iI]d/);
  expect(stderr).toMatch(/:9:\d+ .*east/);
  expect(stderr).toMatch(/:11:\d+ .*nowhere/);
  expect(await inForce()).toEqual(before);
});

test("a topology is not taken away from under its intents", async () => {
  const before = await inForce();
  const { status, stderr } = await rig.sextant(["delete", "topology", "diamond"]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/[23] intents and services refer to topology "diamond"/);
  expect(await inForce()).toEqual(before);
});
