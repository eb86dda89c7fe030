import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { EntryStatus } from "@sextant/proto";
import { AgentHost, FAR_PREFIX } from "../agent_support/agent-host";
import { entryToWire } from "../../../packages/agent/src/testing/entry-to-wire";
import type { AgentStream } from "../../../packages/agent/src/testing/scripted-controller";
import { policy } from "../../support/desired";
import { eventually } from "../../support/eventually";

jest.setTimeout(60_000);

let world: AgentHost;
beforeEach(async () => {
  world = await AgentHost.create();
});
afterEach(() => world.remove());

async function send(stream: AgentStream, cgroup: string): Promise<void> {
  stream.welcome(1n);
  const video = policy("video", [world.list("2")], { match: { cgroup, destinations: [FAR_PREFIX] } });
  const upserts = [world.domain(), world.list("2"), video].map(entryToWire);
  stream.send({ case: "delta", value: { version: 1n, full: true, upserts } });
  await stream.message("ack");
}

/** The last word on an entry. */
const last = (stream: AgentStream, key: string) =>
  stream
    .all("ack")
    .flatMap(({ entries }) => entries)
    .findLast((entry) => entry.key === key);
const uplinks = () => world.status().uplinks.map(({ ifindex }) => ifindex);
const ifindexOf = (name: string) =>
  Number(world.namespaces.run(world.host, `cat /proc/net/dev_snmp6/${name} | awk '/ifIndex/ {print $2}'`));

test("the uplink goes and comes back as another interface: attached again, lists moved, probes return", async () => {
  await world.start();
  await send(await world.controller.stream(), "app");
  await eventually("the list proved alive", () => world.status().lists[0]?.state === "alive");
  expect(uplinks()).toEqual([ifindexOf("up0")]);
  world.unplug();
  await eventually("nothing is attached", () => uplinks().length === 0);
  expect(world.status().lists).toHaveLength(1);
  world.plug();
  await eventually("the new interface is attached", () => uplinks().includes(ifindexOf("up0")), 15_000);
  await eventually("the list leaves through it", () => world.status().lists[0]?.ifindex === ifindexOf("up0"));
  const before = Number(world.status().lists[0]?.probesReturned);
  await eventually("probes return", () => Number(world.status().lists[0]?.probesReturned) > before + 2);
});

test("an uplink given by name that is not there yet: the list waits for its route, and says so", async () => {
  world.unplug();
  await world.start("--uplink", "up0");
  const stream = await world.controller.stream();
  const { key } = world.list("2");
  await send(stream, "app");
  expect(last(stream, key)).toMatchObject({ status: EntryStatus.WAITING, reason: "no_route" });
  expect(last(stream, "policy/video/h")).toMatchObject({ status: EntryStatus.WAITING, reason: "no_route" });
  world.plug();
  await eventually("the list is installed", () => last(stream, key)?.status === EntryStatus.INSTALLED, 15_000);
  expect(last(stream, "policy/video/h")?.status).toBe(EntryStatus.INSTALLED);
  expect(uplinks()).toEqual([ifindexOf("up0")]);
});

test("a policy waits for its cgroup, and for the next one after that is gone", async () => {
  await world.start();
  const stream = await world.controller.stream();
  await send(stream, "later");
  const waiting = { status: EntryStatus.WAITING, reason: "cgroup_missing" };
  expect(last(stream, "policy/video/h")).toMatchObject(waiting);
  const later = join(world.cgroup, "..", "later");
  const status = () => last(stream, "policy/video/h")?.status;
  mkdirSync(later);
  await eventually("the policy is installed", () => status() === EntryStatus.INSTALLED);
  rmdirSync(later);
  await eventually("the policy waits again", () => status() === EntryStatus.WAITING);
  mkdirSync(later);
  await eventually("the policy is installed again", () => status() === EntryStatus.INSTALLED);
  rmdirSync(later);
});

test("the MTU of the uplink changes: the list follows within two seconds", async () => {
  await world.start();
  await send(await world.controller.stream(), "app");
  await eventually("the list is there", () => world.status().lists[0]?.mtu === 1_500);
  world.namespaces.run(world.host, "ip link set up0 mtu 1400");
  await eventually("the list follows", () => world.status().lists[0]?.mtu === 1_400, 2_000);
});
