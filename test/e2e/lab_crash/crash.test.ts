import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Lab } from "@sextant/lab";
import { tracesOf } from "../lab_support/lab-traces";
import { labNameFor, upLab } from "../lab_support/own-labs";
import { ping } from "../lab_support/ping";
import { eventually } from "../../support/eventually";

//            north
//          /       \
//   alice──west   east──bob
//          \       /
//            south
const TOPOLOGY = join(__dirname, "..", "lab_support", "diamond.yaml");
const MAIN = join(__dirname, "..", "..", "..", "packages", "cli", "dist", "main.js");

jest.setTimeout(60_000);

const name = labNameFor("crash");
afterEach(() => Lab.down(name));

/** Runs `lab up` as a process of its own and sends it a signal at the step given. Gives how it ended. */
function signalAt(step: RegExp, signal: NodeJS.Signals): Promise<{ code: number | null; signal: string | null }> {
  const args = [MAIN, "lab", "up", "-f", TOPOLOGY, "--name", name];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (step.test(line)) child.kill(signal);
  });
  return new Promise((resolve) => child.once("close", (code, ending) => resolve({ code, signal: ending })));
}

/** Process id of the supervisor. */
function supervisorPid(): number {
  const state = JSON.parse(readFileSync(`/run/sextant/labs/${name}/state.json`, "utf8")) as {
    supervisor: { pid: number };
  };
  return state.supervisor.pid;
}

test.each([
  ["SIGINT", /links/],
  ["SIGINT", /certificates/],
  ["SIGTERM", /addresses/],
] as const)("%s during up ends with an error and nothing left", async (signal, step) => {
  expect(await signalAt(step, signal)).toEqual({ code: 5, signal: null });
  expect(tracesOf(name)).toEqual([]);
});

test.each([/^namespaces/, /links/, /addresses/, /IGP/])("killed at %p: the next command cleans up", async (step) => {
  expect(await signalAt(step, "SIGKILL")).toEqual({ code: null, signal: "SIGKILL" });
  expect(tracesOf(name)).not.toEqual([]);
  // What it had begun, an `ip` with its whole batch, may go on for a moment; each command cleans up what is there.
  await eventually("nothing is left", async () => {
    await expect(Lab.open(name)).rejects.toMatchObject({ code: "not_found" });
    return tracesOf(name).length === 0;
  });
});

test("killed, then up again: the new lab works", async () => {
  await signalAt(/addresses/, "SIGKILL");
  const lab = await upLab(TOPOLOGY, "crash");
  expect((await ping(lab, "alice", "2001:db8:b::1")).received).toBe(5);
});

test("without its supervisor the network stays, and says so; up replaces it", async () => {
  const lab = await upLab(TOPOLOGY, "crash");
  process.kill(supervisorPid(), "SIGKILL");
  await eventually("the supervisor is gone", async () => (await lab.status()).igp.state === "dead");
  expect((await ping(lab, "alice", "2001:db8:b::1")).received).toBe(5);
  const again = await upLab(TOPOLOGY, "crash");
  expect((await again.status()).igp.state).toBe("running");
  expect((await ping(again, "alice", "2001:db8:b::1")).received).toBe(5);
});

test("namespaces that lost their state are cleaned up, too", async () => {
  const lab = await upLab(TOPOLOGY, "crash");
  process.kill(supervisorPid(), "SIGKILL");
  await lab.exec("alice", ["rm", `/run/sextant/labs/${name}/state.json`]);
  expect(await Lab.down(name)).toBe(true);
  expect(tracesOf(name)).toEqual([]);
});
