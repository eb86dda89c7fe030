// The diamond of ../rig/diamond.ts. The host's own uplink goes down and comes back.
import { listsOf, packetsTo } from "../rig/captured-packet";
import { CALLS, diamondWithCalls, INTO_SOUTH, SOUTH } from "../rig/diamond";
import { eventually } from "../../support/eventually";
import type { Rig } from "../rig/rig";

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await diamondWithCalls();
}, 60_000);
afterAll(() => rig.down());

async function setUplink(state: "up" | "down"): Promise<void> {
  const uplink = rig.lab.interfaceOf("alice", { a: "alice", b: "west" });
  expect(await rig.lab.exec("alice", ["ip", "link", "set", "dev", uplink, state])).toMatchObject({ status: 0 });
}

test("the uplink goes down: the intent is no longer live and says why; it comes back by itself", async () => {
  await setUplink("down");
  const condition = async (type: string) => (await rig.intent("calls")).conditions.find((one) => one.type === type);
  await eventually("the intent is not live", async () => (await condition("Live"))?.status === "False");
  expect(await condition("Live")).toMatchObject({ reason: "AllPathsDead" });
  expect(await condition("Installed")).toMatchObject({ status: "True" });
  expect(await rig.describe("intent", "calls")).toMatch(
    /no candidate is alive\n {2}primary: dead, for .*\n {2}backup: dead, for /,
  );
  expect((await rig.agentStatus("alice")).policies[0]?.activeCandidate).toBe(-1);

  await setUplink("up");
  await rig.live("calls");
  const capture = await rig.lab.capture("south", INTO_SOUTH, { direction: "in" });
  const stream = await rig.lab.startUdpStream({ ...CALLS, seconds: 1, packetsPerSecond: 50 });
  expect((await stream.result).received).toBe(50);
  expect(listsOf(packetsTo(CALLS.port, await capture.stop()))).toEqual([SOUTH]);
});
