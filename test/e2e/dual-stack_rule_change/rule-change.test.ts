// A rule changes under a running connection and a running stream; their next packets follow. The network of ../rig/dual-stack.ts.
import { eventually } from "../../support/eventually";
import { captured } from "../rig/captured";
import { dualStack, FAMILIES, intent, STUDIO } from "../rig/dual-stack";
import { reasonsOf } from "../rig/reasons";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";

jest.setTimeout(60_000);

const PORTS = { stream: 9_000, connection: 9_100 } as const;
const AT_AMS = ["ams", { a: "lon", b: "ams" }] as const;
const AT_PAR = ["par", { a: "lon", b: "par" }] as const;
const NORTH = "constraints: {via: [{node: ams}]}";
const SOUTH = "constraints: {via: [{node: par}]}";
const everything = (way: string) => intent("everything", "{ports: [9000-9199]}", ["mode: encap", way]);

let rig: Rig;
beforeAll(async () => {
  rig = await dualStack({ everything: everything(NORTH) });
}, 60_000);
afterAll(() => rig.down());

/** Where the packets of the two are seen now: the routers, and whether in an outer header. */
async function ways(): Promise<Record<keyof typeof PORTS, string[]>> {
  const { packets } = await captured(rig, { ams: AT_AMS, par: AT_PAR }, async () => {
    const counted = async () => (await rig.lab.linkCounters()).get("desk-lon")?.b.rxPackets ?? 0;
    const before = await counted();
    await eventually("a while of traffic", async () => (await counted()) > before + 100);
  });
  const seen = (port: number) => [
    ...new Set(
      Object.entries(packets).flatMap(([router, list]) =>
        list
          .filter(({ transport }) => transport?.port === port)
          .map(({ headers }) => `${router}${headers.length > 1 ? "" : " plain"}`),
      ),
    ),
  ];
  return { stream: seen(PORTS.stream), connection: seen(PORTS.connection) };
}

test.each(FAMILIES)("IPv%i: onto another path, then off the policy", async (family) => {
  const address = STUDIO[family];
  const flow = { from: "desk", to: "studio", address };
  const stream = await Stream.start(rig, { ...flow, port: PORTS.stream });
  const connection = await rig.lab.startTcp({
    ...flow,
    port: PORTS.connection,
    mode: "echo",
    intervalMs: 5,
    seconds: 50,
  });
  const both = (way: string) => ({ stream: [way], connection: [way] });
  await rig.apply(everything(NORTH));
  await rig.live("everything");
  expect(await ways()).toEqual(both("ams"));
  await rig.apply(everything(SOUTH));
  await rig.live("everything");
  expect(await ways()).toEqual(both("par"));
  await rig.apply(intent("everything", "{ports: [1]}", ["mode: encap", NORTH]));
  await rig.live("everything");
  for (const seen of Object.values(await ways())) expect(seen.every((way) => way.endsWith(" plain"))).toBe(true);
  connection.stop();
  const { lost } = await stream.end();
  const { requests, longestMs } = await connection.result;
  expect({ lost, stalled: longestMs > 1_000 }).toEqual({ lost: 0, stalled: false });
  expect(requests).toBeGreaterThan(50);
});

test("off its outer headers: the far end refuses none of those that are under way", async () => {
  await rig.apply(everything(NORTH));
  await rig.live("everything");
  const stream = await Stream.start(rig, { from: "desk", to: "studio", port: PORTS.stream });
  const counted = await reasonsOf(rig, "studio", async () => {
    expect((await rig.sextant(["delete", "intent", "everything"])).status).toBe(0);
    await eventually("it is routed plainly", async () => (await ways()).stream.every((way) => way.endsWith(" plain")));
  });
  const { lost } = await stream.end();
  expect({ lost, refused: counted["inner_source_refused"] }).toEqual({ lost: 0, refused: undefined });
  expect(counted["decapsulated"]).toBeGreaterThan(0);
});
