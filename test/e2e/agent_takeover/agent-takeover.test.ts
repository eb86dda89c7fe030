import { rmSync, writeFileSync } from "node:fs";
import { ipv6ToBytes, prefixParts } from "@sextant/model";
import { STRUCT_LAYOUTS } from "../../../packages/agent/src/bpf/struct-layouts";
import { AgentHost, FAR_ADDRESS, FAR_PREFIX } from "../agent_support/agent-host";
import { entryToWire } from "../../../packages/agent/src/testing/entry-to-wire";
import type { AgentStream } from "../../../packages/agent/src/testing/scripted-controller";
import { policy } from "../../support/desired";
import { UdpReceiver, UdpSender } from "../../support/udp-endpoints";
import { eventually } from "../../support/eventually";

const PORT = 15_000;
const FAR_PREFIX_HEX = [...ipv6ToBytes(prefixParts(FAR_PREFIX).address)].map((byte) => byte.toString(16)).join(" ");
const POLICY_BYTES = STRUCT_LAYOUTS.sxt_policy.bytes;
jest.setTimeout(120_000);

let world: AgentHost;
beforeEach(async () => {
  world = await AgentHost.create();
});
afterEach(() => world.remove());

/** The policy of the tests: the application's datagrams, the first SID and then the second. */
function video() {
  return policy("video", [world.list("2"), world.list("3")], {
    endpoint: "far",
    match: { cgroup: "app", protocol: 17, ports: [{ first: PORT, last: PORT }], destinations: [FAR_PREFIX] },
  });
}

/** Answers the agent's stream and sends everything it is to hold. */
async function sendAll(stream: AgentStream): Promise<void> {
  await stream.message("hello");
  stream.welcome(1n);
  const entries = [world.domain(), world.list("2"), world.list("3"), video()];
  stream.send({ case: "delta", value: { version: 1n, full: true, upserts: entries.map(entryToWire) } });
  expect((await stream.message("ack")).entries).toEqual([]);
}

async function traffic(): Promise<[UdpReceiver, UdpSender]> {
  const { namespaces, host, far, cgroup } = world;
  const receiver = await UdpReceiver.start(namespaces, far, PORT);
  const sender = await UdpSender.start(namespaces, { namespace: host, cgroup, address: FAR_ADDRESS, port: PORT });
  return [receiver, sender];
}
const alive = (node: "2" | "3") =>
  world.status().lists.find(({ list }) => list === world.list(node).key)?.state === "alive";

test("a policy steers the datagrams of a cgroup; the agent is killed and comes back, and no packet is lost", async () => {
  await world.start();
  await sendAll(await world.controller.stream());
  await eventually("both lists proved alive", () => alive("2") && alive("3"));
  const [receiver, sender] = await traffic();
  await eventually("datagrams are steered", () => world.steered() > 100);

  await world.end("SIGKILL");
  const whileDead = world.steered();
  expect(world.status().agent.running).toBe(false);
  await eventually("steering goes on without the agent", () => world.steered() > whileDead + 100);

  await world.start();
  const hello = await (await world.controller.stream(1)).message("hello");
  expect(hello.held.map(({ key }) => key).sort()).toEqual(
    ["domain", world.list("2").key, world.list("3").key, video().key].sort(),
  );
  const afterwards = world.steered();
  await eventually("steering goes on with the new agent", () => world.steered() > afterwards + 100);
  expect(world.status().lists.map(({ state }) => state)).toEqual(["alive", "alive"]);

  const sent = await sender.stop();
  await eventually("every datagram arrived", async () => (await receiver.received()) === sent);
  expect(world.steered()).toBe(sent);
});

/** What somebody else does to the maps. The first policy has index 0; its far prefix is 64 bits long. */
test.each([
  ["a destination is deleted", `map delete pinned PIN/destinations key hex 40 00 00 00 ${FAR_PREFIX_HEX}`],
  [
    "a policy is wiped",
    `map update pinned PIN/policies key 0 0 0 0 value ${Array<number>(POLICY_BYTES).fill(0).join(" ")}`,
  ],
])("%s by hand: it comes back and is reported, and packets are steered", async (_, tamper) => {
  await world.start();
  const stream = await world.controller.stream();
  await sendAll(stream);
  await eventually("the policy is there", () => world.status().policies[0]?.installed === true);
  world.bpftool(tamper);
  await eventually("it is reported", () => stream.all("report").some(({ driftRepairs }) => driftRepairs > 0n));
  expect(world.status().policies[0]?.installed).toBe(true);
  const [receiver, sender] = await traffic();
  const before = world.steered();
  await eventually("datagrams are steered", () => world.steered() > before + 100);
  const sent = await sender.stop();
  await eventually("every datagram arrived", async () => (await receiver.received()) === sent);
});

test("a list whose probes vanish is dead at once in the packet path, and reported; the other one takes over", async () => {
  await world.start();
  const stream = await world.controller.stream();
  await sendAll(stream);
  await eventually("both lists proved alive", () => alive("2") && alive("3"));
  world.namespaces.run(world.router, "ip -6 route replace blackhole fcbb:bb00:2::/48");
  const dead = () => stream.all("report").at(-1)?.policies[0]?.activeCandidate === 1;
  await eventually("the backup is active", dead);
  const [receiver, sender] = await traffic();
  await eventually("datagrams take the backup", () => world.steered() > 100);
  const sent = await sender.stop();
  await eventually("every datagram arrived", async () => (await receiver.received()) === sent);
});

test("SIGTERM leaves everything in place; desired state comes back from disk, without a controller, in an empty kernel", async () => {
  await world.start();
  await sendAll(await world.controller.stream());
  expect(await world.end("SIGTERM")).toBe(0);
  const before = world.status();
  expect(before.agent).toEqual({ running: false, pid: null });
  expect(before.policies[0]?.installed).toBe(true);
  world.controller.kill();
  rmSync(`/sys/fs/bpf/sextant/${world.instance}`, { recursive: true });
  await world.start();
  const { policies, lists, uplinks, nodeSid } = world.status();
  expect(policies[0]).toMatchObject({ installed: true, current: true });
  expect(lists).toHaveLength(2);
  expect(uplinks).toEqual(before.uplinks);
  expect(nodeSid).toBe("fcbb:bb00:1::");
});

test("with a state file that is damaged the kernel stays as it is until the whole desired state comes", async () => {
  await world.start();
  await sendAll(await world.controller.stream());
  await world.end("SIGKILL");
  writeFileSync(world.stateFile(), "rubbish");
  await world.start();
  const stream = await world.controller.stream(1);
  expect((await stream.message("hello")).held).toEqual([]);
  expect(world.status().lists).toHaveLength(2);
  stream.welcome(1n);
  stream.send({ case: "delta", value: { version: 1n, full: true, upserts: [entryToWire(world.domain())] } });
  await stream.message("ack");
  await eventually("what is stale is gone", () => world.status().lists.length === 0);
});

test("a second agent of the instance is refused", async () => {
  await world.start();
  await expect(world.start()).rejects.toThrow("ended with");
});
