import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IssueView } from "@sextant/controller";
import { networkYaml } from "../../../../test/support/network";
import { EXIT } from "../exit-code";
import type { JsonObject } from "../resource";
import { type Outcome, runMain } from "../testing/run-main";

/*
 *          b (1 ms)
 *        /   \
 *  h1 ─ a     d ─ h2
 *        \   /
 *          c (5 ms)
 */
const TOPOLOGY = networkYaml(`
h1: a
h2: d
a-b delayUs=1000
b-d delayUs=1000
a-c delayUs=5000
c-d delayUs=5000
`);

function intent(name: string, rest: string): string {
  return `---
apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [h1]}
  to: {hosts: [h2]}
  objective: {minimize: delay}
${rest}`;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sextant-compute-"));
  writeFileSync(join(directory, "topology.yaml"), TOPOLOGY);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs the command over the topology and one file of intents. */
function compute(intents: string, ...flags: string[]): Promise<Outcome> {
  writeFileSync(join(directory, "intents.yaml"), intents);
  return runMain("compute", "-t", join(directory, "topology.yaml"), "-i", join(directory, "intents.yaml"), ...flags);
}

function parsed(stdout: string): { items: JsonObject[]; issues: IssueView[] } {
  return JSON.parse(stdout) as { items: JsonObject[]; issues: IssueView[] };
}

test("table: candidates between the same nodes are told by their links", async () => {
  writeFileSync(join(directory, "topology.yaml"), networkYaml("h1: a\nh2: d\na-d name=east\na-d name=west delayUs=3"));
  const { stdout } = await compute(intent("calls", "  protection: {backups: 1}"));
  expect(stdout).toMatch(/100 .* h1 a d h2 over east .*\n.* 90 .* h1 a d h2 over west /);
});

test("JSON: a policy per pair, candidates with metrics and lists, conditions, no issues", async () => {
  const { stdout, code } = await compute(intent("calls", "  protection: {backups: 1}"), "-o", "json");
  const { items, issues } = parsed(stdout);
  expect(issues).toEqual([]);
  expect(items).toMatchObject([
    {
      kind: "Intent",
      metadata: { name: "calls", generation: 1 },
      spec: { objective: { minimize: "delay" } },
      status: {
        issues: [],
        policies: [
          {
            host: "h1",
            endpoint: "h2",
            candidates: [
              {
                preference: 100,
                nodes: ["h1", "a", "b", "d", "h2"],
                links: ["h1-a", "a-b", "b-d", "h2-d"],
                metrics: { delayUs: 2000, igp: 20, te: 20, hops: 4 },
                segmentLists: [{ weight: 1, segments: ["fcbb:bb00:2::"] }],
              },
              { preference: 90, nodes: ["h1", "a", "c", "d", "h2"] },
            ],
          },
        ],
      },
    },
  ]);
  expect(code).toBe(EXIT.ok);
});

test("table: path and segments of every candidate", async () => {
  const { stdout } = await compute(intent("calls", "  protection: {backups: 1}"));
  expect(stdout).toContain("intent/calls");
  expect(stdout).toMatch(/h1 +h2 +insert +100 +2 ms +h1 a b d h2 +fcbb:bb00:2::/);
  expect(stdout).toMatch(/90 +10 ms +h1 a c d h2 +fcbb:bb00:3::/);
});

test("no path is an answer with a status of its own", async () => {
  const { stdout, code } = await compute(intent("telepathy", "  constraints: {maxDelayMs: 1}"));
  expect(stdout).toContain("NoPath");
  expect(code).toBe(EXIT.notSatisfied);
});

const BROKEN = intent("calls", "  constraints: {avoid: {nodes: [x]}, via: [{node: e}]}");

test("issues: every problem with its place, nothing computed", async () => {
  const { stdout, stderr, code } = await compute(BROKEN);
  const place = join(directory, "intents.yaml");
  expect(stdout).toBe("");
  expect(stderr.split("\n").filter((line) => line.startsWith(`${place}:9:`))).toHaveLength(2);
  expect(code).toBe(EXIT.badInput);
});

test("issues as JSON", async () => {
  const { stdout, stderr, code } = await compute(BROKEN, "-o", "json");
  expect(parsed(stdout)).toMatchObject({
    items: [],
    issues: [
      { code: "unknown_reference", path: "spec.constraints.avoid.nodes[0]", line: 9, column: 33 },
      { code: "unknown_reference", path: "spec.constraints.via[0].node", line: 9, column: 45 },
    ],
  });
  expect(stderr).toBe("");
  expect(code).toBe(EXIT.badInput);
});
