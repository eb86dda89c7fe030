// The diamond of ../rig/diamond.ts. What a host cannot install, or not yet, is told with its reason; the rest works on.
import { listsOf, packetsTo } from "../rig/captured-packet";
import { CALLS, callsIntent, INTO_SOUTH, SOUTH } from "../rig/diamond";
import { eventually } from "../../support/eventually";
import { Rig } from "../rig/rig";

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: "diamond" });
}, 60_000);
afterAll(() => rig.down());

async function installed(intent: string) {
  return (await rig.intent(intent)).conditions.find(({ type }) => type === "Installed");
}

/** An intent that needs a row of its destination for each of its ports, as many as an intent may have. */
function sixteenRows(name: string, first: number): string {
  const ports = Array.from({ length: 16 }, (_, i) => `"${first + 2 * i}"`).join(", ");
  return `
apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [alice]}
  to: {hosts: [bob]}
  application: {protocol: udp, ports: [${ports}]}
  objective: {minimize: delay}
`;
}

test("a policy whose cgroup does not exist waits and says so; it is installed when the cgroup comes", async () => {
  await rig.apply(callsIntent());
  await eventually("the host has answered", async () => (await installed("calls"))?.reason === "CgroupMissing");
  expect(await installed("calls")).toMatchObject({ status: "False", observedGeneration: 1 });
  expect(await rig.describe("intent", "calls")).toMatch(/Installed is false: CgroupMissing: .*waiting.*apps\/calls/);
  expect(await rig.describe("host", "alice")).toMatch(/policy\/calls\/bob is waiting: cgroup_missing: .*apps\/calls/);
  await rig.makeCgroups("alice", CALLS.cgroup);
  await rig.live("calls");
});

test("more rows than a destination holds: the last intent is rejected with the reason, the others are untouched", async () => {
  // 64 rows are one for `calls`, and 16 for each of three more.
  await rig.apply(["p1", "p2", "p3"].map((name, i) => sixteenRows(name, 20_000 + 100 * i)).join("---"));
  await rig.live("p1", "p2", "p3");
  await rig.apply(sixteenRows("p4", 30_000));
  const answer = await eventually("the host has answered", async () => {
    const condition = await installed("p4");
    return condition?.status === "False" && condition.reason !== "NotPushed" && condition;
  });
  expect(answer.message).toMatch(/policy\/p4\/bob is rejected: .*64/);
  expect(await rig.describe("intent", "p4")).toContain(answer.message);
  expect(await rig.describe("host", "alice")).toMatch(/policy\/p4\/bob is rejected/);

  // The others are in the kernel and steer.
  await rig.live("p1", "p2", "p3", "calls");
  const capture = await rig.lab.capture("south", INTO_SOUTH, { direction: "in" });
  const sent = [20_002, 30_002].map((port) =>
    rig.lab.startUdpStream({ from: "alice", to: "bob", port, seconds: 1, packetsPerSecond: 50 }),
  );
  const results = await Promise.all((await Promise.all(sent)).map(({ result }) => result));
  const lines = await capture.stop();
  expect(results.map(({ received }) => received)).toEqual([50, 50]);
  expect(listsOf(packetsTo(20_002, lines))).toEqual([SOUTH]);
  expect(packetsTo(30_002, lines)).toEqual([]);

  // Room is made, and what was rejected goes in by itself.
  expect((await rig.sextant(["delete", "intent", "p1"])).status).toBe(0);
  await rig.live("p4");
});

test("a list that no header of the host holds: the intent says how long it is and how much the host takes", async () => {
  // Two fibres on either side of the south, the slower ones as cheap as the others: it takes an adjacency SID to name each.
  const topology = `
apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: diamond}
spec:
  locatorBlock: fcbb:bb00::/32
  nodes:
    - {name: west, nodeId: 1}
    - {name: north, nodeId: 2}
    - {name: south, nodeId: 3}
    - {name: east, nodeId: 4}
    - {name: alice, kind: host, nodeId: 0x101, attachedTo: west, addresses: ["2001:db8:a::1"], maxSegments: 1}
    - {name: bob, kind: host, nodeId: 0x102, attachedTo: east, addresses: ["2001:db8:b::1"]}
  links:
    - {a: west, b: north, igp: 10, delayUs: 5000}
    - {a: north, b: east, igp: 10, delayUs: 5000}
    - {name: west-south-fast, a: west, b: south, igp: 15, delayUs: 1000}
    - {name: west-south-slow, a: west, b: south, igp: 15, delayUs: 2000}
    - {name: south-east-fast, a: south, b: east, igp: 15, delayUs: 1000}
    - {name: south-east-slow, a: south, b: east, igp: 15, delayUs: 2000}
`;
  await rig.apply(topology);
  const encoded = await eventually("the intent is computed anew", async () => {
    return (await rig.intent("calls")).conditions.find(({ type, status }) => type === "Encoded" && status === "False");
  });
  expect(encoded).toMatchObject({ reason: "TooManySegments" });
  const story = await rig.describe("intent", "calls");
  expect(story).toContain(`Encoded is false: TooManySegments: ${encoded.message}`);
  expect(encoded.message).toMatch(/2 segments.*1/);
});
