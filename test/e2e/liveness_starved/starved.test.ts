// The three ways of ../rig/three-ways.ts, probed every 10 ms. A prober that does not get to run says nothing about the network.
import type { ChildProcess } from "node:child_process";
import type { ControllerEvent } from "../../../packages/cli/src/controller-event";
import { eventually } from "../../support/eventually";
import { listsOf } from "../rig/captured-packet";
import { sentMore } from "../rig/on-the-wire";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";
import { CALLS, callsOnTheWire, declareCalls, RETURN_BOUND_MS, threeWays, wayInUse } from "../rig/three-ways";

jest.setTimeout(60_000);

const BROKEN = { a: "north1", b: "north2" };
/** Packets of a stream, one per millisecond. */
const FIVE_SECONDS = 5_000;
const THREE_SECONDS = 3_000;
/** As many as the machine has processors would do; this is what two of them need. */
const BUSY_LOOPS = 2;
/** Probes every 10 ms are left after three of them, or when their sender gets to run again. */
const GAP_BOUND_MS = 2_000;

let rig: Rig;
let primary = "";
beforeAll(async () => {
  rig = await threeWays({ controllerFlags: ["--probe-interval-ms", "10"] });
  await declareCalls(rig);
  [primary = ""] = await rig.segments("calls");
}, 60_000);
afterAll(() => rig.down());

/** Reasons of what was told about the paths and intents of the host, in order. */
async function told(): Promise<string[]> {
  const { stdout } = await rig.sextant(["events", "--for", "host/desk", "-o", "json"]);
  return (JSON.parse(stdout) as { items: ControllerEvent[] }).items.map(({ reason }) => reason);
}

/** Probes of the host's paths that came back until now. */
async function probesReturned(): Promise<number> {
  const { lists } = await rig.agentStatus("desk");
  return lists.reduce((sum, { probesReturned: count }) => sum + Number(count), 0);
}

/** Sends packets while something holds the prober up; they all arrive, over the primary, and no path is called dead. */
async function nothingMoves(packets: number): Promise<void> {
  const before = await told();
  const stream = await Stream.start(rig, CALLS);
  await sentMore(rig, CALLS.from, packets / 2);
  const { north, middle, south } = await callsOnTheWire(rig);
  expect([listsOf(north), middle, south]).toEqual([[primary], [], []]);
  await sentMore(rig, CALLS.from, packets / 2);
  const { lost, duplicates, reordered } = await stream.end();
  expect({ lost, duplicates, reordered }).toEqual({ lost: 0, duplicates: 0, reordered: 0 });
  const since = (await told()).slice(before.length);
  expect(since.filter((reason) => /^(Path|On|NoLive)/.test(reason))).toEqual([]);
}

/** Does something while the processors have nothing left to give. */
async function whileBusy(action: () => Promise<void>): Promise<void> {
  const argv = [process.execPath, "-e", "for (;;);"];
  const loops = Array.from({ length: BUSY_LOOPS }, (): ChildProcess => rig.lab.spawn("studio", argv));
  try {
    await action();
  } finally {
    for (const loop of loops) loop.kill("SIGKILL");
  }
}

test("the agent is stopped for five seconds: nothing moves, then or when it goes on", async () => {
  await rig.lab.killAgent("desk", "SIGSTOP");
  const stopped = await probesReturned();
  await nothingMoves(FIVE_SECONDS);
  expect(await probesReturned()).toBe(stopped);
  await rig.lab.killAgent("desk", "SIGCONT");
  await eventually("probes return again", async () => (await probesReturned()) > stopped + 20);
  await rig.live("calls");
  expect(await wayInUse(rig)).toBe("north");
  expect(await told()).not.toContain("PathDead");
});

test("all processors are busy: nothing moves without a reason, and a dead path is left in bounded time", async () => {
  await whileBusy(async () => {
    const before = await probesReturned();
    await nothingMoves(THREE_SECONDS);
    expect(await probesReturned()).toBeGreaterThan(before + 20);

    const stream = await Stream.start(rig, CALLS);
    await rig.lab.linkBlackhole(BROKEN);
    await eventually("packets take the south", async () => (await wayInUse(rig)) === "south");
    const { north, middle } = await callsOnTheWire(rig);
    expect([north, middle]).toEqual([[], []]);
    await rig.lab.linkRestore(BROKEN);
    await eventually("packets take the north", async () => (await wayInUse(rig)) === "north", RETURN_BOUND_MS);
    const { lostRuns, longestGapMs } = await stream.end();
    expect(lostRuns).toHaveLength(1);
    expect(longestGapMs).toBeLessThan(GAP_BOUND_MS);
  });
});
