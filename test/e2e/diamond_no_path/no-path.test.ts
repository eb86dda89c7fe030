// The diamond of ../rig/diamond.ts. Intents that no path satisfies: what kills it is named, and packets get what was asked for.
import { listsOf, packetsTo } from "../rig/captured-packet";
import { CALLS, callsIntent, INTO_NORTH } from "../rig/diamond";
import { eventually } from "../../support/eventually";
import { Rig } from "../rig/rig";

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: "diamond" });
  await rig.makeCgroups("alice", CALLS.cgroup);
}, 60_000);
afterAll(() => rig.down());

/** Applies `calls` with these lines in its spec and waits until the host holds that. */
async function declare(extra: string): Promise<string> {
  await rig.apply(callsIntent(extra));
  await eventually("the host holds it", async () => {
    const { conditions, generation } = await rig.intent("calls");
    const pushed = conditions.find(({ type }) => type === "Pushed");
    return pushed?.status === "True" && pushed.observedGeneration === generation;
  });
  return rig.describe("intent", "calls");
}

async function reason(name: string): Promise<number> {
  return Number((await rig.agentStatus("alice")).packetsByReason[name]);
}

/** Sends 100 packets; gives how many arrived, and what was captured in the north. */
async function send() {
  const capture = await rig.lab.capture("north", INTO_NORTH, { direction: "in" });
  const { received } = await (await rig.lab.startUdpStream({ ...CALLS, seconds: 1, packetsPerSecond: 100 })).result;
  return { received, north: packetsTo(CALLS.port, await capture.stop()) };
}

test.each([
  ["a delay out of reach", "constraints: {maxDelayMs: 1}", "MaxDelay", "maxDelayMs 1 is out of reach: the best is 2"],
  ["both ways excluded", "constraints: {avoid: {nodes: [north, south]}}", "Avoid", "without avoid.nodes"],
  ["too few hops", "constraints: {maxHops: 2}", "MaxHops", "maxHops 2 is out of reach: the best is 4"],
])("%s is named", async (_what, extra, code, message) => {
  const story = await declare(extra);
  const { policies, conditions } = await rig.intent("calls");
  expect(policies[0]?.noPath).toMatchObject({ reason: code });
  expect(policies[0]?.candidates).toEqual([]);
  expect(conditions.find(({ type }) => type === "Computed")).toMatchObject({ status: "False", reason: "NoPath" });
  expect(story).toContain(message);
});

test("onNoPath route: packets are routed plainly", async () => {
  await declare("constraints: {maxDelayMs: 1}\n  onNoPath: route");
  const before = await reason("no_path_routed");
  const { received, north } = await send();
  expect(received).toBe(100);
  expect(listsOf(north)).toEqual([""]);
  expect((await reason("no_path_routed")) - before).toBe(100);
});

test("onNoPath drop: packets of the application are dropped and counted, those of others are not", async () => {
  await declare("constraints: {maxDelayMs: 1}\n  onNoPath: drop");
  const before = await reason("no_path_dropped");
  const { received, north } = await send();
  expect(received).toBe(0);
  expect(north).toEqual([]);
  expect((await reason("no_path_dropped")) - before).toBe(100);
  const other = await rig.lab.startUdpStream({
    from: "alice",
    to: "bob",
    port: CALLS.port,
    seconds: 1,
    packetsPerSecond: 50,
  });
  expect((await other.result).received).toBe(50);
});

test("endpoints that the topology does not join: the status says so", async () => {
  const { spec } = await rig.get<{ spec: { nodes: { name: string }[]; links: { a: string; b: string }[] } }>(
    "topologies",
    "diamond",
  );
  const links = spec.links.filter(({ a, b }) => a !== "east" && b !== "east");
  await rig.apply(
    JSON.stringify({
      apiVersion: "sextant.dev/v1",
      kind: "Topology",
      metadata: { name: "diamond" },
      spec: { ...spec, links },
    }),
  );
  await eventually(
    "the intent is computed anew",
    async () => (await rig.intent("calls")).policies[0]?.noPath?.reason === "Disconnected",
  );
  expect(await rig.describe("intent", "calls")).toContain("no way from alice to bob in the topology");
});
