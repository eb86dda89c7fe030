/*
 *  alice         south   2 ms
 *       \      /       \
 *        west            east - bob      room for one reservation of 80 Mbit/s on each way
 *       /      \       /
 *  carol         north   10 ms
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Rig } from "../rig/rig";

jest.setTimeout(60_000);

/** What the controller's log says of a policy that went before others had left. */
const OVERTAKEN = "others may still have";

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: join(__dirname, "network.yaml"), undelayed: true });
  await reserve("first", "alice", 5_000, 7);
  await rig.live("first");
}, 60_000);
afterAll(() => rig.down());

async function reserve(name: string, from: string, port: number, setupPriority: number): Promise<void> {
  await rig.apply(`apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [${from}]}
  to: {hosts: [bob]}
  application: {protocol: udp, ports: [${port}]}
  objective: {minimize: delay}
  mode: insert
  reservation: {mbps: 80, setupPriority: ${setupPriority}}
`);
}

/** The router between west and east. */
async function way(name: string): Promise<string | undefined> {
  const { policies } = await rig.intent(name);
  return policies[0]?.candidates[0]?.nodes[2];
}

const controllerLog = () => readFileSync(join(rig.lab.directory, "controller.log"), "utf8");

test("who takes a way waits until the agent of who had it has answered", async () => {
  expect(await way("first")).toBe("south");
  await reserve("second", "carol", 5_001, 3);
  await rig.live("first", "second");
  expect([await way("first"), await way("second")]).toEqual(["north", "south"]);
  expect(controllerLog()).not.toContain(OVERTAKEN);
});

test("an agent that does not answer holds nobody up for long", async () => {
  await rig.lab.killAgent("alice", "SIGSTOP");
  await reserve("third", "carol", 5_002, 0);
  await reserve("fourth", "carol", 5_003, 0);
  await rig.live("third", "fourth");
  expect([await way("third"), await way("fourth")].sort()).toEqual(["north", "south"]);
  expect(controllerLog()).toContain(OVERTAKEN);
  await rig.lab.killAgent("alice", "SIGCONT");
  expect((await rig.intent("first")).policies[0]?.noPath?.reason).toBe("Reservation");
});
