// The diamond of ../rig/diamond.ts. First the south is faster, then the north is, then the south again.
import { readFileSync } from "node:fs";
import { listsOf, packetsTo } from "../rig/captured-packet";
import { CALLS, callsIntent, INTO_NORTH, INTO_SOUTH, NORTH, SOUTH } from "../rig/diamond";
import { eventually } from "../../support/eventually";
import { mapEntries } from "../rig/map-entries";
import { example, Rig } from "../rig/rig";
import { Stream } from "../rig/stream";

jest.setTimeout(60_000);

const TOPOLOGY = readFileSync(example("diamond", "topology.yaml"), "utf8");
/** Declared delays alone: routers forward as before, and the links are as fast as they were. */
const SLOW_SOUTH = TOPOLOGY.replaceAll("delayUs: 1000", "delayUs: 9000");
/** The north takes 8 ms longer: packets sent that long before a change to the south arrive after it. Some room for a busy machine. */
const OVERTAKEN = 100;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: "diamond" });
  await rig.makeCgroups("alice", CALLS.cgroup);
  await rig.apply(callsIntent());
  await rig.live("calls");
}, 60_000);
afterAll(() => rig.down());

/** Declares other delays under traffic and sees the change through, from computation to packets. */
async function change(topology: string, segment: string) {
  const stream = await Stream.start(rig, CALLS);
  const applied = await rig.apply(topology);
  expect(applied).toContain("topology/diamond configured");
  await eventually("the other way is computed", async () => (await rig.segments("calls")).join() === segment);
  await rig.live("calls");
  await eventually(
    "the old list is gone from the kernel",
    async () => (await mapEntries(rig, "alice", "lists")).length === 1,
  );
  const captures = await Promise.all(
    [INTO_NORTH, INTO_SOUTH].map((link) => rig.lab.capture(link.b, link, { direction: "in" })),
  );
  await eventually("a while of traffic", async () => Number((await rig.agentStatus("alice")).lists[0]?.packets) > 100);
  const [north = [], south = []] = await Promise.all(captures.map((capture) => capture.stop()));
  return { north: packetsTo(CALLS.port, north), south: packetsTo(CALLS.port, south), ...(await stream.end()) };
}

test("the faster way becomes the slower one: traffic moves without losing or reordering a packet", async () => {
  const { north, south, lost, duplicates, reordered } = await change(SLOW_SOUTH, NORTH);
  expect(listsOf(north)).toEqual([NORTH]);
  expect(south).toEqual([]);
  expect({ lost, duplicates, reordered }).toEqual({ lost: 0, duplicates: 0, reordered: 0 });
});

test("and back: packets on the slower way are overtaken, none is lost", async () => {
  const { north, south, lost, duplicates, reordered } = await change(TOPOLOGY, SOUTH);
  expect(listsOf(south)).toEqual([SOUTH]);
  expect(north).toEqual([]);
  expect({ lost, duplicates }).toEqual({ lost: 0, duplicates: 0 });
  expect(reordered).toBeLessThan(OVERTAKEN);
});
