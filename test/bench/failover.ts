// How long a stream is silent when a link on its way dies: on a segment list with a backup, and on plain routing; how often packets leave a
// path that works; what probing takes of a CPU.
import { setTimeout as sleep } from "node:timers/promises";
import type { LinkName, UdpStreamResult } from "@sextant/lab";
import { CALLS, diamondWithCalls } from "../e2e/rig/diamond";
import { eventually } from "../support/eventually";
import type { Rig } from "../e2e/rig/rig";
import { measureFalseFailovers } from "./failover/false-failovers";
import { measureProbeCpu } from "./failover/probe-cpu";
import { seededRandom } from "./generated-network";
import { figure, printReport } from "./report";
import { percentile } from "./statistics";
import { measureTcpStall, stallKeys, stallRows } from "./tcp-stall";

const TRIALS = Number(process.env["TRIALS"] ?? 40);
/** How long everything is saturated, to see whether anything is taken for dead. */
const SATURATED_SECONDS = Number(process.env["SATURATED_SECONDS"] ?? 600);
const PROBED_LISTS = 64;
const CPU_STRETCHES = 5;
const CPU_STRETCH_SECONDS = 5;
/** Of the slower variants that TCP is compared with. */
const BASELINE_TRIALS = Math.min(TRIALS, 10);
const IGP_DELAY_MS = 500;
const INTERVALS_MS = [10, 5, 3] as const;
const MULTIPLIER = 3;
const STREAM_SECONDS = 3;
/** The link dies this long after the stream has begun, at a moment that the probes' rhythm does not know. */
const BEFORE_MS = 500;
const JITTER_MS = 200;
/** What is not protected is down for as long as its link: a few trials show it. */
const UNPROTECTED_TRIALS = 5;
const UNPROTECTED_MS = 1_500;
const RECOVERY_BOUND_MS = 20_000;

/** Behind the first router on either way: no sender sees its own carrier go. */
const ON_LIST: LinkName = { a: "south", b: "east" };
const ON_ROUTE: LinkName = { a: "north", b: "east" };
/** Traffic that no intent is for. */
const PLAIN = { from: CALLS.from, to: CALLS.to, port: 7_000 } as const;

interface Failure {
  readonly flow: typeof CALLS | typeof PLAIN;
  readonly begin: () => Promise<void>;
  /** Mends the link and waits until the flow takes it again. */
  readonly end: () => Promise<void>;
}

function failures(rig: Rig, route: string): { list: Failure; routing: Failure } {
  const { lab } = rig;
  const list: Failure = {
    flow: CALLS,
    begin: () => lab.linkBlackhole(ON_LIST),
    end: async () => {
      await lab.linkRestore(ON_LIST);
      // A new agent has no memory of flaps: damping would keep the stream away from the list for up to a minute.
      await lab.stopAgent(CALLS.from);
      await lab.startAgent(CALLS.from);
      await eventually("the list is taken again", async () => (await activeCandidate(rig)) === 0, RECOVERY_BOUND_MS);
    },
  };
  const routing: Failure = {
    flow: PLAIN,
    begin: () => lab.linkDown(ON_ROUTE),
    end: async () => {
      await lab.linkUp(ON_ROUTE);
      const back = async () => (await plainRoute(rig)) === route;
      await eventually("the IGP has its old routes", back, RECOVERY_BOUND_MS);
      await rig.live("calls");
    },
  };
  return { list, routing };
}

async function activeCandidate(rig: Rig): Promise<number | undefined> {
  const { policies } = await rig.intent("calls");
  return policies[0]?.activeCandidate;
}

async function trial(rig: Rig, { flow, begin, end }: Failure, waitMs: number): Promise<number> {
  const stream = await rig.lab.startUdpStream({ ...flow, seconds: STREAM_SECONDS });
  await sleep(waitMs);
  await begin();
  const outage = outageMs(await stream.result);
  await end();
  return outage;
}

/**
 * From the first lost packet to the first of those that arrived after it, by the times they were sent at: the ways' different
 * delays do not count. Throws when nothing was lost, or the stream never came back: then there was no failover to measure.
 */
function outageMs({ lostRuns, sendTimesUs }: UdpStreamResult): number {
  const [run] = [...lostRuns].sort((a, b) => b.count - a.count);
  const from = sendTimesUs[run?.first ?? -1];
  const until = sendTimesUs[(run?.first ?? -1) + (run?.count ?? 0)];
  if (from === undefined || until === undefined) throw new Error("the stream was not interrupted, or did not recover");
  return (until - from) / 1_000;
}

/** How the first router sends what is not steered. */
async function plainRoute(rig: Rig): Promise<string> {
  const { stdout } = await rig.lab.exec("west", ["ip", "-6", "route", "get", rig.lab.addressOf(PLAIN.to)]);
  return /via \S+ dev \S+/.exec(stdout)?.[0] ?? "";
}

/** Silent drops on the list, with probes at one rate. Links without delay: a path's own delay is not what is measured. */
async function measureList(probeIntervalMs: number): Promise<number[]> {
  const controllerFlags = ["--probe-interval-ms", String(probeIntervalMs), "--probe-multiplier", String(MULTIPLIER)];
  await using rig = await diamondWithCalls({ undelayed: true, controllerFlags });
  endOnSignal(rig);
  const { list } = failures(rig, await plainRoute(rig));
  return await trials(rig, list, `probes ${probeIntervalMs} ms x ${MULTIPLIER}`);
}

/** Silent drops on the plain route: nobody notices, and packets are lost until the link is mended by itself, after a while. */
async function measureNothing(): Promise<number[]> {
  await using rig = await diamondWithCalls({ undelayed: true });
  endOnSignal(rig);
  const outages: number[] = [];
  for (let i = 0; i < UNPROTECTED_TRIALS; i++) {
    const stream = await rig.lab.startUdpStream({ ...PLAIN, seconds: STREAM_SECONDS });
    await sleep(BEFORE_MS);
    await rig.lab.linkBlackhole(ON_ROUTE);
    await sleep(UNPROTECTED_MS);
    await rig.lab.linkRestore(ON_ROUTE);
    outages.push(outageMs(await stream.result));
    console.error(`no protection, trial ${i + 1} of ${UNPROTECTED_TRIALS}: ${figure(outages.at(-1) ?? 0)} ms`);
  }
  return outages;
}

/** Losses of carrier on the plain route. */
async function measureRouting(): Promise<number[]> {
  await using rig = await diamondWithCalls({ undelayed: true, igpDelayMs: IGP_DELAY_MS });
  endOnSignal(rig);
  const { routing } = failures(rig, await plainRoute(rig));
  return await trials(rig, routing, "routing");
}

async function trials(rig: Rig, failure: Failure, name: string): Promise<number[]> {
  const random = seededRandom(3);
  const outages: number[] = [];
  for (let i = 0; i < TRIALS; i++) {
    outages.push(await trial(rig, failure, BEFORE_MS + random() * JITTER_MS));
    console.error(`${name}, trial ${i + 1} of ${TRIALS}: ${figure(outages.at(-1) ?? 0)} ms`);
  }
  return outages;
}

/** An interrupted run takes its lab down before it ends. */
function endOnSignal(rig: Rig): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void rig.down().finally(() => process.exit(1)));
}

async function main(): Promise<void> {
  if (!Number.isInteger(TRIALS) || TRIALS < 1) throw new Error("TRIALS is a whole number from 1");
  const onList: number[][] = [];
  for (const intervalMs of INTERVALS_MS) onList.push(await measureList(intervalMs));
  const routing = await measureRouting();
  const nothing = await measureNothing();
  const stalls = await measureTcpStall(TRIALS, BASELINE_TRIALS, endOnSignal);
  const probes = { intervalMs: INTERVALS_MS[0], multiplier: MULTIPLIER };
  const saturated = await measureFalseFailovers(SATURATED_SECONDS, probes, endOnSignal);
  const stretches = { stretches: CPU_STRETCHES, seconds: CPU_STRETCH_SECONDS };
  const cpu = await measureProbeCpu({ lists: PROBED_LISTS, intervalMs: probes.intervalMs, ...stretches }, endOnSignal);
  const row = (name: string, outages: readonly number[]) => [
    name,
    ...[0.5, 0.95, 0.99].map((share) => figure(percentile(outages, share))),
  ];
  const [ten = [], five = [], three = []] = onList;
  printReport({
    what: `outage of a UDP stream of 1,000 packets/s when a link in the middle of its way dies, ${TRIALS} trials each`,
    header: ["case", "median ms", "p95 ms", "p99 ms"],
    rows: [
      ...INTERVALS_MS.map((intervalMs, i) =>
        row(`list with a backup, silent drop, probes ${intervalMs} ms x ${MULTIPLIER}`, onList[i] ?? []),
      ),
      row(`plain routing, loss of carrier, IGP converges after ${IGP_DELAY_MS} ms`, routing),
      row(`no protection, silent drop, link mended after ${UNPROTECTED_MS} ms`, nothing),
      ...stallRows(stalls).map(([what, stallsMs]) => row(what, stallsMs)),
      [],
      ["", "times", "packets", "probes lost %"],
      [
        `packets on the backup in ${saturated.seconds} s of busy CPUs and full links, nothing dead`,
        String(saturated.count),
        String(saturated.packets),
        figure(100 * (1 - saturated.probesReturned / saturated.probesSent)),
      ],
      [],
      ["", "median % of a CPU", "p95", "probes/s"],
      [
        `agent that probes ${cpu.lists} lists every ${probes.intervalMs} ms`,
        ...[0.5, 0.95].map((share) => figure(percentile(cpu.percents, share))),
        figure(cpu.probesPerSecond),
      ],
    ],
    json: {
      udp10msMedianMs: percentile(ten, 0.5),
      udp10msP99Ms: percentile(ten, 0.99),
      udp5msP99Ms: percentile(five, 0.99),
      udp3msP99Ms: percentile(three, 0.99),
      falseFailovers: saturated.count,
      probeCpuPercent: percentile(cpu.percents, 0.5),
      igpOnlyMedianMs: percentile(routing, 0.5),
      ...stallKeys(stalls),
    },
  });
}

void main().catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});
