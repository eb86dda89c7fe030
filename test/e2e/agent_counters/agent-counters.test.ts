import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { LocalCounters, LocalList } from "@sextant/agent";
import { entryToWire } from "../../../packages/agent/src/testing/entry-to-wire";
import { policy } from "../../support/desired";
import { eventually } from "../../support/eventually";
import { UdpReceiver, UdpSender } from "../../support/udp-endpoints";
import { agentCommand } from "../agent_support/agent-command";
import { AgentHost, FAR_ADDRESS, FAR_PREFIX } from "../agent_support/agent-host";

const PORT = 15_000;
const COMMAND = join(__dirname, "../../../sextant");
/** A datagram of 64 bytes with its UDP and IPv6 headers. */
const PACKET_BYTES = 112;
jest.setTimeout(120_000);

let world: AgentHost;
beforeAll(async () => {
  world = await AgentHost.create();
  await world.start();
  const stream = await world.controller.stream();
  await stream.message("hello");
  stream.welcome(1n);
  const video = policy("video", [world.list("2"), world.list("3")], {
    endpoint: "far",
    match: { protocol: 17, ports: [{ first: PORT, last: PORT }], destinations: [FAR_PREFIX] },
  });
  const entries = [world.domain(), world.list("2"), world.list("3"), video];
  stream.send({ case: "delta", value: { version: 1n, full: true, upserts: entries.map(entryToWire) } });
  await stream.message("ack");
  await eventually("both lists proved alive", () => world.status().lists.every(({ state }) => state === "alive"));
});
afterAll(() => world.remove());

const counters = () => agentCommand<LocalCounters>(world, "counters", "-o", "json").json;

test("every steered datagram counts once for policy, candidate, list, uplink and reason; all of it with the agent dead", async () => {
  const { namespaces, host, far, cgroup } = world;
  const receiver = await UdpReceiver.start(namespaces, far, PORT);
  const sender = await UdpSender.start(namespaces, { namespace: host, cgroup, address: FAR_ADDRESS, port: PORT });
  await eventually("some arrive", async () => (await receiver.received()) > 100);

  const watch = namespaces.spawn(host, [
    COMMAND,
    "agent",
    "counters",
    "--instance",
    world.instance,
    "-o",
    "json",
    "--watch",
  ]);
  if (watch.stdout === null) throw new Error("the command needs a pipe");
  const [line] = (await once(createInterface(watch.stdout), "line")) as [string];
  watch.kill("SIGINT");
  const perSecond = Number((JSON.parse(line) as LocalCounters).policies[0]?.packets);
  expect(perSecond).toBeGreaterThan(50);
  expect(perSecond).toBeLessThan(5_000);

  const sent = await sender.stop();
  await eventually("all arrive", async () => (await receiver.received()) === sent);
  await world.end("SIGKILL");
  const [packets, bytes] = [String(sent), String(sent * PACKET_BYTES)];
  const none = { packets: "0", bytes: "0" };
  const counted = counters();
  expect(counted?.policies).toEqual([
    { policy: "policy/video/far", packets, bytes, candidates: [{ packets, bytes }, none] },
  ]);
  const lists = [
    { list: world.list("2").key as string, packets, bytes, tcpMoves: "0" },
    { list: world.list("3").key as string, ...none, tcpMoves: "0" },
  ].sort((a, b) => (a.list < b.list ? -1 : 1));
  expect(counted?.lists).toEqual(lists);
  expect(counted?.uplinks).toMatchObject([{ uplink: "up0", packets, bytes }]);
  const steered = counted?.reasons.filter(({ outcome }) => outcome === "steered");
  expect(steered?.reduce((sum, reason) => sum + Number(reason.packets), 0)).toBe(sent);
});

test("tables: names instead of numbers, and what each reason means", () => {
  const { stdout } = agentCommand(world, "counters");
  for (const part of ["policy/video/far", "up0", "a segment routing header was inserted"])
    expect(stdout).toContain(part);
});

test("paths: state, header and next hop of each list, with the agent dead too", () => {
  const { json } = agentCommand<LocalList[]>(world, "paths", "-o", "json");
  expect(json?.map(({ list }) => list)).toEqual([world.list("2").key, world.list("3").key].sort());
  expect(json?.find(({ list }) => list === world.list("2").key)).toMatchObject({
    encapsulation: "insert",
    segments: ["fcbb:bb00:2::"],
    uplink: "up0",
    gateway: "2001:db8:a::2",
    mtu: 1_500,
    headerBytes: 40,
  });
  const { stdout } = agentCommand(world, "paths", "-o", "wide");
  expect(stdout).toContain("2001:db8:a::2 on up0");
});
