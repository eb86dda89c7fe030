import { setTimeout as sleep } from "node:timers/promises";
import type { UdpStreamResult } from "@sextant/lab";
import { allNorth, BROKEN, callsOf, onNorth, SENDERS, twenty } from "../../e2e/rig/twenty";
import type { Rig } from "../../e2e/rig/rig";
import { eventually } from "../../support/eventually";

/** Twenty streams on two CPUs: a packet every five milliseconds of each leaves room for the agents. */
const PACKETS_PER_SECOND = 200;
const LONGEST_SECONDS = 60;
const BEFORE_MS = 500;
const AFTER_MS = 500;

/** From the first lost packet of any host to the first of the last host's that arrived again, in milliseconds, per trial. */
export async function measureLab(trials: number, onRig: (rig: Rig) => void): Promise<number[]> {
  await using rig = await twenty();
  onRig(rig);
  const times: number[] = [];
  for (let i = 0; i < trials; i++) {
    times.push(await trial(rig));
    console.error(
      `lab, trial ${i + 1} of ${trials}: the last of ${SENDERS.length} moved after ${times.at(-1)?.toFixed(0)} ms`,
    );
  }
  return times;
}

async function trial(rig: Rig): Promise<number> {
  const options = { packetsPerSecond: PACKETS_PER_SECOND, seconds: LONGEST_SECONDS };
  const streams = await Promise.all(SENDERS.map((from) => rig.lab.startUdpStream({ ...callsOf(from), ...options })));
  await sleep(BEFORE_MS + Math.random() * 1_000);
  await rig.lab.linkBlackhole(BROKEN);
  await eventually("nobody is on the north any more", async () => (await onNorth(rig)).length === 0, 30_000);
  await sleep(AFTER_MS);
  for (const stream of streams) stream.stop();
  const outages = (await Promise.all(streams.map(({ result }) => result))).map(outage);
  await rig.lab.linkRestore(BROKEN);
  // A new controller has no memory of relapses: probation would double with every trial.
  await rig.lab.stopController();
  await rig.startController();
  await allNorth(rig);
  return (
    (Math.max(...outages.map(({ untilUs }) => untilUs)) - Math.min(...outages.map(({ fromUs }) => fromUs))) / 1_000
  );
}

/** When the first packet of the longest loss was sent, and the first after it that arrived; monotonic, in microseconds. */
function outage({ lostRuns, sendTimesUs }: UdpStreamResult): { fromUs: number; untilUs: number } {
  const [run] = [...lostRuns].sort((a, b) => b.count - a.count);
  const fromUs = sendTimesUs[run?.first ?? -1];
  const untilUs = sendTimesUs[(run?.first ?? -1) + (run?.count ?? 0)];
  if (fromUs === undefined || untilUs === undefined)
    throw new Error("a stream was not interrupted, or did not recover");
  return { fromUs, untilUs };
}
