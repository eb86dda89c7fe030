import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ScenarioReport } from "@sextant/controller";
import { EXIT } from "../exit-code";
import { runMain } from "../testing/run-main";

const EXAMPLE = join(__dirname, "../../../../examples/diamond");
const FILES = ["-t", join(EXAMPLE, "topology.yaml"), "-i", join(EXAMPLE, "intents.yaml")];

const ADDED = `
apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: telepathy}
spec: {from: {hosts: [alice]}, to: {hosts: [bob]}, objective: {minimize: delay}, constraints: {maxDelayMs: 0.01}}
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sextant-simulate-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const simulate = (...flags: string[]) => runMain("simulate", ...FILES, ...flags);

interface Output {
  readonly policies: number;
  readonly changed?: ScenarioReport;
  readonly examined?: number;
  readonly each?: readonly ScenarioReport[];
}

async function simulated(...flags: string[]): Promise<Output> {
  const { stdout } = await simulate(...flags, "-o", "json");
  return JSON.parse(stdout) as Output;
}

test("a failure: which policies it touches, before and after", async () => {
  const { stdout, code } = await simulate("--fail", "node:south");
  expect(stdout).toContain("fail node south: 2 lose protection, 1 move");
  expect(stdout).toMatch(
    /calls +alice +bob +loses protection, moves +alice west south east bob \(2 ms\) +alice west north east bob \(10 ms\)/,
  );
  expect(code).toBe(EXIT.ok);
});

test("what breaks has a status of its own", async () => {
  const { stdout, code } = await simulate("--fail", "link:alice-west");
  expect(stdout).toMatch(/calls +alice +bob +breaks +.* no path: Disconnected/);
  expect(code).toBe(EXIT.notSatisfied);
});

test("each link, node and group in turn, worst first", async () => {
  const { policies, examined, each, changed } = await simulated("--each-link", "--each-node", "--top", "2");
  expect({ policies, examined, changed }).toEqual({ policies: 2, examined: 10, changed: undefined });
  expect(each?.map(({ name, counts }) => [name, counts.breaks])).toEqual([
    ["fail link alice-west", 2],
    ["fail link bob-east", 2],
  ]);
  const { stdout } = await simulate("--each-srlg", "--each-link", "--top", "1");
  expect(stdout).toMatch(
    /fail link alice-west +2 +0 +0 +0 +- +calls: alice to bob breaks\nand 5 more that are not worse/,
  );
});

test("changes come first, and each failure after them", async () => {
  const { changed, each } = await simulated("--drain", "north", "--set", "south-east.delayUs=9000", "--each-node");
  expect(changed?.name).toBe("set south-east delayUs=9000, drain node north");
  expect(changed?.counts).toMatchObject({ losesProtection: 2, moves: 1 });
  expect(each?.find(({ name }) => name === "fail node north")?.impacts).toEqual([]);
});

test("intents that come and go", async () => {
  const file = join(directory, "added.yaml");
  writeFileSync(file, ADDED);
  const { changed } = await simulated("--add", file, "--remove", "files");
  expect(changed?.impacts.map(({ intent, effects }) => [intent, effects])).toEqual([
    ["files", ["removed"]],
    ["telepathy", ["added"]],
  ]);
});

test.each([
  ["--fail", "west", EXIT.usage, /link:NAME, node:NAME or srlg:NAME/],
  ["--set", "west-north.cost=3", EXIT.usage, /LINK.FIELD=VALUE/],
  ["--set", "west-north.igp=1.5", EXIT.usage, /igp is a whole number from 0 to 16777215/],
  ["--set", "west-north.lossPpm=1000001", EXIT.usage, /lossPpm is a number from 0 to 1000000/],
  ["--set", "west-north.utilisationPercent=1001", EXIT.usage, /utilisationPercent is a number from 0 to 1000/],
  ["--drain", "nort", EXIT.badInput, /no node "nort".*"north"/],
  ["--remove", "call", EXIT.badInput, /no intent "call".*"calls"/],
  ["--top", "0", EXIT.usage, /whole number, 1 or more/],
])("%s %s is refused", async (flag, value, status, message) => {
  const { code, stderr } = await simulate(flag, value);
  expect(code).toBe(status);
  expect(stderr).toMatch(message);
});

test("issues of an added file have their places, and nothing is computed", async () => {
  const file = join(directory, "broken.yaml");
  writeFileSync(file, ADDED.replace("bob", "rob"));
  const { stdout, stderr, code } = await simulate("--add", file);
  expect([stdout, code]).toEqual(["", EXIT.badInput]);
  expect(stderr).toContain(`${file}:5:`);
});

test("nothing asked, nothing simulated", async () => {
  const { stdout } = await simulate();
  expect(stdout).toContain("nothing to simulate");
});
