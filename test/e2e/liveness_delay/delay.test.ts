// The three ways of ../rig/three-ways.ts. The primary's first link suddenly takes 20 ms more on the way out. That is a reason to leave
// the path for an intent that bounds delay, and for no other.
import { eventually } from "../../support/eventually";
import { sentMore } from "../rig/on-the-wire";
import { PrimaryPath } from "../rig/primary-path";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";
import {
  CALLS,
  declareCalls,
  listsOnTheWire,
  RETURN_BOUND_MS,
  taken,
  threeWays,
  withdrawCalls,
} from "../rig/three-ways";

jest.setTimeout(90_000);

const SLOW = { a: "west", b: "north1" } as const;
/** At first, so that the lab does not have to lay another cable for the step. */
const FIRST_US = 1_000;
const STEP_US = 20_000;
/** What the backup is declared to take, and a little; half of the primary's loop is more than 10 ms. */
const MAX_DELAY_MS = 9.5;
/** Packets of a stream, one per millisecond. */
const THREE_SECONDS = 3_000;

let rig: Rig;
beforeAll(async () => {
  rig = await threeWays();
  await slowBy(0);
}, 60_000);
afterAll(() => rig.down());
afterEach(async () => {
  await slowBy(0);
  await withdrawCalls(rig);
});

function slowBy(us: number): Promise<void> {
  return rig.lab.linkSet(SLOW, { delayUs: FIRST_US + us }, "west");
}

async function slowerIsSeen(path: PrimaryPath): Promise<void> {
  await eventually("the longer round trip is seen", async () => ((await path.reported()).roundTripUs ?? 0) > STEP_US);
}

/** In the end the path is in use for three seconds in a row; nothing is lost meanwhile. */
async function staysInUse(path: PrimaryPath): Promise<void> {
  const [primary = ""] = await rig.segments("calls");
  const stream = await Stream.start(rig, CALLS);
  await eventually(
    "nothing happens to the path for a while",
    async () => {
      const before = await path.failures();
      await sentMore(rig, CALLS.from, THREE_SECONDS);
      const { state, reason = "" } = await path.reported();
      return [state, reason, await path.failures()].join() === ["alive", "", before].join();
    },
    RETURN_BOUND_MS,
  );
  expect(await listsOnTheWire(rig)).toEqual({ north: [primary] });
  const { lost, duplicates } = await stream.end();
  expect({ lost, duplicates }).toEqual({ lost: 0, duplicates: 0 });
}

test("the intent's bound is exceeded: the path is left for it without loss, and returned to when it is fast again", async () => {
  await declareCalls(rig, `constraints: {maxDelayMs: ${MAX_DELAY_MS}}\n  liveness: {violationMs: 500}`);
  const [primary = "", backup = ""] = await rig.segments("calls");
  const path = await PrimaryPath.of(rig);
  const stream = await Stream.start(rig, CALLS);
  expect(await listsOnTheWire(rig)).toEqual({ north: [primary] });

  await slowBy(STEP_US);
  await taken(rig, "south");
  await eventually("the host says why", async () => (await path.local()).withheld === "delay");
  await eventually("the controller says why", async () => (await path.reported()).reason === "delay");
  expect(await path.reported()).toMatchObject({ state: "alive", withheld: true });
  expect(await listsOnTheWire(rig)).toEqual({ south: [backup] });

  await slowBy(0);
  await taken(rig, "north");
  expect(await listsOnTheWire(rig)).toEqual({ north: [primary] });
  const { lost, duplicates } = await stream.end();
  expect({ lost, duplicates }).toEqual({ lost: 0, duplicates: 0 });
  const told = (await path.events()).map(({ reason }) => reason);
  expect([told.includes("PathWithheld"), told.at(-1)]).toEqual([true, "PathAlive"]);
});

test("nothing was said of delay: the path is not left", async () => {
  await declareCalls(rig);
  const path = await PrimaryPath.of(rig);
  const before = await path.failures();
  await slowBy(STEP_US);
  await slowerIsSeen(path);
  await staysInUse(path);
  expect(await path.failures()).toBe(before);
});

test("a round trip of more than three intervals: probes that are under way are not missing", async () => {
  await declareCalls(rig, "liveness: {probeIntervalMs: 5}");
  const path = await PrimaryPath.of(rig);
  // The step itself is 20 ms of silence, in which three probes are missed.
  await slowBy(STEP_US);
  await slowerIsSeen(path);
  await staysInUse(path);
  expect((await path.local()).multiplier).toBeGreaterThan(3);
});
