import { setTimeout as sleep } from "node:timers/promises";
import { CALLS, WITH_BACKUP } from "../e2e/rig/diamond";
import { Rig } from "../e2e/rig/rig";
import { eventually } from "../support/eventually";
import { seededRandom } from "./generated-network";
import { percentile } from "./statistics";

/** TCP by the same ways as `calls` of the diamond. */
const FLOW = { from: CALLS.from, to: CALLS.to, port: 7_300 } as const;
const INTENT = `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: stall}
spec:
  from: {hosts: [${FLOW.from}]}
  to: {hosts: [${FLOW.to}]}
  application: {protocol: tcp, ports: ["${FLOW.port}"]}
  objective: {minimize: delay}
  ${WITH_BACKUP}
`;
/** Behind the first router of the list: no sender sees its own carrier go. Acknowledgements come back the other way. */
const ON_LIST = { a: "south", b: "east" };
/** A probe a minute: none of them sees the failure, or the repair. */
const NO_PROBES = ["--probe-interval-ms", "60000"];
const SECONDS = 2;
/** The link dies this long after the connection is open, at a moment that its packets' rhythm does not know. */
const BEFORE_MS = 700;
const JITTER_MS = 200;
const REQUEST_INTERVAL_MS = 2;
/** Of the kernel's defaults: what a route says about it goes before what a program says. */
const KERNEL_TIMEOUT = "rto_min 200ms";

/** A request at a time, or as much as goes. */
export const STALL_TRAFFIC = ["echo", "bulk"] as const;
export type StallTraffic = (typeof STALL_TRAFFIC)[number];

/** Milliseconds in which nothing arrived, by trial. */
export interface TcpStalls {
  /** As the product comes. */
  readonly stallsMs: Readonly<Record<StallTraffic, readonly number[]>>;
  /** Moved at the timeout of an untouched kernel, as Protective ReRoute does. */
  readonly kernelTimeoutMs: Readonly<Record<StallTraffic, readonly number[]>>;
}

/** How long TCP stands still when the list that it takes swallows everything, without probes; a connection per trial. */
export async function measureTcpStall(
  trials: number,
  baselineTrials: number,
  onRig: (rig: Rig) => void,
): Promise<TcpStalls> {
  await using rig = await Rig.up({ topology: "diamond", undelayed: true, controllerFlags: NO_PROBES });
  onRig(rig);
  await rig.apply(INTENT);
  await eventually("the lists are installed", () => isInstalled(rig));
  const stallsMs = await ofAllTraffic(rig, trials);
  await keepKernelTimeout(rig);
  return { stallsMs, kernelTimeoutMs: await ofAllTraffic(rig, baselineTrials) };
}

/** For the table: percentiles of both kinds of traffic, with and without the shorter timeout. */
export function stallRows({ stallsMs, kernelTimeoutMs }: TcpStalls): [what: string, stallsMs: readonly number[]][] {
  const name = { echo: "a request at a time", bulk: "as much as goes" };
  return STALL_TRAFFIC.flatMap((traffic): [string, readonly number[]][] => [
    [`TCP, ${name[traffic]}, silent drop, no probes`, stallsMs[traffic]],
    [`TCP, ${name[traffic]}, silent drop, no probes, timeout of the kernel (as PRR)`, kernelTimeoutMs[traffic]],
  ]);
}

/** Medians of the product, for the JSON line: of a transfer, of requests one at a time, and of the former with the kernel's timeout. */
export function stallKeys({ stallsMs, kernelTimeoutMs }: TcpStalls): Record<string, number> {
  return {
    tcpStallMedianMs: percentile(stallsMs.bulk, 0.5),
    tcpStallRequestMedianMs: percentile(stallsMs.echo, 0.5),
    tcpStallKernelTimeoutMedianMs: percentile(kernelTimeoutMs.bulk, 0.5),
  };
}

async function ofAllTraffic(rig: Rig, trials: number): Promise<Record<StallTraffic, number[]>> {
  const stalls: Record<StallTraffic, number[]> = { echo: [], bulk: [] };
  const random = seededRandom(5);
  for (const mode of STALL_TRAFFIC) {
    for (let i = 0; i < trials; i++) {
      stalls[mode].push(await trial(rig, mode, BEFORE_MS + random() * JITTER_MS));
      console.error(`TCP ${mode}, trial ${i + 1} of ${trials}: ${stalls[mode].at(-1)?.toFixed(1)} ms`);
    }
  }
  return stalls;
}

async function trial(rig: Rig, mode: StallTraffic, waitMs: number): Promise<number> {
  const { lab } = rig;
  const traffic = await lab.startTcp({ ...FLOW, mode, seconds: SECONDS, intervalMs: REQUEST_INTERVAL_MS });
  await sleep(waitMs);
  await lab.linkBlackhole(ON_LIST);
  const { longestMs, longestGapMs } = await traffic.result;
  await lab.linkRestore(ON_LIST);
  return mode === "echo" ? longestMs : longestGapMs;
}

/** No probe says so before a minute is over. */
async function isInstalled(rig: Rig): Promise<boolean> {
  const { conditions } = await rig.intent("stall");
  return conditions.some(({ type, status }) => type === "Installed" && status === "True");
}

/** Takes the shorter timeout back, by the routes that connections to the far host take. */
async function keepKernelTimeout({ lab }: Rig): Promise<void> {
  const { stdout } = await lab.exec(FLOW.from, ["ip", "-6", "route", "show", lab.addressOf(FLOW.to)]);
  const [route = ""] = stdout.split("\n");
  await lab.exec(FLOW.from, [
    "ip",
    "-6",
    "route",
    "change",
    ...route.trim().split(/\s+/),
    ...KERNEL_TIMEOUT.split(" "),
  ]);
}
