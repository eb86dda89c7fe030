import type { ChildProcess } from "node:child_process";
import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { hostPrefix, ipv6, ipv6ToBytes, type Sid } from "@sextant/model";
import { buildProbePacket } from "../../packages/agent/src/bpf/probe-packet";
import { packetBatch, RawIpv6Socket } from "../../packages/agent/src/bpf/raw-socket";
import { Cgroups } from "../../packages/agent/src/net/cgroups";
import type { KernelRule } from "../../packages/agent/src/reconcile/data-plane";
import { eventually } from "../support/eventually";
import { ADDRESS_A, ADDRESS_B, LiveNetwork, sendSuperPacket, SID_B, SID_R, SID_R2, within } from "./live-network";
import { destinationOf, listOf, policyOf, ruleOf } from "./map-samples";

const PING = `ping -6 -n -q -c 3 -i 0.05 -W 2 ${ADDRESS_B}`;
const TRANSFER_BYTES = 32 << 20;

jest.setTimeout(30_000);

let network: LiveNetwork;

beforeAll(() => {
  network = LiveNetwork.up();
});

afterAll(() => network.down());

beforeEach(() => {
  putList(1n, [SID_R], 0);
  network.a.plane.putPolicy(1n, policyOf(1n));
  steer(ruleOf(1n));
});

function steer(rule: KernelRule): void {
  network.a.plane.putDestination(hostPrefix(ADDRESS_B), destinationOf(rule));
}

function putList(key: bigint, segments: Sid[], uplink: number): void {
  const gateway = uplink === 0 ? ipv6("2001:db8:a::ff") : ipv6("2001:db8:a2::ff");
  const nextHop = { ifindex: network.a.ifindexes[uplink] ?? 0, gateway };
  network.a.plane.putList(key, { ...listOf(77, segments), nextHop });
}

const reason = (host: "a" | "b", name: string) => network[host].plane.reasons().get(name) ?? 0n;
const steeredPackets = () => network.a.plane.policyCounters().get(1n)?.[0]?.packets ?? 0n;

interface Program {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  text(): string;
}

/** Starts a Node program in a namespace and waits until it says that it is ready. */
async function nodeProgram(namespace: string, script: string): Promise<Program> {
  const child = network.namespaces.spawn(namespace, [process.execPath, "-e", script]);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await eventually("the program is ready", () => output.includes("ready"));
  return { child, text: () => output };
}

/** Starts tcpdump, an independent decoder; what it prints grows in `text`. */
async function capture(namespace: string, device: string): Promise<Program> {
  const command = ["tcpdump", "-l", "-n", "-vv", "-i", device, "icmp6 or ip6[6] == 43"];
  const child = network.namespaces.spawn(namespace, command, { stderr: "pipe" });
  let output = "";
  let errors = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  await eventually("tcpdump listens", () => errors.includes("listening on"));
  return { text: () => output, child };
}

test("traffic takes the segment list, by tcpdump's account, and reaches its socket without it", async () => {
  const before = reason("b", "srh_stripped");
  const onRouter = await capture(network.r, "ra");
  expect(network.namespaces.run(network.a.namespace, PING)).toContain("3 received");
  const header = `2001:db8:a::1 > ${SID_R}: RT6 (len=4, type=4, segleft=1, last-entry=1, flags=0x0, tag=0, [0]${ADDRESS_B}, [1]${SID_R})`;
  await eventually("tcpdump saw all requests", () => onRouter.text().split(header).length > 3);
  onRouter.child.kill();
  expect(reason("b", "srh_stripped") - before).toBe(3n);
  expect(onRouter.text()).toContain(`${ADDRESS_B} > ${ADDRESS_A}: [icmp6 sum ok] ICMP6, echo reply`);
});

test("a list with another uplink takes it, whatever the route says", () => {
  putList(2n, [SID_R2], 1);
  network.a.plane.putPolicy(1n, policyOf(2n));
  const before = network.received(network.r2, "ra");
  expect(network.namespaces.run(network.a.namespace, PING)).toContain("3 received");
  expect(network.received(network.r2, "ra") - before).toBeGreaterThanOrEqual(3);
  expect(reason("a", "inserted_redirected")).toBeGreaterThanOrEqual(3n);
});

test("a TCP stream arrives whole, in super-packets that keep their wire size", async () => {
  const script = `let n = 0; require("node:net").createServer((s) => s.on("data", (d) => (n += d.length)).on("end", () => { console.log(n); process.exit(); }))
    .listen(7000, "::", () => console.log("ready"));`;
  const server = await nodeProgram(network.b.namespace, script);
  const before = {
    packets: steeredPackets(),
    refused: reason("a", "room_refused"),
  };
  const client = `require("node:net").connect(7000, "${ADDRESS_B}").end(Buffer.alloc(${TRANSFER_BYTES}, 7))`;
  network.namespaces.run(network.a.namespace, `${process.execPath} -e '${client}'`);
  await eventually("the stream has ended", () => server.text().includes(String(TRANSFER_BYTES)));
  expect(Number(steeredPackets() - before.packets)).toBeGreaterThan(TRANSFER_BYTES / 1500);
  expect([reason("a", "room_refused"), reason("b", "strip_refused")]).toEqual([before.refused, 0n]);
});

test("datagrams sent as one super-packet arrive one by one", async () => {
  const script = `require("node:dgram").createSocket("udp6").on("message", (m) => console.log(m.length))
    .bind(7001, "::", () => console.log("ready"));`;
  const server = await nodeProgram(network.b.namespace, script);
  const before = steeredPackets();
  within(network.a.namespace, () => sendSuperPacket(ipv6ToBytes(ADDRESS_B), 7001, 3600, 1200));
  await eventually("three datagrams arrived", () => server.text() === "ready\n1200\n1200\n1200\n", 4000);
  server.child.kill();
  expect(steeredPackets() - before).toBe(3n);
});

test("only processes of the row's cgroup and its children are steered", () => {
  const cgroups = Cgroups.open(undefined);
  const parent = join(cgroups.mount, `sxt-test-${process.pid}`);
  const child = join(parent, "child");
  mkdirSync(child, { recursive: true });
  steer({ ...ruleOf(1n), cgroup: { id: statSync(parent, { bigint: true }).ino, level: 1 } });
  const before = steeredPackets();
  const inGroup = (group: string) =>
    network.namespaces.run(network.a.namespace, `echo $$ > ${group}/cgroup.procs; ${PING}`);
  network.namespaces.run(network.a.namespace, PING);
  const outside = steeredPackets() - before;
  inGroup(parent);
  const inside = steeredPackets() - before;
  inGroup(child);
  const below = steeredPackets() - before;
  rmdirSync(child);
  rmdirSync(parent);
  expect([outside, inside, below]).toEqual([0n, 3n, 6n]);
});

describe("loop probes", () => {
  const rest = { loop: 0, loopOnly: false, hopLimit: 64, signingKey: undefined } as const;
  const loop = { source: ADDRESS_A, probeSegments: [SID_R, SID_B, SID_R], ...rest };
  const probeOf = (key: bigint, changes: { probeSegments?: Sid[] } = {}) => {
    const identity = network.a.plane.probeIdentity(key);
    if (identity === undefined) throw new Error(`no list ${key}`);
    return buildProbePacket({ ...loop, ...identity, ...changes });
  };

  test("come back from the far end's kernel without a responder, all of a round in one call", async () => {
    putList(11n, [SID_R], 0);
    putList(12n, [SID_R], 0);
    const batch = packetBatch([11n, 12n, 11n].map((key) => probeOf(key)));
    const turned = reason("b", "turned_round");
    const socket = within(network.a.namespace, () => RawIpv6Socket.open());
    expect(socket.send(batch)).toEqual({ sent: 3, refused: [] });
    socket.close();
    await eventually("all three are back", () => {
      const observed = network.a.plane.observeLists();
      return observed.get(11n)?.returned === 2n && observed.get(12n)?.returned === 1n;
    });
    expect(reason("b", "turned_round") - turned).toBe(3n);
    expect(network.a.plane.observeLists().get(11n)?.roundTripNs).toBeGreaterThan(1000n);
  });

  test("without a route are refused one by one, the others go", () => {
    const nowhere = probeOf(11n, { probeSegments: [ipv6("2001:db8:dead::") as Sid] });
    const fine = probeOf(11n);
    const socket = within(network.a.namespace, () => RawIpv6Socket.open());
    const result = socket.send(packetBatch([nowhere, fine, nowhere]));
    socket.close();
    expect(result.sent).toBe(1);
    expect(result.refused).toEqual([
      { index: 0, error: "ENETUNREACH" },
      { index: 2, error: "ENETUNREACH" },
    ]);
  });

  test("move to the list's uplink and are stamped there", async () => {
    putList(13n, [SID_R2], 1);
    const detour = `${SID_R2}/128 via 2001:db8:a::ff metric 1`;
    network.namespaces.run(network.a.namespace, `ip -6 route add ${detour}`);
    const before = { received: network.received(network.r2, "ra"), redirected: reason("a", "probe_redirected") };
    const socket = within(network.a.namespace, () => RawIpv6Socket.open());
    socket.send(packetBatch([probeOf(13n, { probeSegments: [SID_R2, SID_B] })]));
    socket.close();
    network.namespaces.run(network.a.namespace, `ip -6 route del ${detour}`);
    await eventually("the other router received it", () => network.received(network.r2, "ra") > before.received);
    expect(network.a.plane.observeLists().get(13n)?.sent).toBe(1n);
    expect(reason("a", "probe_redirected") - before.redirected).toBe(1n);
  });
});
