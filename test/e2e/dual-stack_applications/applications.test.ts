// Which packets are meant: by user, executable, code point, source port, systemd unit, container. The network of
// ../rig/dual-stack.ts.
import { realpathSync } from "node:fs";
import { captured } from "../rig/captured";
import { type Datagrams, send } from "../rig/datagrams";
import { FAMILIES, FROM_DESK, intent, STUDIO } from "../rig/dual-stack";
import { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const CONTAINER = "0123456789abcdef".repeat(4);
const UNIT = "system.slice/player.service";
const POD = `docker/docker-${CONTAINER}.scope`;
const USER = 12_345;
const PERL = realpathSync("/usr/bin/perl");
const AS_USER = ["setpriv", `--reuid=${USER}`, "--clear-groups"];

/** Each has a port of its own, so that nothing else decides. */
const APPLICATIONS: readonly (readonly [
  name: string,
  application: string,
  meant: Partial<Datagrams>,
  not: Partial<Datagrams>,
])[] = [
  ["user", `user: ${USER}`, { as: AS_USER }, {}],
  // Another program sends below.
  ["executable", `executable: ${PERL}`, {}, {}],
  ["code-point", "dscp: ef", { dscp: 46 }, { dscp: 34 }],
  ["source-port", 'sourcePorts: ["40000-40009"]', { sourcePort: 40_003 }, { sourcePort: 40_010 }],
  ["unit", "systemdUnit: player.service", { cgroup: `${UNIT}/worker` }, { cgroup: "system.slice/other.service" }],
  ["container", `container: ${CONTAINER.slice(0, 12)}`, { cgroup: POD }, { cgroup: "docker" }],
  ["cgroup", "cgroup: apps/video", { cgroup: "apps/video/encoder" }, { cgroup: "apps" }],
];
const FIRST_PORT = 5_000;

let rig: Rig;
beforeAll(async () => {
  const intents = APPLICATIONS.map(([name, application], i) => [
    name,
    intent(name, `{${application}, ports: [${FIRST_PORT + i}]}`, ["mode: encap"]),
  ]);
  rig = await Rig.up({ topology: "dual-stack", undelayed: true });
  await rig.makeCgroups("desk", UNIT, `${UNIT}/worker`, "system.slice/other.service", POD, "apps/video/encoder");
  await rig.apply(intents.map(([, yaml]) => yaml).join("---\n"));
  await rig.live(...APPLICATIONS.map(([name]) => name));
}, 60_000);
afterAll(() => rig.down());

test.each(FAMILIES)("IPv%i: those meant are in an outer header, others are not", async (family) => {
  const { packets } = await captured(rig, { first: FROM_DESK }, async () => {
    for (const [i, [, , meant, not]] of APPLICATIONS.entries()) {
      const flow = { from: "desk", address: STUDIO[family], port: FIRST_PORT + i, count: 1 };
      await send(rig, { ...flow, bytes: 100, ...meant });
      await send(rig, { ...flow, bytes: 200, ...not });
    }
  });
  const headers = (port: number, bytes: number) =>
    packets.first
      .filter(({ transport }) => transport?.port === port && transport.length === bytes + 8)
      .map((packet) => packet.headers.length);
  const seen = APPLICATIONS.map(([name], i) => [name, headers(FIRST_PORT + i, 100), headers(FIRST_PORT + i, 200)]);
  expect(seen).toEqual(APPLICATIONS.map(([name]) => [name, [2], [name === "executable" ? 2 : 1]]));
});

test.each(FAMILIES)("IPv%i: another executable is not meant", async (family) => {
  const port = FIRST_PORT + APPLICATIONS.findIndex(([name]) => name === "executable");
  const { packets } = await captured(rig, { first: FROM_DESK }, async () => {
    const address = STUDIO[family];
    const stream = await rig.lab.startUdpStream({ from: "desk", to: "studio", address, port, seconds: 0.05 });
    await stream.result;
  });
  const ours = packets.first.filter(({ transport }) => transport?.port === port);
  expect(ours.length).toBeGreaterThan(10);
  for (const { headers } of ours) expect(headers).toHaveLength(1);
});
