// The three ways of ../rig/three-ways.ts. One direction of the primary's first link loses packets at random: a path that an intent
// calls too bad is left though it is alive, and one that the intent can live with is not.
import { eventually } from "../../support/eventually";
import { sentMore } from "../rig/on-the-wire";
import { PrimaryPath } from "../rig/primary-path";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";
import { CALLS, declareCalls, listsOnTheWire, taken, threeWays, wayInUse, withdrawCalls } from "../rig/three-ways";

jest.setTimeout(120_000);

const LOSSY = { a: "west", b: "north1" } as const;
const VIOLATION_MS = 1_000;
/** The window of 100 probes, one in 20 ms, and the stated time; loss is random, so it may look smaller for a while. */
const LEAVE_BOUND_MS = 20_000;
/** Packets of a stream, one per millisecond. */
const THREE_SECONDS = 3_000;

let rig: Rig;
beforeAll(async () => {
  rig = await threeWays();
}, 60_000);
afterAll(() => rig.down());
afterEach(async () => {
  await lose(0);
  await withdrawCalls(rig);
});

/** Packets that leave west for the north are lost, so many of a hundred. */
function lose(percent: number): Promise<void> {
  return rig.lab.linkSet(LOSSY, { lossPpm: percent * 10_000 }, "west");
}

/** What a stream of three seconds loses. */
async function lostInThreeSeconds(): Promise<number> {
  const stream = await Stream.start(rig, CALLS);
  await sentMore(rig, CALLS.from, THREE_SECONDS);
  return (await stream.end()).lost;
}

test("more is lost than the intent allows: the path is left for it, alive, and returned to some time after", async () => {
  // Eight in a row are not lost by chance; and so much more is lost than allowed that no window looks better for long.
  await declareCalls(rig, `liveness: {maxLossPercent: 2, violationMs: ${VIOLATION_MS}, multiplier: 8}`);
  const [primary = "", backup = ""] = await rig.segments("calls");
  const path = await PrimaryPath.of(rig);
  const stream = await Stream.start(rig, CALLS);
  expect(await listsOnTheWire(rig)).toEqual({ north: [primary] });

  await lose(10);
  await taken(rig, "south", LEAVE_BOUND_MS);
  expect(await path.local()).toMatchObject({ state: "alive", withheld: "loss" });
  await eventually("the controller says why", async () => (await path.reported()).reason === "loss");
  expect(await path.reported()).toMatchObject({ state: "alive", withheld: true });
  expect(await rig.agentPaths("desk")).toMatch(/ withheld +loss /);
  expect((await rig.sextant(["get", "paths"])).stdout).toMatch(/ withheld .* loss /);
  expect(await listsOnTheWire(rig)).toEqual({ south: [backup] });
  const { lost, duplicates } = await stream.end();
  expect([lost > 0, duplicates]).toEqual([true, 0]);
  expect(await lostInThreeSeconds()).toBe(0);

  const endedMs = performance.now();
  await lose(0);
  await taken(rig, "north");
  expect(performance.now() - endedMs).toBeGreaterThan(VIOLATION_MS);
  expect(await path.local()).toMatchObject({ state: "alive", withheld: null });
  const told = (await path.events()).map(({ reason }) => reason);
  expect([told.includes("PathWithheld"), told.at(-1)]).toEqual([true, "PathAlive"]);
});

test("less is lost than the intent allows: the path stays in use", async () => {
  await declareCalls(rig, "liveness: {maxLossPercent: 15, violationMs: 3000, multiplier: 5}");
  const [primary = ""] = await rig.segments("calls");
  const path = await PrimaryPath.of(rig);
  const before = await path.failures();

  await lose(5);
  await eventually("the loss is seen", async () => ((await path.reported()).lossPpm ?? 0) > 10_000);
  const lost = await lostInThreeSeconds();
  expect([lost > 50, lost < 400]).toEqual([true, true]);
  const stream = await Stream.start(rig, CALLS);
  expect(await listsOnTheWire(rig)).toEqual({ north: [primary] });
  await stream.end();
  expect(await wayInUse(rig)).toBe("north");
  expect(await path.failures()).toBe(before);
});

test("a third is lost and nothing was said of loss: the path dies by chance again and again, and is left alone for that", async () => {
  await declareCalls(rig);
  const [, backup = ""] = await rig.segments("calls");
  const path = await PrimaryPath.of(rig);
  await lose(30);
  await eventually("it is damped", async () => (await path.local()).withheld === "flapping", 45_000);
  await eventually("the controller says why", async () => {
    const { reason = "", state } = await path.reported();
    return reason === "flapping" && state === "alive";
  });
  expect(await lostInThreeSeconds()).toBe(0);
  const stream = await Stream.start(rig, CALLS);
  expect(await listsOnTheWire(rig)).toEqual({ south: [backup] });
  await stream.end();
});
