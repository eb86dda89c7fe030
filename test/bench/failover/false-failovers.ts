import { cpus } from "node:os";
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { CALLS, diamondWithCalls } from "../../e2e/rig/diamond";
import type { Rig } from "../../e2e/rig/rig";

/** TCP over the list that `calls` uses: the same segments are the same list. */
const BULK = { from: CALLS.from, to: CALLS.to, port: 7_100 } as const;
const BULK_INTENT = `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: bulk}
spec:
  from: {hosts: [${BULK.from}]}
  to: {hosts: [${BULK.to}]}
  application: {protocol: tcp, ports: ["${BULK.port}"]}
  objective: {minimize: delay}
  protection: {backups: 1, disjoint: link}
`;
/** Not for any intent: what fills the other way. */
const PLAIN_PORT = 7_200;
const LOOK_MS = 1_000;

export interface FalseFailovers {
  /** Seconds in which packets took the backup, though nothing had died. */
  readonly count: number;
  readonly seconds: number;
  /** Packets of the intents over the primary: nothing is proved by a link on which nothing happens. */
  readonly packets: number;
  /** Sent on the lists, and what came back of them. */
  readonly probesSent: number;
  readonly probesReturned: number;
}

/** All CPUs busy and both ways full of TCP, for a while: counts the times at which packets left a path that works. */
export async function measureFalseFailovers(
  seconds: number,
  probes: { readonly intervalMs: number; readonly multiplier: number },
  onRig: (rig: Rig) => void,
): Promise<FalseFailovers> {
  const { intervalMs, multiplier } = probes;
  const controllerFlags = ["--probe-interval-ms", String(intervalMs), "--probe-multiplier", String(multiplier)];
  await using rig = await diamondWithCalls({ undelayed: true, controllerFlags });
  onRig(rig);
  await rig.apply(BULK_INTENT);
  await rig.live("bulk");
  const [primary = "", backup = ""] = await listsOf(rig);
  const before = await traffic(rig, [primary, backup]);
  const loops = busyLoops(rig);
  const load = await Promise.all([
    rig.lab.startTcp({ ...BULK, mode: "bulk", seconds }),
    rig.lab.startTcp({ ...BULK, port: PLAIN_PORT, mode: "bulk", seconds }),
  ]);
  const count = await watch(rig, backup, before.packets[1] ?? 0, seconds);
  await Promise.all(load.map(({ result }) => result));
  for (const loop of loops) loop.kill("SIGKILL");
  const after = await traffic(rig, [primary, backup]);
  return {
    count,
    seconds,
    packets: (after.packets[0] ?? 0) - (before.packets[0] ?? 0),
    probesSent: after.probesSent - before.probesSent,
    probesReturned: after.probesReturned - before.probesReturned,
  };
}

async function watch(rig: Rig, backup: string, packetsBefore: number, seconds: number): Promise<number> {
  let count = 0;
  let seen = packetsBefore;
  const untilMs = performance.now() + seconds * 1_000;
  for (let look = 1; performance.now() < untilMs; look++) {
    await sleep(Math.min(LOOK_MS, untilMs - performance.now()));
    const { packets } = await traffic(rig, [backup]);
    if ((packets[0] ?? 0) > seen) count += 1;
    seen = packets[0] ?? 0;
    if (look % 30 === 0) console.error(`saturated for ${look} looks of ${seconds} s: ${count} false failovers`);
  }
  return count;
}

/** Keys of primary and backup. */
async function listsOf(rig: Rig): Promise<string[]> {
  const { policies } = await rig.intent("bulk");
  return (policies[0]?.candidates ?? []).flatMap(({ segmentLists }) => segmentLists.map(({ list }) => list ?? ""));
}

/** What the kernel has counted for each of the lists, and for the probes of them all. */
async function traffic(rig: Rig, keys: readonly string[]) {
  const { lists } = await rig.agentStatus(BULK.from);
  const sum = (counts: readonly (string | number)[]) =>
    counts.reduce<number>((total, count) => total + Number(count), 0);
  return {
    packets: keys.map((key) => Number(lists.find(({ list }) => list === key)?.packets ?? 0)),
    probesSent: sum(lists.map(({ probesSent }) => probesSent)),
    probesReturned: sum(lists.map(({ probesReturned }) => probesReturned)),
  };
}

/** One for each CPU. */
function busyLoops(rig: Rig): ChildProcess[] {
  return cpus().map(() => rig.lab.spawn(BULK.to, [process.execPath, "-e", "for (;;);"]));
}
