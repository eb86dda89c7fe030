import { EntryStatus } from "@sextant/proto";
import { AgentHost, FAR_ADDRESS } from "../agent_support/agent-host";
import { entryToWire } from "../../../packages/agent/src/testing/entry-to-wire";
import type { AgentStream } from "../../../packages/agent/src/testing/scripted-controller";
import { policy } from "../../support/desired";
import { eventually } from "../../support/eventually";
import { NameServer } from "../../support/name-server";

const NAME = "cdn.example";
const OTHER_ADDRESS = "2001:db8:f::99";
const PORT = 15_002;
const TTL_SECONDS = 1;
jest.setTimeout(120_000);

let world: AgentHost;
let server: NameServer;
beforeEach(async () => {
  world = await AgentHost.create();
  server = new NameServer(world.namespaces, world.host, TTL_SECONDS);
});
afterEach(async () => {
  await server.remove();
  await world.remove();
});

async function start(): Promise<AgentStream> {
  await world.start("--dns-server", server.address);
  return world.controller.stream();
}

/** Sends a policy for whatever has the name. */
async function send(stream: AgentStream): Promise<void> {
  stream.welcome(1n);
  const video = policy("video", [world.list("2")], { match: { destinations: [], dnsNames: [NAME] } });
  const upserts = [world.domain(), world.list("2"), video].map(entryToWire);
  stream.send({ case: "delta", value: { version: 1n, full: true, upserts } });
  await stream.message("ack");
}

/** The last word on the policy. */
const last = (stream: AgentStream) =>
  stream
    .all("ack")
    .flatMap(({ entries }) => entries)
    .findLast(({ key }) => key === "policy/video/h");

/** True when a datagram to the address is steered. */
function isSteered(address: string): boolean {
  const before = world.steered();
  world.namespaces.run(world.host, `bash -c 'echo x > /dev/udp/${address}/${PORT}'`);
  return world.steered() > before;
}

test("a name's addresses are steered, and follow the name server within their time to live", async () => {
  server.know({ [NAME]: [FAR_ADDRESS, "198.51.100.7"] });
  await server.start();
  const stream = await start();
  await send(stream);
  await eventually("datagrams to the address are steered", () => isSteered(FAR_ADDRESS));
  expect(isSteered(OTHER_ADDRESS)).toBe(false);
  server.know({ [NAME]: [OTHER_ADDRESS] });
  await eventually("datagrams to the new address are steered", () => isSteered(OTHER_ADDRESS));
  expect(isSteered(FAR_ADDRESS)).toBe(false);
});

test("a server that fails leaves the last good addresses in force, and the state says so; a restart keeps them", async () => {
  server.know({ [NAME]: [FAR_ADDRESS] });
  await server.start();
  const stream = await start();
  await send(stream);
  await eventually("datagrams are steered", () => isSteered(FAR_ADDRESS));
  await server.stop();
  const stale = { status: EntryStatus.INSTALLED, reason: "dns_stale" };
  await eventually("the state says so", () => last(stream)?.reason === stale.reason, 30_000);
  expect(last(stream)).toMatchObject(stale);
  expect(isSteered(FAR_ADDRESS)).toBe(true);
  await world.end("SIGTERM");
  await start();
  await eventually("the agent has looked at the host", () => world.status().agent.running);
  expect(isSteered(FAR_ADDRESS)).toBe(true);
  const second = await world.controller.stream(1);
  second.welcome(1n);
  await eventually("the state says so again", () => last(second)?.reason === stale.reason, 30_000);
  server.know({ [NAME]: [OTHER_ADDRESS] });
  await server.start();
  await eventually("the name is fresh again", () => last(second)?.reason === "", 60_000);
  expect([isSteered(OTHER_ADDRESS), isSteered(FAR_ADDRESS)]).toEqual([true, false]);
});

test("a name that nobody knows is waited for; one that is withdrawn is steered no more", async () => {
  await server.start();
  const stream = await start();
  await send(stream);
  const waiting = { status: EntryStatus.WAITING, reason: "dns_unresolved" };
  expect(last(stream)).toMatchObject(waiting);
  server.know({ [NAME]: [FAR_ADDRESS] });
  await eventually("datagrams are steered", () => isSteered(FAR_ADDRESS), 60_000);
  await eventually("the state says so", () => last(stream)?.status === EntryStatus.INSTALLED);
  server.know({});
  await eventually("the policy waits again", () => last(stream)?.reason === waiting.reason);
  expect(isSteered(FAR_ADDRESS)).toBe(false);
});
