import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorClient } from "../../../packages/cli/src/edge/operator-client";
import { eventually } from "../../support/eventually";
import type { AgentsTask, FromAgents, ToAgents } from "./agents-main";
import {
  coreEnd,
  coreLink,
  intentsYaml,
  SIDES,
  type Side,
  type SimulationSize,
  topologyYaml,
} from "./simulated-network";

const SEXTANT = join(__dirname, "..", "..", "..", "packages", "cli", "dist", "main.js");
const INTENTS_PER_APPLY = 500;
const CONTROLLER_FLAGS = ["--probe-interval-ms", "1000", "--report-interval-ms", "10000", "--log-level", "warn"];

/**
 * A trial begins when the one before has no consequences any more: the controller takes what regular reports cost, and hardly more. Links that
 * stay broken make reports dearer in time, so it does not wait for ever.
 */
const REST_MARGIN = 0.1;
const REST_WINDOW_MS = 2_000;
const REST_MOST_MS = 30_000;
const TICKS_PER_SECOND = 100;

/** What became of the agents after one link broke, all times in milliseconds. */
export interface SimulatedTrial {
  /** Until each agent had left the link, in rising order. */
  readonly afterMs: readonly number[];
}

/** A real controller in a process of its own, and processes full of simulated agents that hold a real stream each. */
export async function simulate(
  size: SimulationSize,
  trials: number,
): Promise<{ trials: SimulatedTrial[]; controllerRssMb: number }> {
  const directory = await mkdtemp(join(tmpdir(), "sextant-simulation-"));
  const socket = join(directory, "controller.sock");
  const flags = ["--listen", `unix:${socket}`, "--data-dir", join(directory, "store"), ...CONTROLLER_FLAGS];
  const controller = spawn(process.execPath, [SEXTANT, "controller", ...flags], {
    stdio: ["ignore", 2, 2],
  });
  const children: ChildProcess[] = [controller];
  const end = () => children.forEach((child) => child.kill("SIGKILL"));
  process.once("exit", end);
  try {
    await declare(`unix:${socket}`, size);
    const sides = SIDES.map((side) => new AgentsProcess(side));
    children.push(...sides.map(({ child }) => child));
    await Promise.all(sides.map((agents) => agents.start(`unix:${socket}`, size)));
    const done: SimulatedTrial[] = [];
    const pid = controller.pid ?? 0;
    const usualShare = await busyShare(pid);
    for (let i = 0; i < trials; i++) {
      await rest(pid, usualShare);
      const atNs = String(process.hrtime.bigint());
      const moved = await Promise.all(sides.map((agents) => agents.breakLink(i, atNs)));
      const afterMs = moved.flat().sort((a, b) => a - b);
      done.push({ afterMs });
      console.error(
        `simulation, trial ${i + 1} of ${trials}: the last of ${afterMs.length} moved after ${afterMs.at(-1)?.toFixed(0)} ms`,
      );
    }
    return { trials: done, controllerRssMb: await rssMb(pid) };
  } finally {
    process.off("exit", end);
    end();
    await rm(directory, { recursive: true, force: true });
  }
}

async function declare(server: string, size: SimulationSize): Promise<void> {
  const client = new OperatorClient({ server, timeout: 60 });
  const apply = async (text: string) => {
    const { issues } = await client.apply([{ name: "simulation", content: text }], false);
    if (issues.length > 0) throw new Error(JSON.stringify(issues.slice(0, 3)));
  };
  await eventually("the controller answers", () => client.get("Topology", []).then(() => true), 30_000);
  await apply(topologyYaml(size));
  const intents = SIDES.flatMap((side) => intentsYaml(side, size));
  for (let i = 0; i < intents.length; i += INTENTS_PER_APPLY) {
    await apply(intents.slice(i, i + INTENTS_PER_APPLY).join("---\n"));
    console.error(`${Math.min(intents.length, i + INTENTS_PER_APPLY)} of ${intents.length} intents declared`);
  }
  client.close();
}

/** One process of agents. */
class AgentsProcess {
  readonly child = fork(join(__dirname, "agents-main.ts"));

  constructor(private readonly side: Side) {}

  async start(server: string, size: SimulationSize): Promise<void> {
    const task: AgentsTask = { server, side: this.side, size };
    this.child.send(task);
    await this.#told("ready");
  }

  /** Breaks a core link on this side at once; gives the times once the agents are at rest again. */
  async breakLink(i: number, atNs: string): Promise<readonly number[]> {
    const order: ToAgents = { kind: "break", link: coreLink(i), from: coreEnd(this.side, i), atNs };
    this.child.send(order);
    const { afterMs } = await this.#told("moved");
    await this.#told("quiet");
    return afterMs;
  }

  #told<K extends FromAgents["kind"]>(kind: K): Promise<Extract<FromAgents, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error("a process of agents has ended"));
      const listen = (message: FromAgents) => {
        if (message.kind === "progress") console.error(`${this.side}: ${message.ready} agents are ready`);
        if (message.kind !== kind) return;
        this.child.off("message", listen);
        this.child.off("exit", gone);
        resolve(message as Extract<FromAgents, { kind: K }>);
      };
      this.child.on("message", listen);
      this.child.once("exit", gone);
    });
  }
}

async function rest(pid: number, usualShare: number): Promise<void> {
  const untilMs = performance.now() + REST_MOST_MS;
  while (performance.now() < untilMs && (await busyShare(pid)) > usualShare + REST_MARGIN);
}

/** What a process takes of a processor, over a while. */
async function busyShare(pid: number): Promise<number> {
  const before = await ticksOf(pid);
  await sleep(REST_WINDOW_MS);
  return ((await ticksOf(pid)) - before) / TICKS_PER_SECOND / (REST_WINDOW_MS / 1_000);
}

/** User and system time, fields 14 and 15 of proc(5)'s stat; the second field may hold spaces. */
async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return (user ?? 0) + (system ?? 0);
}

async function rssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
}
