import { execFile } from "node:child_process";
import { join } from "node:path";
import { Lab, type LabStatus } from "@sextant/lab";
import { tracesOf } from "../lab_support/lab-traces";
import { labNameFor } from "../lab_support/own-labs";

//            north
//         10/     \10
//   alice──west   east──bob
//         20\     /20
//            south
const TOPOLOGY = join(__dirname, "..", "lab_support", "diamond.yaml");
const BROKEN = join(__dirname, "broken.yaml");
const MAIN = join(__dirname, "..", "..", "..", "packages", "cli", "dist", "main.js");

jest.setTimeout(60_000);

const name = labNameFor("command");
afterAll(() => Lab.down(name));

interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `sextant lab ...` */
function lab(...args: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, "lab", ...args], (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const stateOf = async (link: string) => {
  const status = JSON.parse((await lab("status", "--name", name, "-o", "json")).stdout) as LabStatus;
  return status.links.find((candidate) => candidate.name === link);
};

test("a topology with problems: each is told with its place, nothing is made", async () => {
  const said = await lab("up", "-f", BROKEN, "--name", name);
  expect(said.status).toBe(1);
  expect(said.stderr).toMatch(/broken\.yaml:8:\d+ spec\.nodes\[1\]\.nodeId: /);
  expect(said.stderr).toMatch(/broken\.yaml:10:\d+ spec\.links\[0\]\.b: .*"nroth"/);
  expect(tracesOf(name)).toEqual([]);
});

test.each([
  ["a file that is not there", ["up", "-f", "nowhere.yaml"], 1],
  ["a name that is none", ["up", "-f", TOPOLOGY, "--name", "No_Name"], 1],
  ["a delay without unit", ["up", "-f", TOPOLOGY, "--igp-delay", "500"], 1],
  ["no file", ["up"], 2],
  ["a lab that is not up", ["status", "--name", "never-was"], 1],
])("%s is refused before anything is made", async (_what, args, status) => {
  expect((await lab(...args)).status).toBe(status);
});

test("up, look, run, break, mend, down", async () => {
  const up = await lab("up", "-f", TOPOLOGY, "--name", name, "--igp-delay", "50ms");
  expect(up).toMatchObject({ status: 0 });
  expect(up.stderr).toMatch(/delay/);

  const table = await lab("status", "--name", name);
  expect(table.stdout).toMatch(/^west +router +sx-/m);
  expect(table.stdout).toMatch(/^west-north +up +0 us +0 % +-/m);

  expect((await lab("exec", "--name", name, "alice", "--", "ping", "-c", "1", "2001:db8:b::1")).status).toBe(0);
  expect((await lab("exec", "--name", name, "alice", "--", "sh", "-c", "exit 42")).status).toBe(42);

  const ends = ["--name", name, "north", "west"];
  expect((await lab("link", "set", ...ends, "--delay", "3ms", "--loss", "1%", "--rate", "100mbit")).status).toBe(0);
  expect(await stateOf("west-north")).toMatchObject({ aToB: { delayUs: 3_000, lossPpm: 10_000, rateMbps: 100 } });
  expect((await lab("link", "blackhole", ...ends, "--direction", "north-west")).status).toBe(0);
  expect((await stateOf("west-north"))?.state).toEqual({ kind: "blackhole", directions: ["bToA"] });
  expect((await lab("link", "restore", ...ends)).status).toBe(0);
  expect((await lab("link", "down", ...ends)).status).toBe(0);
  expect((await stateOf("west-north"))?.state).toEqual({ kind: "down" });
  expect((await lab("link", "up", ...ends)).status).toBe(0);
  expect((await stateOf("west-north"))?.state).toEqual({ kind: "up" });
  expect((await lab("igp", "--name", name, "--delay", "1s")).status).toBe(0);

  expect((await lab("link", "set", ...ends)).status).toBe(1);
  expect((await lab("link", "blackhole", ...ends, "--direction", "up")).status).toBe(1);
  expect((await lab("up", "-f", TOPOLOGY, "--name", name)).status).toBe(1);

  expect((await lab("down", "--name", name)).stdout).toBe(`lab ${name} is gone\n`);
  expect(tracesOf(name)).toEqual([]);
  expect((await lab("down", "--name", name)).status).toBe(0);
});
