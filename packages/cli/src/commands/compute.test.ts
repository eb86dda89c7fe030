import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IssueView } from "@sextant/controller";
import { Command } from "commander";
import { EXIT } from "../exit-code";
import type { JsonObject } from "../resource";
import { computeCommand } from "./compute";

/*
 *          b (1 ms)
 *        /   \
 *  h1 ─ a     d ─ h2
 *        \   /
 *          c (5 ms)
 */
const TOPOLOGY = `
apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: small}
spec:
  locatorBlock: fcbb:bb00::/32
  nodes:
    - {name: a, nodeId: 1}
    - {name: b, nodeId: 2}
    - {name: c, nodeId: 3}
    - {name: d, nodeId: 4}
    - {name: h1, kind: host, attachedTo: a, addresses: ["2001:db8:a::1"]}
    - {name: h2, kind: host, attachedTo: d, addresses: ["2001:db8:b::1"]}
  links:
    - {a: a, b: b, delayUs: 1000}
    - {a: b, b: d, delayUs: 1000}
    - {a: a, b: c, delayUs: 5000}
    - {a: c, b: d, delayUs: 5000}
`;

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
afterEach(() => {
  rmSync(directory, { recursive: true });
  process.exitCode = undefined;
  jest.restoreAllMocks();
});

interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number;
}

/** Runs the command over the topology and one file of intents. */
async function compute(intents: string, ...flags: string[]): Promise<Outcome> {
  writeFileSync(join(directory, "intents.yaml"), intents);
  const written = { out: "", err: "" };
  jest.spyOn(process.stdout, "write").mockImplementation((chunk) => ((written.out += String(chunk)), true));
  jest.spyOn(process.stderr, "write").mockImplementation((chunk) => ((written.err += String(chunk)), true));
  const program = new Command().addCommand(computeCommand());
  const files = ["-t", join(directory, "topology.yaml"), "-i", join(directory, "intents.yaml")];
  await program.parseAsync(["compute", ...files, ...flags], { from: "user" });
  return { ...written, exitCode: Number(process.exitCode ?? EXIT.ok) };
}

function parsed(out: string): { items: JsonObject[]; issues: IssueView[] } {
  return JSON.parse(out) as { items: JsonObject[]; issues: IssueView[] };
}

test("JSON: a policy per pair, candidates with metrics and lists, conditions, no issues", async () => {
  const { out, exitCode } = await compute(intent("calls", "  protection: {backups: 1}"), "-o", "json");
  const { items, issues } = parsed(out);
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
  expect(exitCode).toBe(EXIT.ok);
});

test("table: path and segments of every candidate", async () => {
  const { out } = await compute(intent("calls", "  protection: {backups: 1}"));
  expect(out).toContain("intent/calls");
  expect(out).toMatch(/h1 +h2 +insert +100 +2 ms +h1 a b d h2 +fcbb:bb00:2::/);
  expect(out).toMatch(/90 +10 ms +h1 a c d h2 +fcbb:bb00:3::/);
});

test("no path is an answer with a status of its own", async () => {
  const { out, exitCode } = await compute(intent("telepathy", "  constraints: {maxDelayMs: 1}"));
  expect(out).toContain("NoPath");
  expect(exitCode).toBe(EXIT.notSatisfied);
});

const BROKEN = intent("calls", "  constraints: {avoid: {nodes: [x]}, via: [{node: e}]}");

test("issues: every problem with its place, nothing computed", async () => {
  const { out, err, exitCode } = await compute(BROKEN);
  const place = join(directory, "intents.yaml");
  expect(out).toBe("");
  expect(err.split("\n").filter((line) => line.startsWith(`${place}:9:`))).toHaveLength(2);
  expect(exitCode).toBe(EXIT.badInput);
});

test("issues as JSON", async () => {
  const { out, err, exitCode } = await compute(BROKEN, "-o", "json");
  expect(parsed(out)).toMatchObject({
    items: [],
    issues: [
      { code: "unknown_reference", path: "spec.constraints.avoid.nodes[0]", line: 9, column: 33 },
      { code: "unknown_reference", path: "spec.constraints.via[0].node", line: 9, column: 45 },
    ],
  });
  expect(err).toBe("");
  expect(exitCode).toBe(EXIT.badInput);
});
