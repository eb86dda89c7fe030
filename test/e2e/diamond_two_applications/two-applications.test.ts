/*
 *                  north       igp 10 + 10, 10 ms: plain routing, and what `files` asks for
 *                 /     \
 *   alice -- west       east -- bob
 *                 \     /
 *                  south       igp 15 + 15, 2 ms: what `calls` asks for
 */
import { counterDifference } from "@sextant/lab";
import { listsOf, packetsTo } from "../rig/captured-packet";
import { example, Rig } from "../rig/rig";
import { transfer } from "../rig/transfer";

jest.setTimeout(60_000);

const CALLS = { from: "alice", to: "bob", port: 5_000, cgroup: "apps/calls" };
const FILES = { from: "alice", to: "bob", port: 9_000, cgroup: "apps/files" };
const AT_NORTH = { a: "west", b: "north" };
const AT_SOUTH = { a: "west", b: "south" };

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: "diamond" });
  await rig.makeCgroups("alice", "apps/calls", "apps/files");
  await rig.applyFile(example("diamond", "intents.yaml").replace("/intents.yaml", ""));
  await rig.live("calls", "files");
}, 60_000);
afterAll(() => rig.down());

/** Runs traffic while both branches are captured where routers receive it. */
async function captured<T>(traffic: () => Promise<T>) {
  const captures = await Promise.all([
    rig.lab.capture("north", AT_NORTH, { direction: "in" }),
    rig.lab.capture("south", AT_SOUTH, { direction: "in" }),
    rig.lab.capture("bob", { a: "bob", b: "east" }, { direction: "in" }),
  ]);
  const result = await traffic();
  const [north = [], south = [], bob = []] = await Promise.all(captures.map((capture) => capture.stop()));
  return { result, north, south, bob };
}

test("two applications between the same two hosts take two paths at the same time, each its own", async () => {
  const [callsList = ""] = await rig.segments("calls");
  const [filesList = ""] = await rig.segments("files");
  const before = await rig.lab.linkCounters();
  const strippedBefore = (await rig.agentStatus("bob")).packetsByReason["srh_stripped"];
  const { result, north, south, bob } = await captured(async () => {
    const both = [CALLS, FILES].map((flow) => rig.lab.startUdpStream({ ...flow, seconds: 1, packetsPerSecond: 300 }));
    return Promise.all((await Promise.all(both)).map((stream) => stream.result));
  });
  const counted = counterDifference(before, await rig.lab.linkCounters());

  // On the wire, as an independent decoder reads it: the list of the status and nothing else, on its own branch alone.
  expect(listsOf(packetsTo(5_000, south))).toEqual([callsList]);
  expect(listsOf(packetsTo(9_000, north))).toEqual([filesList]);
  expect(packetsTo(5_000, south)).toHaveLength(300);
  expect(packetsTo(9_000, north)).toHaveLength(300);
  expect(packetsTo(5_000, north).concat(packetsTo(9_000, south))).toEqual([]);
  expect(new Set(packetsTo(5_000, south).map(({ srh }) => srh?.finalDestination))).toEqual(
    new Set([rig.lab.addressOf("bob")]),
  );

  // By the kernel's own counters of the links: nothing more than probes on top.
  for (const link of ["west-north", "west-south", "north-east", "south-east"]) {
    expect(counted.get(link)?.b.rxPackets).toBeGreaterThanOrEqual(300);
    expect(counted.get(link)?.b.rxPackets).toBeLessThan(600);
  }

  // At the receiver: every packet came with a header, which was taken off, and the application got all of them.
  expect(packetsTo(5_000, bob).every(({ srh }) => srh?.segmentsLeft === 0)).toBe(true);
  const stripped = Number((await rig.agentStatus("bob")).packetsByReason["srh_stripped"]) - Number(strippedBefore);
  expect(stripped).toBe(600);
  expect(result.map(({ received, lost, duplicates }) => ({ received, lost, duplicates }))).toEqual(
    Array.from({ length: 2 }, () => ({ received: 300, lost: 0, duplicates: 0 })),
  );
});

test("the same application without its cgroup is routed plainly", async () => {
  const { port } = CALLS;
  const { result, north, south } = await captured(async () => {
    const stream = await rig.lab.startUdpStream({ from: "alice", to: "bob", port, seconds: 1, packetsPerSecond: 100 });
    return stream.result;
  });
  expect(result.received).toBe(100);
  expect(listsOf(packetsTo(port, north))).toEqual([""]);
  expect(packetsTo(port, south)).toEqual([]);
});

test("requests of exactly one full segment are answered, every segment on the list", async () => {
  // 1500 bytes less IPv6, TCP and timestamps.
  const fullSegment = 1_428;
  const [filesList = ""] = await rig.segments("files");
  const { result, north } = await captured(async () => {
    const tcp = await rig.lab.startTcp({ ...FILES, mode: "echo", seconds: 1, bytes: fullSegment });
    return tcp.result;
  });
  const segments = packetsTo(9_000, north);
  expect(result.requests).toBeGreaterThan(5);
  expect(listsOf(segments)).toEqual([filesList]);
  expect(segments.every(({ tcp }) => tcp)).toBe(true);
  // One segment and its 40 bytes of SRH, in one packet.
  expect(segments.some(({ payloadBytes }) => payloadBytes === 40 + 32 + fullSegment)).toBe(true);
});

test("a large write arrives intact, though the kernel hands it over in packets larger than any link", async () => {
  const { result, north, south } = await captured(() => transfer(rig.lab, { ...FILES, bytes: 8 << 20 }));
  expect(result.arrived).toBe(result.sent);
  const [filesList = ""] = await rig.segments("files");
  expect(listsOf(packetsTo(9_000, north))).toEqual([filesList]);
  expect(packetsTo(9_000, south)).toEqual([]);
  // Links carry 9000 bytes: what is larger was one packet to the host's program and is still one at the router.
  expect(packetsTo(9_000, north).some(({ payloadBytes }) => payloadBytes > 9_000)).toBe(true);
});
