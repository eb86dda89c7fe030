// The backbone of examples/backbone, with the intents beside this file. By delay both desks reach the studio over Frankfurt and Brussels:
//
//   studio-1 - lon ---- ams ------------ ham ------------ ber - archive-1
//               | \       \                             /
//               |  bru === fra ------------------------'       === swallows packets
//              par /      /   \
//               |        /     muc        over-frankfurt proves zrh-fra, over-brussels proves lon-bru,
//              lys - gva - zrh - '        the backups prove the ways to the hosts: one link is left.
//                       |   \
//                     mil   desk-1
//                      desk-2
import { join } from "node:path";
import type { ControllerEvent } from "../../../packages/cli/src/controller-event";
import type { Resource } from "../../../packages/cli/src/resource";
import { type LinkHealth, linkHealthOf } from "../../../packages/cli/src/status";
import { eventually } from "../../support/eventually";
import { onTheWire } from "../rig/on-the-wire";
import { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";
import { Watch } from "../rig/watch";

jest.setTimeout(120_000);

const INTENTS = ["calls", "fellow", "over-frankfurt", "over-brussels"] as const;
const BROKEN = { a: "bru", b: "fra" };
/** Three probes at the rate that hosts are told, which is that of `fellow`: what desk-2 needs to find its path dead. */
const FELLOW_NOTICES_MS = 6_000;
const FELLOW = { from: "desk-2", to: "studio-1", port: 5_001 } as const;
/** Out of Frankfurt: over Brussels, and around it. */
const FROM_FRA = { bru: BROKEN, ams: { a: "ams", b: "fra" } } as const;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({
    topology: "backbone",
    undelayed: true,
    controllerFlags: ["--probe-interval-ms", String(FELLOW_NOTICES_MS / 3)],
  });
  await rig.applyFile(join(__dirname, "intents.yaml"));
  await rig.live(...INTENTS);
}, 90_000);
afterAll(() => rig.down());

/** What the controller finds of links, of those that are not simply up. */
async function unhealthy(): Promise<Readonly<Record<string, LinkHealth>>> {
  const { items } = await rig.get<{ items: { metadata: { name: string }; status: object }[] }>("links");
  const found = items.map(({ metadata, status }) => [metadata.name, linkHealthOf({ status } as Resource)] as const);
  return Object.fromEntries(
    found.flatMap(([name, health]) => (health === undefined || health.state === "up" ? [] : [[name, health]])),
  );
}

async function eventsOf(subject: string): Promise<ControllerEvent[]> {
  const { stdout } = await rig.sextant(["events", "--for", subject, "-o", "json"]);
  return (JSON.parse(stdout) as { items: ControllerEvent[] }).items;
}

async function reasonsOf(subject: string): Promise<string[]> {
  return (await eventsOf(subject)).map(({ reason }) => reason);
}

/** Links that an intent's candidates cross. */
async function linksOf(intent: string): Promise<string[]> {
  const { policies } = await rig.intent(intent);
  return policies.flatMap(({ candidates }) => candidates.flatMap(({ links }) => links));
}

/** Whether the stream is on each way out of a router, in a moment of it. */
async function seenOn(router: string, ways: typeof FROM_FRA): Promise<Record<string, boolean>> {
  const packets = await onTheWire(rig, { host: FELLOW.from, port: FELLOW.port }, router, ways);
  return Object.fromEntries(Object.entries(packets).map(([way, some]) => [way, some.length > 0]));
}

test("one link swallows packets: it is named, nothing else is, and every intent is led around it until it is trusted again", async () => {
  expect(await unhealthy()).toEqual({});
  await using watch = new Watch(rig, "links");
  await eventually("the watch has begun", () => watch.lines.length > 0);
  const stream = await Stream.start(rig, FELLOW);
  expect(await seenOn("fra", FROM_FRA)).toEqual({ bru: true, ams: false });

  // judge: this link, and no other.
  await rig.lab.linkBlackhole(BROKEN);
  const down = await eventually("the link is found", async () => {
    const found = await unhealthy();
    return found["bru-fra"]?.state === "down" && found;
  });
  expect(Object.keys(down)).toEqual(["bru-fra"]);
  // The way out of Frankfurt is what dead lists speak against. The other direction has one witness, a way back of one list.
  expect(down["bru-fra"]).toMatchObject({ suspicion: 1, from: expect.arrayContaining(["fra"]) as string[] });
  const told = await eventually("it is told", async () =>
    (await eventsOf("link/bru-fra")).find(({ reason }) => reason === "LinkDown"),
  );
  expect(told.message).toMatch(/dead paths of desk-1 cross it/);
  expect((await rig.sextant(["get", "links"])).stdout).toMatch(/bru-fra +bru +fra +up +down /);

  // recompute: no candidate of any intent crosses it, and neither does a packet.
  await eventually("no intent is planned over it", async () => {
    const links = await Promise.all(INTENTS.map(linksOf));
    return !links.flat().includes("bru-fra");
  });
  await eventually("packets go around it", async () => !(await seenOn("fra", FROM_FRA))["bru"]);
  // desk-2 has been moved by what desk-1 found: it has not noticed anything itself.
  expect(await reasonsOf("host/desk-2")).not.toContain("PathDead");
  expect(await reasonsOf("host/desk-1")).toContain("PathDead");

  // recover: probed by those that keep a list over it, on probation, and then used again.
  await rig.lab.linkRestore(BROKEN);
  await eventually("it is on probation", async () => (await unhealthy())["bru-fra"]?.state === "probation", 20_000);
  // Each direction is trusted by itself: no path takes the one out of Frankfurt before it is.
  const isCrossed = (await linksOf("fellow")).includes("bru-fra");
  const isTrusted = (await unhealthy())["bru-fra"]?.from?.includes("fra") !== true;
  expect({ isCrossed, isTrusted }).not.toEqual({ isCrossed: true, isTrusted: false });
  await eventually("it is trusted", async () => Object.keys(await unhealthy()).length === 0, 30_000);
  await eventually("the primary crosses it again", async () => (await linksOf("fellow")).includes("bru-fra"));
  await eventually("packets cross it", async () => (await seenOn("fra", FROM_FRA))["bru"], 30_000);
  expect(await reasonsOf("link/bru-fra")).toEqual(expect.arrayContaining(["LinkDown", "LinkOnProbation", "LinkUp"]));
  const { duplicates, lostRuns, longestGapMs } = await stream.end();
  expect(duplicates).toBe(0);
  expect(lostRuns).toHaveLength(1);
  expect(longestGapMs).toBeLessThan(FELLOW_NOTICES_MS / 3);

  // Whoever watched links has seen the whole of it; for a moment it may have been one of several.
  const seen = watch.lines.map((line) => JSON.parse(line) as { metadata: { name: string }; status: object });
  const states = seen
    .filter(({ metadata }) => metadata.name === "bru-fra")
    .map(({ status }) => linkHealthOf({ status } as Resource)?.state)
    .filter((state) => state !== "suspected");
  expect(states.filter((state, i) => state !== states[i - 1])).toEqual(["up", "down", "probation", "up"]);
});
