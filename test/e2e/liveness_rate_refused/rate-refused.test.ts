// The three ways of ../rig/three-ways.ts. An intent asks for a probe every millisecond, of an agent that gets to run only when nobody
// else wants its processor, and somebody does.
import { type ChildProcess, execFileSync } from "node:child_process";
import { eventually } from "../../support/eventually";
import type { Rig } from "../rig/rig";
import { declareCalls, RETURN_BOUND_MS, threeWays } from "../rig/three-ways";

jest.setTimeout(90_000);

const ASKED_US = 1_000;
/** Processor 1 alone, as a mask and as a number. */
const LAST = { mask: "2", number: "1" };

let rig: Rig;
let busy: ChildProcess | undefined;
beforeAll(async () => {
  rig = await threeWays();
  await declareCalls(rig, "liveness: {probeIntervalMs: 1}");
}, 60_000);
afterAll(async () => {
  busy?.kill("SIGKILL");
  await rig.down();
});

/** What the kernel is told about all threads of the agent. */
async function schedule(command: "chrt" | "taskset", ...args: string[]): Promise<void> {
  const { agent } = await rig.agentStatus("desk");
  execFileSync(command, ["--all-tasks", ...args, String(agent.pid)], { stdio: "pipe" });
}

test("a probe interval that a busy host cannot keep is refused, and probed at the one that it can", async () => {
  await schedule("chrt", "--idle", "--pid", "0");
  await schedule("taskset", "--pid", LAST.mask);
  busy = rig.lab.spawn("studio", ["taskset", "--cpu-list", LAST.number, process.execPath, "-e", "for (;;);"]);
  const refused = await eventually(
    "the agent refuses the rate",
    async () => (await rig.agentStatus("desk")).refusedRates?.find(({ askedUs }) => askedUs === ASKED_US),
    RETURN_BOUND_MS,
  );
  expect(refused.keptUs).toBeGreaterThan(ASKED_US);
  expect(refused.lists).toBeGreaterThan(0);
  await eventually(
    "the controller says so of the host",
    async () => /probing is installed, but probe_rate_refused: .* 1 ms/.test(await rig.describe("host", "desk")),
    RETURN_BOUND_MS,
  );
  busy.kill("SIGKILL");
  await schedule("chrt", "--other", "--pid", "0");
  const { lists } = await rig.agentStatus("desk");
  const slower = lists.filter(({ askedIntervalUs, intervalUs }) => askedIntervalUs === ASKED_US && intervalUs !== null);
  expect(slower.length).toBeGreaterThan(0);
  for (const { intervalUs } of slower) expect(intervalUs).toBeGreaterThan(ASKED_US);
  expect(await rig.agentPaths("desk")).toContain("not 1 ms");
});
