import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TraceReport } from "@sextant/agent";
import { entryToWire } from "../../../packages/agent/src/testing/entry-to-wire";
import { policy } from "../../support/desired";
import { eventually } from "../../support/eventually";
import { UdpSender } from "../../support/udp-endpoints";
import { agentCommand } from "../agent_support/agent-command";
import { AgentHost, FAR_ADDRESS, FAR_PREFIX } from "../agent_support/agent-host";

/*
 *     host [up0 2001:db8:a::1] ─── router [End SIDs fcbb:bb00:2::, fcbb:bb00:3::] ─── [2001:db8:f::1] far
 *     agent, cgroup "app"
 */
const PORT = 15_000;
const OTHER_PORT = 15_001;
const PACKET = ["--src", "2001:db8:a::1", "--dst", FAR_ADDRESS, "--proto", "udp", "--sport", "40000"];
jest.setTimeout(120_000);

let world: AgentHost;
beforeAll(async () => {
  world = await AgentHost.create();
  await world.start();
  const stream = await world.controller.stream();
  await stream.message("hello");
  stream.welcome(1n);
  const entries = [world.domain(), world.list("2"), world.list("3"), video(), bulk()];
  stream.send({ case: "delta", value: { version: 1n, full: true, upserts: entries.map(entryToWire) } });
  await stream.message("ack");
  await eventually("both lists proved alive", () => world.status().lists.every(({ state }) => state === "alive"));
});
afterAll(() => world.remove());

/** The application's datagrams to one port: the first SID, and the second as its backup. */
function video() {
  return policy("video", [world.list("2"), world.list("3")], {
    endpoint: "far",
    match: { cgroup: "app", protocol: 17, ports: [{ first: PORT, last: PORT }], destinations: [FAR_PREFIX] },
  });
}

/** Everybody's datagrams to both ports. */
function bulk() {
  return policy("bulk", [world.list("3")], {
    endpoint: "far",
    match: { protocol: 17, ports: [{ first: PORT, last: OTHER_PORT }], destinations: [FAR_PREFIX] },
  });
}

function trace(...extra: string[]) {
  return agentCommand<TraceReport>(world, "trace", ...PACKET, "-o", "json", ...extra);
}
const winners = (report: TraceReport | undefined) =>
  report?.rules.filter(({ wins }) => wins).map(({ intent }) => intent);

test("a process's packet: the rule that wins, why the other loses, the list and every byte of the header", async () => {
  const { namespaces, host, cgroup } = world;
  const sender = await UdpSender.start(namespaces, { namespace: host, cgroup, address: FAR_ADDRESS, port: PORT });
  const pid = readFileSync(join(cgroup, "cgroup.procs"), "utf8").trim();
  const { status, json } = trace("--dport", String(PORT), "--pid", pid);
  await sender.stop();
  expect(status).toBe(0);
  expect(winners(json)).toEqual(["video"]);
  expect(json?.rules.map(({ intent, losesBy }) => [intent, losesBy])).toEqual([
    ["video", null],
    ["bulk", "deeper cgroup"],
  ]);
  expect(json?.candidates.map(({ chosen }) => chosen)).toEqual([true, false]);
  const far = "20010db8000f00000000000000000001";
  const router = "fcbbbb00000200000000000000000000";
  expect(json?.lists).toMatchObject([
    {
      list: world.list("2").key,
      encapsulation: "insert",
      uplink: "up0",
      gateway: "2001:db8:a::2",
      fit: { kind: "fits", bytes: 140 },
      header: `1104040101000000${far}${router}`,
    },
  ]);
});

test("--cgroup says the same as a process in it", () => {
  const path = `sextant-${world.instance}/app`;
  expect(winners(trace("--dport", String(PORT), "--cgroup", path).json)).toEqual(["video"]);
});

test("--cgroup counts from --cgroup-root, as an intent's does", () => {
  const root = `sextant-${world.instance}`;
  const asked = trace("--dport", String(PORT), "--cgroup", "app", "--cgroup-root", root);
  expect(winners(asked.json)).toEqual(["video"]);
});

test("without a socket the application's rule does not match, and says what it misses", () => {
  const { json } = trace("--dport", String(PORT));
  expect(winners(json)).toEqual(["bulk"]);
  expect(json?.rules[0]?.differences.map(({ field }) => field)).toEqual(["cgroup"]);
  expect(json?.lists.map(({ list }) => list)).toEqual([world.list("3").key]);
});

test("no match: the nearest rules with what differs, and an exit status of its own", () => {
  const { status, json } = trace("--dport", "443");
  expect(status).toBe(3);
  expect(json).toMatchObject({ steered: false, end: "no_match" });
  expect(json?.rules[0]).toMatchObject({
    intent: "bulk",
    differences: [{ field: "ports", wanted: `${PORT}-${OTHER_PORT}`, actual: "443" }],
  });
});

test("a packet that does not fit: what its sender would be told", () => {
  const { status, json } = trace("--dport", String(OTHER_PORT), "--size", "1480");
  expect(status).toBe(3);
  expect(json).toMatchObject({ end: "too_big", lists: [{ fit: { kind: "too_big", bytes: 1_520, tellsMtu: 1_460 } }] });
});

test.each([
  ["--dst", "nowhere"],
  ["--pid", "4194305"],
])("%s %s is refused by name", (flag, value) => {
  const { status, stderr } = trace("--dport", "1", flag, value);
  expect(status).toBe(1);
  expect(stderr).toContain(flag);
});

test("the story for people names the winner, the loser's reason and the fields of the header", () => {
  const { stdout } = agentCommand(world, "trace", ...PACKET, "--dport", String(PORT));
  for (const part of ["policy/bulk/far", "cgroup: wants", "segments left", "fits: 140 bytes of 1500"]) {
    expect(stdout).toContain(part);
  }
});
