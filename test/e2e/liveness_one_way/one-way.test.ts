// The three ways of ../rig/three-ways.ts, of which links lose one direction. A probe walks out and back: where the way back dies,
// the path does not, and where the way out dies, it alone is left.
import { eventually } from "../../support/eventually";
import { listsOf } from "../rig/captured-packet";
import { onTheWire } from "../rig/on-the-wire";
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
  type Way,
} from "../rig/three-ways";

jest.setTimeout(90_000);

/** A network for each test: what the controller holds against a link outlasts the intents that found it. */
let rig: Rig;
beforeEach(async () => {
  rig = await threeWays();
}, 60_000);
afterEach(() => rig.down());

/** Links of the primary, and the node that sends towards the studio there. */
const NORTH = [
  { a: "west", b: "north1" },
  { a: "north1", b: "north2" },
  { a: "north2", b: "east" },
] as const;
/** What the studio sends by an intent of its own, over the same three ways. */
const NEWS = { from: "studio", to: "desk", port: 6_000 } as const;
const NEWS_INTENT = `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: news}
spec:
  from: {hosts: [studio]}
  to: {hosts: [desk]}
  application: {protocol: udp, ports: [${NEWS.port}]}
  objective: {minimize: delay}
  protection: {backups: 1, disjoint: srlg}
`;
/** Links of east: where packets of the studio take one of the ways. */
const NEWS_WAYS = {
  north: { a: "north2", b: "east" },
  middle: { a: "middle", b: "east" },
  south: { a: "south2", b: "east" },
} as const;

async function taken(way: Way): Promise<void> {
  await eventually(`packets take the way ${way}`, async () => (await wayInUse(rig)) === way, RETURN_BOUND_MS);
}

/** Segments that packets carry on each way, as captured; no entry where there are no packets. */
async function seen(packets = callsOnTheWire(rig)): Promise<Record<string, string[]>> {
  const found = Object.entries(await packets).filter(([, some]) => some.length > 0);
  return Object.fromEntries(found.map(([way, some]) => [way, listsOf(some)]));
}

/** What the host says of the ways back of the primary: by its kernel, and through the controller. */
async function deadReturns(): Promise<[kernel: number | undefined, controller: number | undefined]> {
  const [policy] = (await rig.intent("calls")).policies;
  const status = policy?.candidates[0]?.segmentLists[0];
  const { lists } = await rig.agentStatus(CALLS.from);
  return [lists.find(({ list }) => list === status?.list)?.deadReturns, status?.deadReturns];
}

async function says(expected: number): Promise<void> {
  await eventually(`the host says ${expected} of its ways back`, async () => {
    const [kernel, controller] = await deadReturns();
    return kernel === expected && controller === expected;
  });
}

test.each(NORTH)(
  "only the way back over $a-$b dies: no packet is lost, none moves, and the status says so",
  async (link) => {
    await declareCalls(rig);
    const [primary = ""] = await rig.segments("calls");
    const stream = await Stream.start(rig, CALLS);
    await says(0);
    await rig.lab.linkBlackhole(link, link.b);
    await says(1);
    expect(await seen()).toEqual({ north: [primary] });
    expect(await rig.describe("path", await primaryPath())).toContain("way back 1 dead");
    await rig.lab.linkRestore(link, link.b);
    await says(0);
    expect(await seen()).toEqual({ north: [primary] });
    expect(await stream.end()).toMatchObject({ lost: 0, duplicates: 0, reordered: 0 });
  },
);

test("the other way back dies, then the first beside it: one alone is no reason to leave, both are", async () => {
  await declareCalls(rig);
  const alternate = { a: "west", b: "middle" };
  const stream = await Stream.start(rig, CALLS);
  await rig.lab.linkBlackhole(alternate, "middle");
  await says(2);
  expect(Object.keys(await seen())).toEqual(["north"]);
  await rig.lab.linkBlackhole(NORTH[1], NORTH[1].b);
  await taken("south");
  await rig.lab.linkRestore(alternate, "middle");
  await taken("north");
  await says(1);
  await rig.lab.linkRestore(NORTH[1], NORTH[1].b);
  await says(0);
  expect((await stream.end()).lost).toBe(0);
});

test.each(NORTH)("only the way out over $a-$b dies: packets leave it, those the other way stay", async (link) => {
  await declareCalls(rig, "bidirectional: true");
  await rig.apply(NEWS_INTENT);
  await rig.live("news");
  const stream = await Stream.start(rig, CALLS);
  const news = await Stream.start(rig, NEWS);
  const newsWays = () => seen(onTheWire(rig, { host: NEWS.from, port: NEWS.port }, "east", NEWS_WAYS));
  await taken("north");
  await rig.lab.linkBlackhole(link, link.a);
  await taken("south");
  expect(Object.keys(await seen())).toEqual(["south"]);
  expect(Object.keys(await newsWays())).toEqual(["north"]);
  const answers = (await rig.intent("calls")).policies.find(({ direction }) => direction === "return");
  expect(answers?.activeCandidate).toBe(0);
  await rig.lab.linkRestore(link, link.a);
  await taken("north");
  expect(Object.keys(await seen())).toEqual(["north"]);
  const { lostRuns, longestGapMs } = await stream.end();
  expect(lostRuns).toHaveLength(1);
  expect(longestGapMs).toBeLessThan(GAP_BOUND_MS);
  expect(await news.end()).toMatchObject({ lost: 0 });
});

async function primaryPath(): Promise<string> {
  const [policy] = (await rig.intent("calls")).policies;
  const list = policy?.candidates[0]?.segmentLists[0]?.list ?? "";
  return `${CALLS.from}/${list.slice("list/".length)}`;
}
