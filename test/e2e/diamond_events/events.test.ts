// The diamond of ../rig/diamond.ts. What an operator is told of a silent failure, afterwards and while it goes on.
import type { ControllerEvent } from "../../../packages/cli/src/controller-event";
import { eventually } from "../../support/eventually";
import { diamondWithCalls } from "../rig/diamond";
import type { Rig } from "../rig/rig";
import { Watch } from "../rig/watch";

jest.setTimeout(90_000);

const BROKEN = { a: "south", b: "east" };

let rig: Rig;
beforeAll(async () => {
  rig = await diamondWithCalls();
}, 60_000);
afterAll(() => rig.down());

/** Events of one thing, in the order in which they happened. */
async function events(about: string): Promise<ControllerEvent[]> {
  const { stdout } = await rig.sextant(["events", "--for", about, "-o", "json"]);
  return (JSON.parse(stdout) as { items: ControllerEvent[] }).items;
}

const active = async () => (await rig.intent("calls")).policies[0]?.activeCandidate;
const reasons = (told: readonly ControllerEvent[]) => told.map(({ reason }) => reason);

test("a silent failure and its end: each transition once, in order, with its reason", async () => {
  await using watch = new Watch(rig, "paths");
  await eventually("the watch has begun", () => watch.lines.length > 0);
  const before = reasons(await events("intent/calls"));
  expect(before.slice(0, 2)).toEqual(["Created", "PathsChosen"]);
  expect(before).toEqual(expect.arrayContaining(["Installed", "ProbesReturn"]));

  const brokenMs = Date.now();
  await rig.lab.linkBlackhole(BROKEN);
  await eventually("packets take the backup", async () => (await active()) === 1);
  await rig.lab.linkRestore(BROKEN);
  await eventually("packets take the primary again", async () => (await active()) === 0);
  const told = await eventually("both changes are told", async () => {
    // Where the backup was alive first, packets have changed to the primary before.
    const since = (await events("intent/calls")).filter(({ lastTime }) => Date.parse(lastTime) >= brokenMs);
    return reasons(since).includes("OnPrimary") && since;
  });

  const order = ["PathDead", "OnBackup", "OnPrimary"];
  const found = told.filter(({ reason }) => order.includes(reason));
  expect(reasons(found)).toEqual(order);
  const [dead, backup] = found;
  expect(dead).toMatchObject({ about: { kind: "Path" }, host: "alice", severity: "warning" });
  expect(backup?.message).toMatch(
    /^alice to bob: packets take the backup .* and the primary .* no more, which is dead/,
  );
  expect(Date.parse(dead?.lastTime ?? "")).toBeLessThanOrEqual(Date.parse(backup?.lastTime ?? ""));

  // The same with the host that it happened on and in the story of either; the other host has nothing of it.
  expect(reasons(await events("host/alice"))).toEqual(expect.arrayContaining(["SessionOpened", ...order]));
  expect(reasons(await events("host/bob"))).not.toContain("PathDead");
  expect(await rig.describe("intent", "calls")).toMatch(/Lately\n(.*\n)*.*PathDead(.*\n)*.*OnBackup(.*\n)*.*OnPrimary/);
  expect(await rig.describe("host", "alice")).toMatch(/Lately\n(.*\n)*.*OnBackup/);
  const states = watch.lines.map((line) => (JSON.parse(line) as { status: { state?: string } }).status.state);
  expect(states).toContain("dead");
});
