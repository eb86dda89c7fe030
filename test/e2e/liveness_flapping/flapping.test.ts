// The three ways of ../rig/three-ways.ts. A link of the primary is silent for a second, works for a second, and so on, ten times.
import { eventually } from "../../support/eventually";
import { sentMore } from "../rig/on-the-wire";
import { PrimaryPath } from "../rig/primary-path";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";
import { CALLS, declareCalls, GAP_BOUND_MS, listsOnTheWire, taken, threeWays } from "../rig/three-ways";

jest.setTimeout(240_000);

const FLAPPING = { a: "north1", b: "north2" } as const;
const FLAPS = 10;
/** Packets of a stream, one per millisecond. */
const ONE_SECOND = 1_000;
/** Damping lasts for 60 s at most; then the path is held up and reported. */
const REUSE_BOUND_MS = 75_000;

let rig: Rig;
beforeAll(async () => {
  rig = await threeWays();
}, 60_000);
afterAll(() => rig.down());

/** A second of silence and one without, by the clock of a stream that runs. */
async function flap(path: PrimaryPath): Promise<void> {
  await rig.lab.linkBlackhole(FLAPPING);
  await sentMore(rig, CALLS.from, ONE_SECOND);
  await eventually("it is dead", async () => (await path.local()).state === "dead");
  await rig.lab.linkRestore(FLAPPING);
  await sentMore(rig, CALLS.from, ONE_SECOND);
  await eventually("it is alive", async () => (await path.local()).state === "alive");
}

test("after a few deaths the path is left alone: traffic stays on the backup, and returns in the end", async () => {
  await declareCalls(rig);
  const [primary = "", backup = ""] = await rig.segments("calls");
  const path = await PrimaryPath.of(rig);

  const first = await Stream.start(rig, CALLS);
  expect(await listsOnTheWire(rig)).toEqual({ north: [primary] });
  let deaths = 0;
  for (; (await path.local()).withheld !== "flapping"; deaths++) await flap(path);
  expect([deaths > 2, deaths < FLAPS]).toEqual([true, true]);
  const before = await first.end();
  expect(before.lostRuns.length).toBeLessThanOrEqual(deaths);
  expect(before.longestGapMs).toBeLessThan(GAP_BOUND_MS);
  expect(before.duplicates).toBe(0);

  const second = await Stream.start(rig, CALLS);
  for (; deaths < FLAPS; deaths++) await flap(path);
  expect(await listsOnTheWire(rig)).toEqual({ south: [backup] });
  await eventually("the controller says why", async () => (await path.reported()).reason === "flapping");
  const { lost, duplicates, reordered } = await second.end();
  expect({ lost, duplicates, reordered }).toEqual({ lost: 0, duplicates: 0, reordered: 0 });

  await taken(rig, "north", REUSE_BOUND_MS);
  const third = await Stream.start(rig, CALLS);
  expect(await listsOnTheWire(rig)).toEqual({ north: [primary] });
  expect((await third.end()).lost).toBe(0);
  const told = await path.events();
  const died = told.filter(({ reason }) => reason === "PathDead").reduce((sum, { count }) => sum + count, 0);
  expect(died).toBe(FLAPS);
  expect(told.map(({ reason }) => reason)).toContain("PathWithheld");
  expect(told.at(-1)?.reason).toBe("PathAlive");
});
