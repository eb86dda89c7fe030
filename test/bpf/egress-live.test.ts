import { ipv6ToBytes } from "@sextant/model";
import { eventually } from "../support/eventually";
import { sendSuperPacket, within } from "./live-network";
import { GATEWAY_B, GATEWAY_R, PEER, PEER_IPV4, SharedLink, SID_B, SID_B_IPV4, SID_R } from "./shared-link";

const STREAM_BYTES = 16 << 20;
const STEERED = ["encapsulated_redirected", "encapsulated"];

jest.setTimeout(30_000);

let link: SharedLink;

beforeAll(() => {
  link = SharedLink.up();
});

afterAll(() => link.down());

const ping = (address: string) => link.namespaces.run(link.a, `ping -n -q -c 3 -i 0.05 -W 2 ${address}`);

describe("on one link with several neighbours", () => {
  test.each([
    ["IPv6", PEER, SID_B],
    ["IPv4", PEER_IPV4, SID_B_IPV4],
  ])("%s goes to the list's gateway, not to that of its own route", (_family, address, sid) => {
    link.steer(address.includes(":") ? `${address}/128` : `${address}/32`, [SID_R, sid], GATEWAY_R);
    const before = link.plane.reasons();
    expect(ping(address)).toContain("3 received");
    expect(link.counted([...STEERED, "already_routed"], before)).toEqual([3, 0, 3]);
  });

  test("once the gateway is known to be that of the route, packets need no detour", () => {
    link.steer(`${PEER}/128`, [SID_R, SID_B], GATEWAY_B);
    link.steer(`${PEER}/128`, [SID_B], GATEWAY_B);
    ping(PEER);
    const before = link.plane.reasons();
    expect(ping(PEER)).toContain("3 received");
    expect(link.counted(STEERED, before)).toEqual([0, 3]);
  });

  test("a carrier that was redirected is not steered a second time, even where a rule is for all", () => {
    link.steer("2001:db8::/32", [SID_B], GATEWAY_R);
    link.plane.deleteDestination(`${PEER}/128` as never);
    link.namespaces.run(link.r, "sysctl -qw net.ipv6.conf.all.accept_redirects=0 net.ipv6.conf.r0.accept_redirects=0");
    const before = link.plane.reasons();
    expect(ping(PEER)).toContain("3 received");
    expect(link.counted([...STEERED, "already_encapsulated"], before)).toEqual([3, 0, 3]);
    link.plane.deleteDestination("2001:db8::/32" as never);
  });
});

test("a connection that is accepted belongs to its listener's user from the first answer on", async () => {
  link.steer(`${GATEWAY_B}/128`, [SID_B], GATEWAY_B, { uid: process.getuid?.() ?? 0 });
  const script = `require("node:net").createServer((s) => s.end("served")).listen(7002, "::", () => console.log("ready"));`;
  const server = link.namespaces.spawn(link.a, [process.execPath, "-e", script]);
  let output = "";
  server.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await eventually("the server is ready", () => output.includes("ready"));
  const before = link.plane.reasons();
  const client = `require("node:net").connect(7002, "2001:db8:a::1").on("data", (d) => process.stdout.write(d))`;
  expect(link.namespaces.run(link.b, `${process.execPath} -e '${client}'`)).toBe("served");
  server.kill();
  const [unsteered, redirected = 0, steered = 0] = link.counted(["no_match", ...STEERED], before);
  expect(unsteered).toBe(0);
  expect(redirected + steered).toBeGreaterThanOrEqual(3);
});

test("a packet too big for its header goes on without one, seen a second time and told once", () => {
  link.steer(`${PEER}/128`, [SID_R, SID_B], GATEWAY_R);
  const before = link.plane.reasons();
  within(link.a, () => sendSuperPacket(ipv6ToBytes(PEER), 7001, 1440, 1440));
  expect(link.counted(["too_big_told", "too_big_routed", ...STEERED], before)).toEqual([1, 1, 0, 0]);
  link.namespaces.run(link.a, "ip -6 route flush cache");
});

/** What the device may cut by itself; without it the kernel does, behind the program. */
const DEVICE = {
  "by the far end, whole on the wire": "on",
  "by the kernel behind the program": "off",
} as const;

describe.each(Object.entries(DEVICE))("super-packets are cut right %s", (_who, offloads) => {
  beforeAll(() => {
    link.namespaces.run(
      link.a,
      `ethtool -K a0 tso ${offloads} tx-ipxip6-segmentation ${offloads} tx-udp-segmentation ${offloads}`,
    );
    link.steer(`${PEER}/128`, [SID_R, SID_B], GATEWAY_R);
    link.steer(`${PEER_IPV4}/32`, [SID_R, SID_B_IPV4], GATEWAY_R);
  });

  test.each([PEER, PEER_IPV4])("of a TCP stream to %s", async (address) => {
    const script = `let n = 0; require("node:net").createServer((s) => s.on("data", (d) => (n += d.length)).on("end", () => { console.log(n); process.exit(); }))
      .listen(7000, "::", () => console.log("ready"));`;
    const server = link.namespaces.spawn(link.b, [process.execPath, "-e", script]);
    let output = "";
    server.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await eventually("the server is ready", () => output.includes("ready"));
    const before = link.plane.reasons();
    const traffic = () => [...link.plane.uplinkCounters().values()].reduce((sum, { packets }) => sum + packets, 0n);
    const packets = traffic();
    const client = `require("node:net").connect(7000, "${address}").end(Buffer.alloc(${STREAM_BYTES}, 7))`;
    link.namespaces.run(link.a, `${process.execPath} -e '${client}'`);
    await eventually("the stream has ended", () => output.includes(String(STREAM_BYTES)), 10_000);
    expect(link.counted(["room_refused", "egress_write_failed"], before)).toEqual([0, 0]);
    expect(Number(traffic() - packets)).toBeGreaterThan(STREAM_BYTES / 1500);
  });

  test("of datagrams", async () => {
    const script = `require("node:dgram").createSocket("udp6").on("message", (m) => console.log(m.length))
      .bind(7001, "::", () => console.log("ready"));`;
    const server = link.namespaces.spawn(link.b, [process.execPath, "-e", script]);
    let output = "";
    server.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await eventually("the receiver is ready", () => output.includes("ready"));
    const before = link.plane.reasons();
    within(link.a, () => sendSuperPacket(ipv6ToBytes(PEER), 7001, 3600, 1200));
    await eventually("three datagrams arrived", () => output === "ready\n1200\n1200\n1200\n", 4000);
    server.kill();
    expect(link.counted(["encapsulated_redirected"], before)).toEqual([1]);
  });
});
