import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { ExecResult } from "@sextant/lab";
import { Rig } from "../../e2e/rig/rig";

const FROM = "desk-1";
const TO = "studio-1";
/** Most ordered pairs of these give a list with segments of its own. */
const VIA = ["lon", "ams", "bru", "par", "fra", "gva", "lys", "mil", "muc", "vie", "prg", "ber", "ham"] as const;
/** The agent has this CPU; all others forward. */
const AGENT_CPU = 0;
/** Of the kernel's count of CPU time in /proc: USER_HZ, the same on all architectures that Linux has today. */
const TICKS_PER_SECOND = 100;

export interface ProbeCpu {
  readonly lists: number;
  /** Of one core, each a stretch of its own. */
  readonly percents: readonly number[];
  readonly probesPerSecond: number;
}

/**
 * What the agent of a host takes of a CPU to probe and judge so many lists, in some stretches of time. Whoever sends through the lab's first link
 * would forward the packet through all routers of the lab by itself, and the kernel would count that as the agent's: another CPU does it where
 * there is one.
 */
export async function measureProbeCpu(
  { lists, intervalMs, stretches, seconds }: { lists: number; intervalMs: number; stretches: number; seconds: number },
  onRig: (rig: Rig) => void,
): Promise<ProbeCpu> {
  const controllerFlags = ["--probe-interval-ms", String(intervalMs)];
  await using rig = await Rig.up({ topology: "backbone", undelayed: true, controllerFlags });
  onRig(rig);
  await applyUntil(rig, lists, intervalMs);
  const before = await rig.agentStatus(FROM);
  const pid = before.agent.pid ?? 0;
  await forwardElsewhere(rig, pid);
  const startMs = performance.now();
  const percents: number[] = [];
  for (let i = 0; i < stretches; i++) {
    percents.push(await cpuPercent(pid, seconds));
    console.error(`${before.lists.length} lists every ${intervalMs} ms: ${percents.at(-1)?.toFixed(1)} % of one CPU`);
  }
  const tookSeconds = (performance.now() - startMs) / 1_000;
  const after = await rig.agentStatus(FROM);
  return {
    lists: before.lists.length,
    percents,
    probesPerSecond: (probesSent(after) - probesSent(before)) / tookSeconds,
  };
}

/** Applies intents until the agent has so many lists: some pairs lead to a list that is there already. */
async function applyUntil(rig: Rig, lists: number, intervalMs: number): Promise<void> {
  const pairs = VIA.flatMap((first) => VIA.filter((second) => second !== first).map((second) => [first, second]));
  const applied: string[] = [];
  for (let missing = lists; missing > 0; missing = lists - (await rig.agentStatus(FROM)).lists.length) {
    const next = pairs.splice(0, missing).map((via, i) => ({ via, name: `probed-${applied.length + i}` }));
    if (next.length === 0) throw new Error(`no ${lists} different lists lead from ${FROM} to ${TO}`);
    await rig.apply(
      next.map(({ via, name }, i) => intent(name, 20_000 + applied.length + i, via, intervalMs)).join("---\n"),
    );
    applied.push(...next.map(({ name }) => name));
    await rig.live(...applied);
  }
}

/** Has the agent keep to one CPU, and what the lab's routers receive be forwarded by the others (receive packet steering). */
async function forwardElsewhere(rig: Rig, pid: number): Promise<void> {
  const others = 2 ** availableParallelism() - 1 - 2 ** AGENT_CPU;
  const steer = `set -e; mount -t sysfs sysfs /sys; for file in /sys/class/net/*/queues/rx-*/rps_cpus; do echo ${others.toString(16)} > "$file"; done`;
  for (const { name } of rig.lab.plan.topology.nodes)
    requireDone(await rig.lab.exec(name, ["unshare", "--mount", "sh", "-c", steer]));
  await promisify(execFile)("taskset", ["--all-tasks", "--cpu-list", "--pid", String(AGENT_CPU), String(pid)]);
}

/** Asks for the rate itself: a list that others watch as well would only be verified. */
function intent(name: string, port: number, via: readonly string[], intervalMs: number): string {
  return `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [${FROM}]}
  to: {hosts: [${TO}]}
  application: {protocol: udp, ports: ["${port}"]}
  objective: {minimize: delay}
  constraints: {via: [${via.map((node) => `{node: ${node}}`).join(", ")}]}
  liveness: {probeIntervalMs: ${intervalMs}}
`;
}

function requireDone({ status, stderr }: ExecResult): void {
  if (status !== 0) throw new Error(`packets cannot be steered to another CPU: ${stderr}`);
}

function probesSent({ lists }: Awaited<ReturnType<Rig["agentStatus"]>>): number {
  return lists.reduce((sum, list) => sum + Number(list.probesSent), 0);
}

async function cpuPercent(pid: number, seconds: number): Promise<number> {
  const startMs = performance.now();
  const before = cpuTicks(pid);
  await sleep(seconds * 1_000);
  const tookSeconds = (performance.now() - startMs) / 1_000;
  return ((cpuTicks(pid) - before) / TICKS_PER_SECOND / tookSeconds) * 100;
}

/** User and system time of a process, in ticks (proc(5), fields 14 and 15 of stat). */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [utime = "0", stime = "0"] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return Number(utime) + Number(stime);
}
