// The diamond of ../rig/diamond.ts. An intent that is withdrawn leaves nothing behind.
import { listsOf, packetsTo } from "../rig/captured-packet";
import { CALLS, callsIntent, diamondWithCalls, INTO_NORTH, INTO_SOUTH, SOUTH, WITH_BACKUP } from "../rig/diamond";
import { eventually } from "../../support/eventually";
import { mapEntries } from "../rig/map-entries";
import type { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const MAPS = ["destinations", "policies", "lists"] as const;

let rig: Rig;
beforeAll(async () => {
  rig = await diamondWithCalls();
}, 60_000);
afterAll(() => rig.down());

/** Number of entries of each map. */
async function sizes(): Promise<number[]> {
  const dumps = await Promise.all(MAPS.map((map) => mapEntries(rig, "alice", map)));
  return dumps.map((entries) => entries.length);
}

async function captured() {
  const captures = await Promise.all(
    [INTO_NORTH, INTO_SOUTH].map((link) => rig.lab.capture(link.b, link, { direction: "in" })),
  );
  const { received } = await (await rig.lab.startUdpStream({ ...CALLS, seconds: 1, packetsPerSecond: 100 })).result;
  const [north = [], south = []] = await Promise.all(captures.map((capture) => capture.stop()));
  return { received, north: packetsTo(CALLS.port, north), south: packetsTo(CALLS.port, south) };
}

test("an intent is deleted: no map entry is left, packets are routed plainly", async () => {
  const before = await captured();
  expect(before.received).toBe(100);
  expect(listsOf(before.south)).toEqual([SOUTH]);
  expect(await sizes()).toEqual([1, 1, 2]);

  expect((await rig.sextant(["delete", "intent", "calls"])).status).toBe(0);
  await eventually("the maps are empty", async () => (await sizes()).every((size) => size === 0));
  expect(await rig.host("alice")).toMatchObject({ desiredEntries: 1, currentEntries: 1, heldEntries: 1 });
  const after = await captured();
  expect(after.received).toBe(100);
  expect(listsOf(after.north)).toEqual([""]);
  expect(after.south).toEqual([]);

  const gone = await rig.sextant(["describe", "intent", "calls"]);
  expect(gone.status).toBe(1);
});

test("the same intent declared again starts anew", async () => {
  await rig.apply(callsIntent(WITH_BACKUP));
  await rig.live("calls");
  expect(await sizes()).toEqual([1, 1, 2]);
  expect(listsOf((await captured()).south)).toEqual([SOUTH]);
});
