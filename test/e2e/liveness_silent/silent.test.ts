// The three ways of ../rig/three-ways.ts. Whatever part of the primary path swallows packets, they leave it; when it is whole
// again, they return. No carrier is lost, no router notices.
import { eventually } from "../../support/eventually";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";
import { CALLS, declareCalls, GAP_BOUND_MS, listsOnTheWire, taken, threeWays, withdrawCalls } from "../rig/three-ways";

jest.setTimeout(90_000);

let rig: Rig;
beforeAll(async () => {
  rig = await threeWays();
}, 60_000);
afterAll(() => rig.down());
beforeEach(() => declareCalls(rig));
afterEach(() => withdrawCalls(rig));

const DESK = ["desk", "west"] as const;
const STUDIO = ["east", "studio"] as const;
const NORTH = [
  ["west", "north1"],
  ["north1", "north2"],
  ["north2", "east"],
] as const;
const TRENCH = [
  ["north1", "north2"],
  ["west", "middle"],
] as const;
const SOUTH = [["south1", "south2"]] as const;

type Ends = readonly [a: string, b: string];

async function swallow(links: readonly Ends[]): Promise<void> {
  await Promise.all(links.map(([a, b]) => rig.lab.linkBlackhole({ a, b })));
}

async function restore(links: readonly Ends[]): Promise<void> {
  await Promise.all(links.map(([a, b]) => rig.lab.linkRestore({ a, b })));
}

test.each([
  ["its first link", [NORTH[0]]],
  ["its second link", [NORTH[1]]],
  ["its last link", [NORTH[2]]],
  ["a router on it", NORTH.slice(0, 2)],
  ["a trench, with a link of the way that nobody took", TRENCH],
])("%s dies: packets leave for the backup, once, and return", async (_what, links) => {
  const [primary = "", backup = ""] = await rig.segments("calls");
  const stream = await Stream.start(rig, CALLS);
  expect(await listsOnTheWire(rig)).toEqual({ north: [primary] });

  await swallow(links);
  await taken(rig, "south");
  expect(await listsOnTheWire(rig)).toEqual({ south: [backup] });

  await restore(links);
  await taken(rig, "north");
  expect(await listsOnTheWire(rig)).toEqual({ north: [primary] });

  const { lostRuns, longestGapMs, duplicates, reordered } = await stream.end();
  expect(lostRuns).toHaveLength(1);
  expect(longestGapMs).toBeLessThan(GAP_BOUND_MS);
  expect({ duplicates, reordered }).toEqual({ duplicates: 0, reordered: 0 });
});

test("both candidates die: packets go where plain routing leads, and return in the end", async () => {
  const [primary = ""] = await rig.segments("calls");
  const stream = await Stream.start(rig, CALLS);
  await swallow([NORTH[1], ...SOUTH]);
  await eventually("packets take the middle", async () => Object.keys(await listsOnTheWire(rig)).join() === "middle");
  await restore([NORTH[1], ...SOUTH]);
  await taken(rig, "north");
  expect(await listsOnTheWire(rig)).toEqual({ north: [primary] });
  const { longestGapMs, duplicates } = await stream.end();
  expect(longestGapMs).toBeLessThan(GAP_BOUND_MS);
  expect(duplicates).toBe(0);
});

test.each([
  ["its own", DESK],
  ["the far end's", STUDIO],
])("%s uplink dies: no way is left, the status says so, and packets flow when it is back", async (_whose, link) => {
  const stream = await Stream.start(rig, CALLS);
  await swallow([link]);
  const live = async () => (await rig.intent("calls")).conditions.find(({ type }) => type === "Live");
  await eventually("the intent is not live", async () => (await live())?.status === "False");
  await restore([link]);
  await taken(rig, "north");
  const { lostRuns, duplicates } = await stream.end();
  expect(lostRuns).toHaveLength(1);
  expect(duplicates).toBe(0);
});
