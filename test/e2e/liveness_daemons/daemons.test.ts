// The three ways of ../rig/three-ways.ts. A path dies while the agent, or the controller, is not there, or goes and comes back.
import type { ControllerEvent } from "../../../packages/cli/src/controller-event";
import { eventually } from "../../support/eventually";
import { listsOf } from "../rig/captured-packet";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";
import {
  CALLS,
  callsOnTheWire,
  declareCalls,
  GAP_BOUND_MS,
  RETURN_BOUND_MS,
  threeWays,
  wayInUse,
  withdrawCalls,
  type Way,
} from "../rig/three-ways";

jest.setTimeout(90_000);

const BROKEN = { a: "north1", b: "north2" };

let rig: Rig;
let primary = "";
let backup = "";
beforeAll(async () => {
  rig = await threeWays();
}, 60_000);
afterAll(() => rig.down());
beforeEach(async () => {
  await declareCalls(rig);
  [primary = "", backup = ""] = await rig.segments("calls");
});
afterEach(() => withdrawCalls(rig));

async function taken(way: Way): Promise<void> {
  await eventually(`packets take the way ${way}`, async () => (await wayInUse(rig)) === way, RETURN_BOUND_MS);
}

/** Segments that packets carry on each way, as captured; no entry where there are no packets. */
async function seen(): Promise<Record<string, string[]>> {
  const packets = await callsOnTheWire(rig);
  const found = Object.entries(packets).filter(([, some]) => some.length > 0);
  return Object.fromEntries(found.map(([way, some]) => [way, listsOf(some)]));
}

const onlySouth = async () => Object.keys(await seen()).join() === "south";

/** Events about the host's paths and where its packets go, in the order in which they happened. */
async function told(): Promise<ControllerEvent[]> {
  const { stdout } = await rig.sextant(["events", "--for", "host/desk", "-o", "json"]);
  const { items } = JSON.parse(stdout) as { items: ControllerEvent[] };
  return items.filter(({ reason }) => /^(Path(Dead|Alive)|On)/.test(reason));
}

test("the agent is killed and comes back during the outage: packets stay on the backup, and none is lost", async () => {
  const first = await Stream.start(rig, CALLS);
  await rig.lab.linkBlackhole(BROKEN);
  await taken("south");
  expect((await first.end()).longestGapMs).toBeLessThan(GAP_BOUND_MS);

  const stream = await Stream.start(rig, CALLS);
  await rig.lab.killAgent("desk");
  expect(await seen()).toEqual({ south: [backup] });
  await rig.lab.startAgent("desk");
  expect(await seen()).toEqual({ south: [backup] });
  await eventually("it reports again", async () => (await rig.host("desk")).session.state === "connected");
  await taken("south");
  await rig.lab.linkRestore(BROKEN);
  await taken("north");
  const { lost, duplicates, reordered } = await stream.end();
  expect({ lost, duplicates, reordered }).toEqual({ lost: 0, duplicates: 0, reordered: 0 });
});

test("the path dies while no agent is there to probe it: packets leave as soon as there is one", async () => {
  const stream = await Stream.start(rig, CALLS);
  await rig.lab.killAgent("desk");
  await rig.lab.linkBlackhole(BROKEN);
  expect(await seen()).toEqual({ north: [primary] });
  await rig.lab.startAgent("desk");
  await eventually("packets take the south", onlySouth);
  await rig.lab.linkRestore(BROKEN);
  await taken("north");
  expect((await stream.end()).lostRuns).toHaveLength(1);
});

test("the path dies while the controller is gone: the host leaves it by itself; what happened is told when it is back", async () => {
  const before = await told();
  const stream = await Stream.start(rig, CALLS);
  await rig.lab.killController();
  await rig.lab.linkBlackhole(BROKEN);
  await eventually("packets take the south", onlySouth);
  const backAt = Date.now();
  await rig.startController();
  await taken("south");
  const dead = await eventually("the death is told", async () =>
    (await told()).find(({ reason }) => reason === "PathDead"),
  );
  // When it happened, not when the controller heard of it.
  expect(Date.parse(dead.lastTime)).toBeLessThan(backAt);
  await eventually("so is the backup", async () => (await told()).some(({ reason }) => reason === "OnBackup"));
  expect(before).toBeDefined();

  await rig.lab.linkRestore(BROKEN);
  await taken("north");
  const { lostRuns, longestGapMs, duplicates } = await stream.end();
  expect(lostRuns).toHaveLength(1);
  expect(longestGapMs).toBeLessThan(GAP_BOUND_MS);
  expect(duplicates).toBe(0);
});

test("the path dies and comes back while the controller is gone: the host goes and returns by itself", async () => {
  const stream = await Stream.start(rig, CALLS);
  await rig.lab.killController();
  await rig.lab.linkBlackhole(BROKEN);
  await eventually("packets take the south", onlySouth);
  await rig.lab.linkRestore(BROKEN);
  await eventually("packets take the north", async () => Object.keys(await seen()).join() === "north", RETURN_BOUND_MS);
  await rig.startController();
  await rig.live("calls");
  expect(await wayInUse(rig)).toBe("north");
  const { lostRuns, longestGapMs } = await stream.end();
  expect(lostRuns).toHaveLength(1);
  expect(longestGapMs).toBeLessThan(GAP_BOUND_MS);
});
