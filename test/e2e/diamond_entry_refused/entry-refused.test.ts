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

/** Rules that a host holds, shared by the intents that fill it. */
const RULES = 65_536;
const FILLERS = ["p1", "p2", "p3", "p4"];

/** An intent with as many rules as an intent may have for one destination: a quarter of what a host holds. */
function quarter(name: string): string {
  const ports = [`"${portOf(name)}"`, ...Array.from({ length: 15 }, (_, i) => `"${40_000 + i}"`)];
  const sourcePorts = Array.from({ length: 16 }, (_, i) => `"${Math.max(1, 4_096 * i)}-${4_096 * (i + 1) - 1}"`);
  const sources = [
    "2001:db8:a::/48",
    ...Array.from({ length: 63 }, (_, i) => `2001:db8:${(0x1000 + i).toString(16)}::/48`),
  ];
  const prefixes = sources.map((prefix) => `"${prefix}"`).join(", ");
  expect(ports.length * sourcePorts.length * sources.length * FILLERS.length).toBe(RULES);
  return `
apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [alice]}
  to: {hosts: [bob]}
  application: {protocol: udp, ports: [${ports.join(", ")}], sourcePorts: [${sourcePorts.join(", ")}], sources: [${prefixes}]}
  objective: {minimize: delay}
`;
}

/** A port that one of them alone is for. */
function portOf(name: string): number {
  return 20_000 + FILLERS.indexOf(name);
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

test("more rules than a host holds: the last intent is rejected with the reason, the others are untouched", async () => {
  // `calls` has one rule already.
  await rig.apply(FILLERS.map(quarter).join("---"));
  await rig.live("p1", "p2", "p3");
  const answer = await eventually("the host has answered", async () => {
    const condition = await installed("p4");
    return condition?.status === "False" && condition.reason !== "NotPushed" && condition;
  });
  expect(answer).toMatchObject({ reason: "MapFull" });
  expect(answer.message).toMatch(/policy\/p4\/bob is rejected: .*holds 65536 rules, this policy needs 16384/);
  expect(await rig.describe("intent", "p4")).toContain(answer.message);
  expect(await rig.describe("host", "alice")).toMatch(/policy\/p4\/bob is rejected: map_full: /);

  // The others are in the kernel and steer.
  await rig.live("p1", "p2", "p3", "calls");
  const capture = await rig.lab.capture("south", INTO_SOUTH, { direction: "in" });
  const sent = ["p3", "p4"].map((name) =>
    rig.lab.startUdpStream({ from: "alice", to: "bob", port: portOf(name), seconds: 1, packetsPerSecond: 50 }),
  );
  const results = await Promise.all((await Promise.all(sent)).map(({ result }) => result));
  const lines = await capture.stop();
  expect(results.map(({ received }) => received)).toEqual([50, 50]);
  expect(listsOf(packetsTo(portOf("p3"), lines))).toEqual([SOUTH]);
  expect(packetsTo(portOf("p4"), lines)).toEqual([]);

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
