// The diamond of ../rig/diamond.ts. The link between south and east swallows packets: no carrier is lost, no router notices.
import type { IntentStatus } from "../../../packages/cli/src/status";
import { listsOf, packetsTo } from "../rig/captured-packet";
import { CALLS, diamondWithCalls, INTO_NORTH, INTO_SOUTH, NORTH, SOUTH } from "../rig/diamond";
import { eventually } from "../../support/eventually";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";
import { Watch } from "../rig/watch";

jest.setTimeout(90_000);

const BROKEN = { a: "south", b: "east" };
/**
 * Three probes at most 110 ms apart and the time that the fourth packet needs to notice: 330 ms by design. Here the prober
 * shares two cores with all that a lab runs.
 */
const GAP_BOUND_MS = 1_000;

let rig: Rig;
beforeAll(async () => {
  rig = await diamondWithCalls();
}, 60_000);
afterAll(() => rig.down());

/** The only policy of `calls`, with the states of its two paths. */
async function calls() {
  const { policies, conditions } = await rig.intent("calls");
  const [policy] = policies;
  const states = policy?.candidates.map(({ segmentLists }) => segmentLists[0]?.state) ?? [];
  const live = conditions.find(({ type }) => type === "Live");
  return { active: policy?.activeCandidate, states, live };
}

/** Packets of the application on either way during a moment of its stream. */
async function onTheWire() {
  const captures = await Promise.all(
    [INTO_NORTH, INTO_SOUTH].map((link) => rig.lab.capture(link.b, link, { direction: "in", filter: "ip6" })),
  );
  const before = await rig.steered(CALLS.from);
  await eventually("a while of traffic", async () => (await rig.steered(CALLS.from)) > before + 50);
  const [north = [], south = []] = await Promise.all(captures.map((capture) => capture.stop()));
  return { north: packetsTo(CALLS.port, north), south: packetsTo(CALLS.port, south) };
}

test("a silent failure of the primary moves traffic to the backup; a restored link brings it back", async () => {
  await using watch = new Watch(rig, "intents");
  await eventually("the watch has begun", () => watch.lines.length > 0);
  const stream = await Stream.start(rig, CALLS);
  expect(listsOf((await onTheWire()).south)).toEqual([SOUTH]);

  // observe: the host itself sees it, and says so.
  await rig.lab.linkBlackhole(BROKEN);
  await eventually("the primary is reported dead", async () => (await calls()).states.join() === "dead,alive");
  expect(await calls()).toMatchObject({ active: 1, live: { status: "True", reason: "ProbesReturn" } });
  const during = await onTheWire();
  expect(listsOf(during.north)).toEqual([NORTH]);
  expect(during.south).toEqual([]);
  const story = await rig.describe("intent", "calls");
  expect(story).toMatch(/packets take the backup/);
  expect(story).toMatch(/primary: dead, for /);

  // recover: the dead path was probed all the time.
  await rig.lab.linkRestore(BROKEN);
  await eventually("the primary is alive again", async () => (await calls()).states.join() === "alive,alive");
  await eventually("it has held up and is taken again", async () => (await calls()).active === 0);
  expect(await calls()).toMatchObject({ active: 0, live: { status: "True" } });
  const after = await onTheWire();
  expect(listsOf(after.south)).toEqual([SOUTH]);
  expect(after.north).toEqual([]);

  const { lost, lostRuns, longestGapMs, duplicates } = await stream.end();
  expect(lost).toBeGreaterThan(0);
  expect(lostRuns).toHaveLength(1);
  expect(duplicates).toBe(0);
  expect(longestGapMs).toBeLessThan(GAP_BOUND_MS);

  // Whoever watched has seen both changes, each as one document on one line.
  const seen = watch.lines.map((line) => JSON.parse(line) as { kind: string; status: IntentStatus });
  expect(new Set(seen.map(({ kind }) => kind))).toEqual(new Set(["Intent"]));
  const active = seen.map(({ status }) => status.policies[0]?.activeCandidate);
  const changes = active.filter((candidate, i) => i === 0 || candidate !== active[i - 1]);
  expect(changes).toEqual([0, 1, 0]);
  expect(await watch.stop()).toBe(0);
});

test("with both ways dead the intent says so, and its packets are routed plainly", async () => {
  const links = [BROKEN, { a: "north", b: "east" }];
  for (const link of links) await rig.lab.linkBlackhole(link);
  await eventually("both are reported dead", async () => (await calls()).states.join() === "dead,dead");
  expect(await calls()).toMatchObject({ active: -1, live: { status: "False", reason: "AllPathsDead" } });
  const capture = await rig.lab.capture("north", INTO_NORTH, { direction: "in" });
  await (await rig.lab.startUdpStream({ ...CALLS, seconds: 1, packetsPerSecond: 50 })).result;
  expect(listsOf(packetsTo(CALLS.port, await capture.stop()))).toEqual([""]);
  expect(Number((await rig.agentStatus("alice")).packetsByReason["no_path_routed"])).toBe(50);
  for (const link of links) await rig.lab.linkRestore(link);
  await rig.live("calls");
});
