/*
 * The network of ../rig/planes.yaml. Plain routing takes the north.
 *
 *              north            9 ms + 9 ms, blue
 *             /      \
 *   desk -- west -- middle -- east - studio, archive      5 ms + 5 ms
 *        \    |      /
 *         \- south            1 ms + 1 ms, leased; to the desk IGP 1000
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../support/eventually";
import { listsOf, packetsTo } from "../rig/captured-packet";
import { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const FILE = join(__dirname, "..", "rig", "planes.yaml");
const TOPOLOGY = readFileSync(FILE, "utf8");
/** What is leased is left out of `fast`. */
const WITHOUT_LEASED = TOPOLOGY.replace("metric: delay}", "metric: delay, exclude: [leased]}");
const PORT = 7_000;
/** Where packets of the desk come from on each way. */
const BEFORE = { north: "west", middle: "west", south: "desk" } as const;

/** Packets of the same port by an algorithm's SIDs alone. */
function intent(name: string, to: string, algorithm: string, mode = "auto"): string {
  return `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [desk]}
  to: {hosts: [${to}]}
  application: {protocol: udp, ports: [${PORT}]}
  objective: {minimize: delay}
  constraints: {algorithm: ${algorithm}}
  mode: ${mode}
`;
}

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: FILE, undelayed: true });
  await rig.apply([intent("shows", "studio", "fast"), intent("backups", "archive", "blue")].join("---\n"));
  await rig.live("shows", "backups");
}, 60_000);
afterAll(() => rig.down());

/** Runs both streams while all three ways are captured; the lists that each way carried, by the host that they went to. */
async function lists() {
  const ways = ["north", "middle", "south"] as const;
  const captures = await Promise.all(
    ways.map((way) => rig.lab.capture(way, { a: BEFORE[way], b: way }, { direction: "in" })),
  );
  const streams = ["studio", "archive"].map((to) =>
    rig.lab.startUdpStream({ from: "desk", to, port: PORT, seconds: 1, packetsPerSecond: 200 }),
  );
  const results = await Promise.all((await Promise.all(streams)).map((stream) => stream.result));
  const lines = await Promise.all(captures.map((capture) => capture.stop()));
  const carried = (to: string, way: number) => {
    const destination = rig.lab.addressOf(to);
    const packets = packetsTo(PORT, lines[way] ?? []);
    return listsOf(packets.filter(({ srh, ...plain }) => (srh?.finalDestination ?? plain.destination) === destination));
  };
  const by = (to: string) => Object.fromEntries(ways.map((way, i) => [way, carried(to, i)]));
  return { received: results.map(({ received }) => received), studio: by("studio"), archive: by("archive") };
}

/** Nodes that the primary of an intent passes. */
async function path(name: string): Promise<string> {
  const { policies } = await rig.intent(name);
  return policies[0]?.candidates[0]?.nodes.join(" ") ?? "";
}

const FAST = "fcbb:cc00:5::";
const BLUE = "fcbb:dd00:5::";
const STUDIO_END = "fcbb:bb00:102:ff46::";

test("two intents on the same port go by the SIDs of their own algorithms, each its own way", async () => {
  expect(await rig.segments("shows")).toEqual([FAST]);
  expect(await rig.segments("backups")).toEqual([BLUE]);
  expect(await lists()).toEqual({
    received: [200, 200],
    studio: { north: [], middle: [], south: [FAST] },
    archive: { north: [BLUE], middle: [], south: [] },
  });
});

test("in carriers each block has its own", async () => {
  await rig.apply(intent("shows", "studio", "fast", "usid"));
  await eventually(
    "the list is compressed",
    async () => (await rig.segments("shows")).join() === `${FAST} ${STUDIO_END}`,
  );
  await rig.live("shows");
  expect(await lists()).toMatchObject({ received: [200, 200], archive: { north: [BLUE], middle: [], south: [] } });
  await rig.apply(intent("shows", "studio", "fast"));
  await eventually("it is not any more", async () => (await rig.segments("shows")).join() === FAST);
  await rig.live("shows");
});

test("an algorithm that is defined to leave links out takes its own intent to other links, and no other", async () => {
  await rig.lab.redefineAlgorithms(WITHOUT_LEASED);
  await rig.apply(WITHOUT_LEASED);
  await eventually("the other path is computed", async () => (await path("shows")) === "desk west middle east studio");
  await rig.live("shows", "backups");
  expect(await path("backups")).toBe("desk west north east archive");
  expect(await lists()).toEqual({
    received: [200, 200],
    studio: { north: [], middle: [FAST], south: [] },
    archive: { north: [BLUE], middle: [], south: [] },
  });
});

test("where an algorithm has no way any more, its intent says so, and what it would have without", async () => {
  const { policies } = await withoutBlue();
  expect(policies[0]?.noPath?.reason).toBe("Algorithm");
  expect(policies[0]?.noPath?.message).toContain("without algorithm blue: 1 ms");
  await rig.live("shows");
});

/** North takes no part in `blue` any more. */
async function withoutBlue() {
  await rig.apply(WITHOUT_LEASED.replace("{name: north, nodeId: 2}", "{name: north, nodeId: 2, algorithms: [fast]}"));
  return eventually("there is no path", async () => {
    const now = await rig.intent("backups");
    return now.policies[0]?.noPath === undefined ? undefined : now;
  });
}
