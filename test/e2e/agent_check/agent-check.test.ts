import type { CheckFinding } from "@sextant/agent";
import { entryToWire } from "../../../packages/agent/src/testing/entry-to-wire";
import { policy } from "../../support/desired";
import { eventually } from "../../support/eventually";
import { agentCommand } from "../agent_support/agent-command";
import { AgentHost, FAR_PREFIX } from "../agent_support/agent-host";

jest.setTimeout(180_000);

let world: AgentHost;
beforeEach(async () => {
  world = await AgentHost.create();
  world.namespaces.run(world.host, "sysctl -qw net.ipv6.conf.all.forwarding=1");
  await world.start();
  const stream = await world.controller.stream();
  await stream.message("hello");
  stream.welcome(1n);
  const video = policy("video", [world.list("2"), world.list("3")], {
    endpoint: "far",
    match: { cgroup: "app", protocol: 17, destinations: [FAR_PREFIX] },
  });
  const entries = [world.domain(), world.list("2"), world.list("3"), video];
  stream.send({ case: "delta", value: { version: 1n, full: true, upserts: entries.map(entryToWire) } });
  await stream.message("ack");
  await eventually("both lists proved alive", () => world.status().lists.every(({ state }) => state === "alive"));
});
afterEach(() => world.remove());

function check(...extra: string[]) {
  const root = `sextant-${world.instance}`;
  const { status, json, stderr } = agentCommand<CheckFinding[]>(
    world,
    "check",
    "--cgroup-root",
    root,
    "-o",
    "json",
    ...extra,
  );
  if (json === undefined) throw new Error(stderr);
  return { status, findings: new Map(json.map((finding) => [finding.check, finding])) };
}

function troubles(findings: ReadonlyMap<string, CheckFinding>): string[] {
  return [...findings.values()]
    .filter(({ result }) => result !== "ok")
    .map(({ result, check: name }) => `${result} ${name}`);
}

test("a host that is well: every check is ok", () => {
  const { status, findings } = check();
  expect(troubles(findings)).toEqual([]);
  expect(status).toBe(0);
  for (const name of [
    "kernel.redirect_neigh",
    "program.ingress",
    "pins",
    "maps",
    "uplink.up0.mtu",
    "segment.fcbb:bb00:2::",
  ]) {
    expect(findings.get(name)).toMatchObject({ result: "ok", next: null });
  }
});

test("the agent is gone: liveness is frozen, and that is told with what to do", async () => {
  await world.end("SIGKILL");
  const { status, findings } = check();
  expect(status).toBe(3);
  expect(troubles(findings)).toEqual(["fail agent", "fail probes"]);
  expect(findings.get("agent")?.next).toContain("sextant agent run");
});

test("what is broken while nobody repairs it is found: maps, sysctls, MTU, programs, routes", async () => {
  await world.end("SIGKILL");
  const { namespaces, host, instance } = world;
  namespaces.run(
    host,
    `sysctl -qw net.ipv6.conf.up0.seg6_enabled=0 net.ipv6.conf.all.forwarding=0
     ip link set up0 mtu 1300
     ip -6 route del fcbb:bb00::/32`,
  );
  world.bpftool(
    "map delete pinned PIN/domain_sources key hex 20 00 00 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00",
  );
  namespaces.run(host, `rm /sys/fs/bpf/sextant/${instance}/links/egress_*`);
  const { status, findings } = check();
  expect(status).toBe(3);
  expect(troubles(findings)).toEqual(
    expect.arrayContaining([
      "warn sysctl.forwarding",
      "warn uplink.up0.seg6_enabled",
      "fail uplink.up0.mtu",
      "fail uplink.up0.programs",
      "fail segment.fcbb:bb00:2::",
      "fail maps.add_source.2001:db8::/32",
    ]),
  );
});

test("a next node that nobody answers for is found when it is asked", () => {
  world.namespaces.run(world.router, "ip link set dn0 arp off; ip -6 addr flush dev dn0 scope global");
  world.namespaces.run(world.host, "ip -6 neigh flush dev up0");
  const { findings } = check("--probe");
  expect(findings.get("segment.fcbb:bb00:2::")).toMatchObject({ result: "fail" });
});

test("the table for people says what to do next", async () => {
  await world.end("SIGKILL");
  const { stdout, stderr } = agentCommand(world, "check");
  expect(stderr).toBe("");
  expect(stdout).toContain("What to do next:\n  agent: start it: sextant agent run");
});
