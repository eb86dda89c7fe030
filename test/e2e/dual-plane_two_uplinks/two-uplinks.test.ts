/*
 *              a1 --- a2 --- a3          plane a: what plain routing takes, and what `trading` asks for (2 ms)
 *             /                \
 *         left                 right     an uplink into each plane
 *             \                /
 *              b1 --- b2 --- b3          plane b: where `replica` is sent (3 ms)
 */
import { counterDifference } from "@sextant/lab";
import { listsOf, packetsTo } from "../rig/captured-packet";
import { eventually } from "../../support/eventually";
import { Rig, said } from "../rig/rig";
import { Stream } from "../rig/stream";

jest.setTimeout(60_000);

const PLANE_A = "fcbb:bb00:a3::";
const PLANE_B = "fcbb:bb00:b3::";
const UPLINKS = [
  { a: "left", b: "a1" },
  { a: "left", b: "b1" },
];
const TRADING = { from: "left", to: "right", port: 4_000, cgroup: "apps/trading" };
const REPLICA = { from: "left", to: "right", port: 9_000, cgroup: "apps/replica" };

const intent = (name: string, port: number, spec: string) => `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [left]}
  to: {hosts: [right]}
  application: {cgroup: apps/${name}, ports: ["${port}"]}
  objective: {minimize: delay}
  ${spec}
`;
const INTENTS = [
  intent("trading", TRADING.port, "protection: {backups: 1, disjoint: node}"),
  intent("replica", REPLICA.port, "constraints: {avoid: {srlgs: [plane-a]}}"),
].join("---\n");

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: "dual-plane" });
  await rig.makeCgroups("left", TRADING.cgroup, REPLICA.cgroup);
  await rig.apply(INTENTS);
  await rig.live("trading", "replica");
}, 60_000);
afterAll(() => rig.down());

/** Captures both uplinks at the routers while something happens. */
async function captured<T>(traffic: () => Promise<T>) {
  const captures = await Promise.all(UPLINKS.map((link) => rig.lab.capture(link.b, link, { direction: "in" })));
  const result = await traffic();
  const [planeA = [], planeB = []] = await Promise.all(captures.map((capture) => capture.stop()));
  return { result, planeA, planeB };
}

test("two intents use two uplinks at once, whichever plain routing would take", async () => {
  expect(await rig.segments("trading")).toEqual([PLANE_A, PLANE_B]);
  expect(await rig.segments("replica")).toEqual([PLANE_B]);
  const before = await rig.lab.linkCounters();
  const { result, planeA, planeB } = await captured(async () => {
    const streams = [TRADING, REPLICA].map((flow) =>
      rig.lab.startUdpStream({ ...flow, seconds: 1, packetsPerSecond: 200 }),
    );
    return Promise.all((await Promise.all(streams)).map((stream) => stream.result));
  });
  const counted = counterDifference(before, await rig.lab.linkCounters());
  expect(result.map(({ received }) => received)).toEqual([200, 200]);
  expect(listsOf(packetsTo(TRADING.port, planeA))).toEqual([PLANE_A]);
  expect(packetsTo(TRADING.port, planeA)).toHaveLength(200);
  expect(listsOf(packetsTo(REPLICA.port, planeB))).toEqual([PLANE_B]);
  expect(packetsTo(REPLICA.port, planeB)).toHaveLength(200);
  expect(packetsTo(TRADING.port, planeB).concat(packetsTo(REPLICA.port, planeA))).toEqual([]);
  for (const link of ["a2-a3", "b2-b3"]) expect(counted.get(link)?.b.rxPackets).toBeGreaterThanOrEqual(200);
});

test("one of the two is redirected from the uplink of its plain route", async () => {
  const send = async (flow: { from: string; to: string; port: number; cgroup?: string }) =>
    (await (await rig.lab.startUdpStream({ ...flow, seconds: 1, packetsPerSecond: 50 })).result).received;
  const before = (await rig.agentStatus("left")).packetsByReason;
  const { result, planeA, planeB } = await captured(async () => [
    await send({ from: "left", to: "right", port: 7_000 }),
    await send(TRADING),
    await send(REPLICA),
  ]);
  const after = (await rig.agentStatus("left")).packetsByReason;
  const rose = (name: string) => Number(after[name]) - Number(before[name]);
  expect(result).toEqual([50, 50, 50]);
  // Plain routing takes one uplink, whichever; the intents take both.
  const plain = [planeA, planeB].map((lines) => packetsTo(7_000, lines).length);
  expect([...plain].sort()).toEqual([0, 50]);
  expect([packetsTo(TRADING.port, planeA).length, packetsTo(REPLICA.port, planeB).length]).toEqual([50, 50]);
  expect([rose("inserted"), rose("inserted_redirected")]).toEqual([50, 50]);
});

test("a connection over the redirected uplink: TCP there, answers back", async () => {
  const { result, planeB } = await captured(
    async () => (await rig.lab.startTcp({ ...REPLICA, mode: "echo", seconds: 1 })).result,
  );
  expect(result.requests).toBeGreaterThan(5);
  expect(listsOf(packetsTo(REPLICA.port, planeB))).toEqual([PLANE_B]);
});

test("a plane dies silently: traffic moves to the other one, and back", async () => {
  const stream = await Stream.start(rig, TRADING);
  const broken = { a: "a2", b: "a3" };
  const active = async () => (await rig.intent("trading")).policies[0]?.activeCandidate;
  await rig.lab.linkBlackhole(broken);
  await eventually("the other plane is in use", async () => (await active()) === 1);
  const during = await captured(async () => {
    const before = Number(
      (await rig.agentStatus("left")).policies.find(({ policy }) => policy.includes("trading"))?.packets,
    );
    await eventually("a while of traffic", async () => {
      const { policies } = await rig.agentStatus("left");
      return Number(policies.find(({ policy }) => policy.includes("trading"))?.packets) > before + 50;
    });
  });
  expect(listsOf(packetsTo(TRADING.port, during.planeB))).toEqual([PLANE_B]);
  expect(packetsTo(TRADING.port, during.planeA)).toEqual([]);
  await rig.lab.linkRestore(broken);
  await eventually("its own plane is in use again", async () => (await active()) === 0);
  const { lostRuns, longestGapMs } = await stream.end();
  expect(lostRuns).toHaveLength(1);
  // Three probes at most 110 ms apart; the rest is for a busy machine.
  expect(longestGapMs).toBeLessThan(1_000);
});

test("an uplink goes down in the host itself: traffic takes the other one at once, and comes back with it", async () => {
  const uplink = rig.lab.interfaceOf("left", { a: "left", b: "a1" });
  const setUplink = async (state: "up" | "down") =>
    said(await rig.lab.exec("left", ["ip", "link", "set", "dev", uplink, state]));
  const active = async () => (await rig.intent("trading")).policies[0]?.activeCandidate;
  await setUplink("down");
  await eventually("the other uplink is in use", async () => (await active()) === 1);
  const { result, planeB } = await captured(
    async () => (await rig.lab.startUdpStream({ ...TRADING, seconds: 1, packetsPerSecond: 100 })).result,
  );
  expect(result.received).toBe(100);
  expect(listsOf(packetsTo(TRADING.port, planeB))).toEqual([PLANE_B]);
  await setUplink("up");
  await rig.live("trading", "replica");
  await eventually("the list has held up", async () => (await active()) === 0);
  const after = await captured(
    async () => (await rig.lab.startUdpStream({ ...TRADING, seconds: 1, packetsPerSecond: 100 })).result,
  );
  expect(after.result.received).toBe(100);
  expect(listsOf(packetsTo(TRADING.port, after.planeA))).toEqual([PLANE_A]);
});
