import { readFileSync, writeFileSync } from "node:fs";
import { ipv6ToBytes } from "@sextant/model";
import { addressOf, libc } from "../../../packages/agent/src/bpf/ffi";
import { PinDirectory } from "../../../packages/agent/src/bpf/pin-directory";
import { TcxHook } from "../../../packages/agent/src/bpf/tcx-hook";
import { within } from "../../bpf/live-network";
import { PacketPathFixture } from "../../bpf/packet-path-fixture";
import { ifindexOf } from "../../bpf/private-namespace";
import { eventually } from "../../support/eventually";
import { Namespaces } from "../../support/namespaces";
import { CARRIER, install, PORTS, SOURCE, STEERED, steer, UNSTEERED, type Way } from "./cases";

const STATISTICS = "/proc/sys/kernel/bpf_stats_enabled";
const ROUNDS = 9;
const BURST = 64;
const BURSTS_PER_ROUND = 200;
const PAYLOAD_BYTES = 64;
const STREAM_BYTES = 256 << 20;
const [AF_INET6, SOCK_DGRAM] = [10, 2];

/** Mean time of a run per round: the clock is read around every run, in the floor as well. */
export interface LiveCase {
  readonly name: string;
  readonly roundsNs: number[];
}

/** Packets of real sockets over a veth pair; what the kernel's own statistics say of the attached program. */
export async function measureLive(floor: number): Promise<LiveCase[]> {
  const namespaces = new Namespaces();
  const near = namespaces.add("near");
  const far = namespaces.add("far");
  const before = readFileSync(STATISTICS, "utf8");
  connect(namespaces, near, far);
  const fixture = within(near, () => PacketPathFixture.openHere());
  try {
    writeFileSync(STATISTICS, "1");
    const ifindex = within(near, () => ifindexOf("up0"));
    install(fixture.plane, ifindex, 1);
    const attach = (program: number) => {
      const links = PinDirectory.ofInstance(fixture.instance).child("links");
      within(near, () => new TcxHook(links, { egress: program, ingress: floor }).attach(ifindex));
    };
    const datagrams = measureDatagrams(near, fixture, attach, floor);
    return [...datagrams, await measureStream(namespaces, near, far, fixture, attach)];
  } finally {
    writeFileSync(STATISTICS, before);
    within(near, () => fixture.close());
    namespaces.remove();
  }
}

function measureDatagrams(
  near: string,
  fixture: PacketPathFixture,
  attach: (program: number) => void,
  floor: number,
): LiveCase[] {
  const product = fixture.programs.egress;
  const cases: (LiveCase & { program: number; way?: Way })[] = [
    { name: "floor, UDP", program: floor, roundsNs: [] },
    { name: "miss, UDP", program: product, roundsNs: [] },
    ...(["insert 2", "encap 2", "usid"] as const).map((way) => ({
      name: `${way}, UDP`,
      program: product,
      way,
      roundsNs: [],
    })),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { program, way, roundsNs } of cases) {
      attach(program);
      if (way !== undefined) steer(fixture.plane, way);
      roundsNs.push(
        meanRunNs(program, () => within(near, () => sendDatagrams(way === undefined ? UNSTEERED : STEERED))),
      );
    }
  }
  return cases;
}

/** A TCP stream in super-packets, its acknowledgements the other way: the program sees what leaves. */
async function measureStream(
  namespaces: Namespaces,
  near: string,
  far: string,
  fixture: PacketPathFixture,
  attach: (program: number) => void,
): Promise<LiveCase> {
  steer(fixture.plane, "usid");
  attach(fixture.programs.egress);
  const script = `let n = 0; require("node:net").createServer((s) => s.on("data", (d) => (n += d.length)).on("end", () => { console.log(n); process.exit(); }))
    .listen(${PORTS.first}, "::", () => console.log("ready"));`;
  const server = namespaces.spawn(far, [process.execPath, "-e", script]);
  let output = "";
  server.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await eventually("the server is ready", () => output.includes("ready"));
  const start = statistics(fixture.programs.egress);
  const client = `require("node:net").connect(${PORTS.first}, "${STEERED}").end(Buffer.alloc(${STREAM_BYTES}, 7))`;
  namespaces.run(near, `${process.execPath} -e '${client}'`);
  await eventually("the stream has ended", () => output.includes(String(STREAM_BYTES)), 10_000);
  return { name: "usid, TCP super-packets", roundsNs: [meanOf(start, statistics(fixture.programs.egress))] };
}

function connect(namespaces: Namespaces, near: string, far: string): void {
  namespaces.run(near, `ip link add up0 type veth peer name dn0 netns ${far}`);
  namespaces.run(
    far,
    `sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.all.seg6_enabled=1 net.ipv6.conf.dn0.seg6_enabled=1
     ip link set dn0 up; ip addr add ${STEERED}/64 dev dn0 nodad; ip -6 route add 2001:db8:a::/64 dev dn0
     ip -6 route add ${CARRIER}/128 encap seg6local action End.DT6 table 255 dev dn0`,
  );
  const [link] = JSON.parse(namespaces.run(far, "ip -json link show dn0")) as { address: string }[];
  const neighbour = (address: string) => `ip -6 neigh replace ${address} lladdr ${link?.address ?? ""} dev up0`;
  namespaces.run(
    near,
    `ip link set up0 mtu 1500 up; ip addr add ${SOURCE}/64 dev up0 nodad; ip -6 route add default dev up0 mtu 1400
     ${neighbour(STEERED)}; ${neighbour(UNSTEERED)}`,
  );
}

interface Statistics {
  readonly runs: bigint;
  readonly ns: bigint;
}

function statistics(program: number): Statistics {
  const info = readFileSync(`/proc/self/fdinfo/${program}`, "utf8");
  const field = (name: string) => BigInt(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(info)?.[1] ?? "0");
  return { runs: field("run_cnt"), ns: field("run_time_ns") };
}

function meanRunNs(program: number, work: () => void): number {
  const start = statistics(program);
  work();
  return meanOf(start, statistics(program));
}

function meanOf(start: Statistics, end: Statistics): number {
  return Number(end.ns - start.ns) / Number(end.runs - start.runs);
}

/** From the namespace of this thread, as fast as the kernel takes them. */
function sendDatagrams(destination: string): void {
  const socket = libc().socket(AF_INET6, SOCK_DGRAM, 0);
  // One buffer for all that the calls point to: message headers of 64 bytes, then vector, address, payload.
  const vector = BURST * 64;
  const message = Buffer.alloc(vector + 16 + 28 + PAYLOAD_BYTES);
  const base = addressOf(message);
  for (let i = 0; i < BURST; i++) {
    message.writeBigUInt64LE(base + BigInt(vector + 16), i * 64);
    message.writeUInt32LE(28, i * 64 + 8);
    message.writeBigUInt64LE(base + BigInt(vector), i * 64 + 16);
    message.writeBigUInt64LE(1n, i * 64 + 24);
  }
  message.writeBigUInt64LE(base + BigInt(vector + 16 + 28), vector);
  message.writeBigUInt64LE(BigInt(PAYLOAD_BYTES), vector + 8);
  message.writeUInt16LE(AF_INET6, vector + 16);
  message.writeUInt16BE(PORTS.first, vector + 18);
  message.set(ipv6ToBytes(destination as never), vector + 24);
  for (let burst = 0; burst < BURSTS_PER_ROUND; burst++) {
    if (libc().sendmmsg(socket, message, BURST, 0) !== BURST) throw new Error("a burst was not sent");
  }
  libc().close(socket);
}
