import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Rig } from "../../e2e/rig/rig";

const FROM = "desk-1";
const TO = "studio-1";
/** Ordered pairs of these give each list segments of its own. */
const VIA = ["ams", "bru", "par", "fra", "gva", "muc", "vie", "ham", "lys"] as const;
/** Of the kernel's count of CPU time in /proc: USER_HZ, the same on all architectures that Linux has today. */
const TICKS_PER_SECOND = 100;

export interface ProbeCpu {
  readonly lists: number;
  /** Of one core, each a stretch of its own. */
  readonly percents: readonly number[];
  readonly probesPerSecond: number;
}

/** What the agent of a host takes of a CPU to probe and judge so many lists, in some stretches of time. */
export async function measureProbeCpu(
  { lists, intervalMs, stretches, seconds }: { lists: number; intervalMs: number; stretches: number; seconds: number },
  onRig: (rig: Rig) => void,
): Promise<ProbeCpu> {
  const controllerFlags = ["--probe-interval-ms", String(intervalMs)];
  await using rig = await Rig.up({ topology: "backbone", undelayed: true, controllerFlags });
  onRig(rig);
  const names = Array.from({ length: lists }, (_, i) => `probed-${i}`);
  await rig.apply(names.map((name, i) => intent(name, i, intervalMs)).join("---\n"));
  await rig.live(...names);
  const before = await rig.agentStatus(FROM);
  const pid = before.agent.pid ?? 0;
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

/** Asks for the rate itself: a list that others watch as well would only be verified. */
function intent(name: string, i: number, intervalMs: number): string {
  const first = VIA[i % VIA.length];
  const second = VIA[(i + 1 + Math.floor(i / VIA.length)) % VIA.length];
  return `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [${FROM}]}
  to: {hosts: [${TO}]}
  application: {protocol: udp, ports: ["${20_000 + i}"]}
  objective: {minimize: delay}
  constraints: {via: [{node: ${first}}, {node: ${second}}]}
  liveness: {probeIntervalMs: ${intervalMs}}
`;
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
