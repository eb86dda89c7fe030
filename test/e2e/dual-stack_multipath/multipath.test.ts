/*
 *                 ,- way1 (400) -.
 *   desk - west -<-- way2 (300) -->- east - studio      four ways, wide to narrow, shared in proportion
 *                 |- way3 (200) -|
 *                 `- way4 (100) -'
 */
import { join } from "node:path";
import { counterDifference } from "@sextant/lab";
import { eventually } from "../../support/eventually";
import { captured, type Place } from "../rig/captured";
import { send } from "../rig/datagrams";
import { dualStack, FAMILIES, intent, STUDIO } from "../rig/dual-stack";
import type { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const WAYS = ["way1", "way2", "way3", "way4"] as const;
const SHARES = [0.4, 0.3, 0.2, 0.1];
/** Every share is known to 2 %, with three standard deviations to spare. */
const MANY = 10_000;
const FLOWS = 300;
/** The same flows every time. */
const ONE_SOCKET = { sourcePort: 45_000, bytes: 20, pauseMs: 0 };

const shared = (name: string, first: number, spread: string) =>
  intent(name, `{protocol: udp, ports: ["${first}-${first + 9_999}"]}`, [
    "objective: {minimize: igp}",
    "mode: usid",
    `multipath: {paths: 4, weights: capacity, spread: ${spread}}`,
  ]);

let rig: Rig;
beforeAll(async () => {
  const intents = { flows: shared("flows", 20_000, "flow"), packets: shared("packets", 30_000, "packet") };
  rig = await dualStack(intents, { topology: join(__dirname, "fan.yaml") });
}, 60_000);
afterAll(() => rig.down());

/** Share of each way, by the counters of the links into them. */
async function shares(work: () => Promise<unknown>): Promise<number[]> {
  const before = await rig.lab.linkCounters();
  await work();
  const counted = counterDifference(before, await rig.lab.linkCounters());
  const packets = WAYS.map((way) => counted.get(`west-${way}`)?.b.rxPackets ?? 0);
  const total = packets.reduce((sum, count) => sum + count, 0);
  return packets.map((count) => count / total);
}

test.each([
  ["packets of one flow", 30_000, 1],
  ["flows", 20_000, MANY],
])("%s share the ways in proportion to their weights, within 2 %%", async (_what, port, ports) => {
  for (const family of FAMILIES) {
    const seen = await shares(() =>
      send(rig, { from: "desk", address: STUDIO[family], port, ports, count: MANY, bytes: 20, pauseMs: 0 }),
    );
    seen.forEach((share, i) => expect(Math.abs(share - (SHARES[i] ?? 0))).toBeLessThan(0.02));
  }
});

/** Which way each flow takes, by its port. */
async function waysOfFlows(): Promise<Map<number, string>> {
  const places = Object.fromEntries(WAYS.map((way): [string, Place] => [way, [way, { a: "west", b: way }]]));
  const { packets } = await captured(rig, places, () =>
    send(rig, { from: "desk", address: STUDIO[4], port: 20_000, ports: FLOWS, count: FLOWS, ...ONE_SOCKET }),
  );
  return new Map(
    WAYS.flatMap((way) =>
      (packets[way] ?? []).flatMap(({ transport, headers }): [number, string][] =>
        headers[1]?.version === 4 && transport !== undefined ? [[transport.port, way]] : [],
      ),
    ),
  );
}

test("a way that dies loses its flows to the others, whose own do not move; then it has the same ones again", async () => {
  const lists = async () => (await rig.intent("flows")).policies[0]?.candidates[0]?.segmentLists ?? [];
  const alive = async () => (await lists()).filter(({ state }) => state === "alive").length;
  const inUse = async () =>
    (await lists()).filter(({ state, withheld }) => state === "alive" && withheld !== true).length;
  const before = await waysOfFlows();
  expect(before.size).toBe(FLOWS);
  await rig.lab.linkBlackhole({ a: "way2", b: "east" });
  await eventually("one way is dead", async () => (await alive()) === 3);
  const during = await waysOfFlows();
  expect([...during.values()]).not.toContain("way2");
  expect(during.size).toBe(FLOWS);
  const moved = [...during].filter(([flow, way]) => before.get(flow) !== way);
  expect(new Set(moved.map(([flow]) => before.get(flow)))).toEqual(new Set(["way2"]));
  // They are spread over all that is left.
  expect(new Set(moved.map(([, way]) => way))).toEqual(new Set(["way1", "way3", "way4"]));
  await rig.lab.linkRestore({ a: "way2", b: "east" });
  await eventually("all ways are alive", async () => (await alive()) === 4);
  await eventually("the last of them has held up", async () => (await inUse()) === 4);
  expect(await waysOfFlows()).toEqual(before);
});
