// The diamond of ../rig/diamond.ts. What is pinned forwards on: without the agent, without anybody, and after a reboot.
import { rmSync } from "node:fs";
import { listsOf, packetsTo } from "../rig/captured-packet";
import { CALLS, diamondWithCalls, INTO_SOUTH, SOUTH } from "../rig/diamond";
import { eventually } from "../../support/eventually";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";

jest.setTimeout(90_000);

let rig: Rig;
beforeAll(async () => {
  rig = await diamondWithCalls();
}, 60_000);
afterAll(() => rig.down());

async function steeringGoesOn(): Promise<void> {
  const before = await rig.steered(CALLS.from);
  await eventually("steering goes on", async () => (await rig.steered(CALLS.from)) > before + 100);
}

test("kill -9 of the agent and its restart: no packet is lost or counted twice, the status tells", async () => {
  const before = await rig.steered(CALLS.from);
  const stream = await Stream.start(rig, CALLS);

  await rig.lab.killAgent("alice");
  await eventually("the host is disconnected", async () => (await rig.host("alice")).session.state === "disconnected");
  const conditions = (await rig.intent("calls")).conditions.filter(
    ({ type }) => type === "Installed" || type === "Live",
  );
  expect(conditions.map(({ status, reason }) => [status, reason])).toEqual([
    ["Unknown", "AgentNotConnected"],
    ["Unknown", "AgentNotConnected"],
  ]);
  expect(await rig.describe("host", "alice")).toMatch(/its agent left .* ago; the host keeps forwarding/);
  await steeringGoesOn();

  await rig.lab.startAgent("alice");
  await rig.live("calls");
  expect(await rig.host("alice")).toMatchObject({ session: { state: "connected", sentVersion: 0 }, driftRepairs: 0 });
  await steeringGoesOn();

  const { sent, lost, duplicates, reordered } = await stream.end();
  expect({ lost, duplicates, reordered }).toEqual({ lost: 0, duplicates: 0, reordered: 0 });
  expect(await rig.steered(CALLS.from)).toBe(before + sent);
});

test("both gone, then the agent alone: the pinned state forwards all along", async () => {
  const before = await rig.steered(CALLS.from);
  const stream = await Stream.start(rig, CALLS);
  await rig.lab.killController();
  await rig.lab.killAgent("alice");
  await steeringGoesOn();
  await rig.lab.startAgent("alice");
  await steeringGoesOn();
  const { sent, lost, duplicates } = await stream.end();
  expect({ lost, duplicates }).toEqual({ lost: 0, duplicates: 0 });
  expect(await rig.steered(CALLS.from)).toBe(before + sent);
});

test("after a reboot, which leaves no pins, the agent installs what it kept on disk before any controller answers", async () => {
  await rig.lab.killAgent("alice");
  rmSync(rig.pins("alice"), { recursive: true });
  await rig.lab.startAgent("alice");
  await eventually("the policy is in the kernel", async () => (await rig.agentStatus("alice")).policies[0]?.current);
  const capture = await rig.lab.capture("south", INTO_SOUTH, { direction: "in" });
  const { received } = await (await rig.lab.startUdpStream({ ...CALLS, seconds: 1, packetsPerSecond: 50 })).result;
  expect(received).toBe(50);
  const packets = packetsTo(CALLS.port, await capture.stop());
  expect(packets).toHaveLength(50);
  expect(listsOf(packets)).toEqual([SOUTH]);
  await rig.lab.startController();
  await rig.live("calls");
});
