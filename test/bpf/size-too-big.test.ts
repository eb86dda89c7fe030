import { icmp4Packet, icmp6Packet } from "./icmp-packet";
import { ipv4Packet, type Ipv4PacketOptions } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import { runProgram } from "./program-run";
import { list, policy, SELF, sids, SteeringHost } from "./steering";

const SELF_IPV4 = "192.0.2.1";
const ETHERTYPE_IPV4 = 0x0800;
/** SRH of two segments and the destination. */
const INSERTED_BYTES = 8 + 3 * 16;
/** Outer header alone. */
const OUTER_BYTES = 40;
const LARGEST = 1500;
const SMALL_MTU = 1300;

let host: SteeringHost;

beforeAll(() => {
  host = SteeringHost.open();
  const { plane, uplink } = host;
  const insert = { encapsulation: "insert", segments: sids("2001:db8:ffff:1::", "2001:db8:ffff:2::") } as const;
  const encap = { encapsulation: "encap", segments: sids("2001:db8:ff46::") } as const;
  plane.putList(1n, list(uplink, insert));
  plane.putList(2n, list(uplink, encap));
  plane.putList(3n, list(uplink, insert, { mtu: SMALL_MTU }));
  for (const key of [1n, 2n, 3n]) {
    plane.putPolicy(key, policy([key]));
    plane.putPolicy(key + 10n, policy([key], { onNoPath: "drop" }));
  }
  host.steer("2001:db8:b1::/48", { policy: 1n });
  host.steer("2001:db8:b2::/48", { policy: 2n });
  host.steer("2001:db8:b3::/48", { policy: 3n });
  host.steer("2001:db8:d1::/48", { policy: 11n });
  host.steer("2001:db8:d3::/48", { policy: 13n });
  host.steer("203.0.113.0/25", { policy: 2n });
  host.steer("203.0.113.128/25", { policy: 12n });
});

afterAll(() => host.close());

/** The frame's two addresses, the other way round. */
function turned(frame: Buffer): Buffer {
  return Buffer.concat([frame.subarray(6, 12), frame.subarray(0, 6), frame.subarray(12)]);
}

/** An IPv6 datagram of so many bytes, header included, to the first host of a prefix. */
const datagram = (destination: string, bytes: number) =>
  PacketBuilder.between(SELF, destination).udp(5000, new Uint8Array(bytes - 48).fill(7));

/** The same of IPv4. */
function datagramIpv4(destination: string, bytes: number, options: Ipv4PacketOptions = {}): Buffer {
  return ipv4Packet(SELF_IPV4, destination, { payload: new Uint8Array(bytes - 20).fill(7), ...options });
}

/** The frame of a Packet Too Big about this packet, as it enters the host. */
function tooBig(packet: Buffer, destination: string, mtu: number): Buffer {
  const quote = packet.subarray(0, 1280 - 48);
  return turned(ethernet(icmp6Packet(destination, SELF, { type: 2, rest: mtu, quote })));
}

function fragmentationNeeded(packet: Buffer, destination: string, mtu: number): Buffer {
  const quote = packet.subarray(0, 576 - 28);
  return turned(ethernet(icmp4Packet(destination, SELF_IPV4, { type: 3, code: 4, rest: mtu, quote }), ETHERTYPE_IPV4));
}

describe("the sender of an IPv6 packet is told what fits", () => {
  test.each<[string, string, number, number, string]>([
    ["inserted", "2001:db8:b1::1", LARGEST, LARGEST - INSERTED_BYTES, "too_big_told"],
    ["inserted, one byte too many", "2001:db8:b1::1", 1445, 1444, "too_big_told"],
    ["encapsulated", "2001:db8:b2::1", LARGEST, LARGEST - OUTER_BYTES, "too_big_told"],
    ["never less than every link carries", "2001:db8:b3::1", 1281, 1280, "too_big_told"],
    ["dropped where the policy wants it", "2001:db8:d1::1", LARGEST, LARGEST - INSERTED_BYTES, "too_big_dropped_told"],
  ])("%s", (_, destination, bytes, mtu, reason) => {
    const packet = datagram(destination, bytes);
    const frame = tooBig(packet.packet(), destination, mtu);
    expect(host.out(packet.frame())).toMatchObject({ reason, verdict: "redirect", frame });
  });

  test("an echo request is no error", () => {
    const packet = icmp6Packet(SELF, "2001:db8:b1::1", { type: 128, quote: new Uint8Array(1400) });
    const frame = tooBig(packet, "2001:db8:b1::1", LARGEST - INSERTED_BYTES);
    expect(host.out(ethernet(packet))).toMatchObject({ reason: "too_big_told", frame });
  });

  test("what fits is steered", () => {
    expect(host.out(datagram("2001:db8:b1::1", LARGEST - INSERTED_BYTES).frame()).reason).toBe("inserted");
    expect(host.out(datagram("2001:db8:b2::1", LARGEST - OUTER_BYTES).frame()).reason).toBe("encapsulated");
  });
});

describe("the sender of an IPv4 packet is told what fits", () => {
  const canBeCut = { patch: { 6: 0 } };
  const forwarded = { ingressIfindex: 1 };
  test.each<[string, string, Ipv4PacketOptions, object, string]>([
    ["that must not be cut", "203.0.113.1", {}, {}, "too_big_told"],
    ["that comes from elsewhere and must not be cut", "203.0.113.1", {}, forwarded, "too_big_told"],
    ["of this host, which will cut the next one itself", "203.0.113.1", canBeCut, {}, "too_big_told"],
    ["that is dropped", "203.0.113.200", {}, {}, "too_big_dropped_told"],
    ["that is dropped, whether or not it may be cut", "203.0.113.200", canBeCut, forwarded, "too_big_dropped_told"],
  ])("%s", (_, destination, options, skb, reason) => {
    const packet = datagramIpv4(destination, LARGEST, options);
    const frame = fragmentationNeeded(packet, destination, LARGEST - OUTER_BYTES);
    const result = host.out(ethernet(packet, ETHERTYPE_IPV4), skb);
    expect(result).toMatchObject({ reason, verdict: "redirect", frame });
  });
});

describe("nobody is told", () => {
  const error6 = icmp6Packet(SELF, "2001:db8:b1::1", { type: 1, quote: new Uint8Array(1400) });
  const error4 = icmp4Packet(SELF_IPV4, "203.0.113.1", { type: 3, quote: new Uint8Array(1460) });
  const canBeCut = datagramIpv4("203.0.113.1", LARGEST, { patch: { 6: 0 } });
  const later = datagramIpv4("203.0.113.1", LARGEST, { patch: { 6: 0, 7: 100 } });
  test.each<[string, Buffer, object]>([
    ["who could not send anything smaller", datagram("2001:db8:b3::1", 1280).frame(), {}],
    ["about an ICMPv6 error", ethernet(error6), {}],
    ["about an ICMP error", ethernet(error4, ETHERTYPE_IPV4), {}],
    ["elsewhere, where routers may cut the packet", ethernet(canBeCut, ETHERTYPE_IPV4), { ingressIfindex: 1 }],
    ["about a later fragment", ethernet(later, ETHERTYPE_IPV4), {}],
  ])("%s, and the packet goes on as it is", (_, frame, skb) => {
    expect(host.out(frame, skb)).toMatchObject({ reason: "too_big_untold", verdict: "next", frame });
  });

  test("who could not send anything smaller, and the packet is dropped where the policy wants it", () => {
    const result = host.out(datagram("2001:db8:d3::1", 1280).frame());
    expect(result).toMatchObject({ reason: "too_big_dropped", verdict: "drop" });
  });
});

test("a flood is not answered packet by packet, and loses none of its packets", () => {
  const { fixture, plane, uplink } = host;
  const flood = (frame: Buffer) => {
    const before = plane.reasons();
    const runs = Array.from({ length: 2000 }, () => runProgram(fixture.programs.egress, frame, { ifindex: uplink }));
    const moved = [...plane.reasons()].filter(([name, count]) => count !== before.get(name)).map(([name]) => name);
    return { verdicts: new Set(runs.map(({ verdict }) => verdict)), reasons: new Set(moved) };
  };
  expect(flood(datagram("2001:db8:b1::1", LARGEST).frame())).toEqual({
    verdicts: new Set(["redirect", "next"]),
    reasons: new Set(["too_big_told", "too_big_rate_limited"]),
  });
  expect(flood(datagram("2001:db8:d1::1", LARGEST).frame())).toEqual({
    verdicts: new Set(["redirect", "drop"]),
    reasons: new Set(["too_big_dropped_told", "too_big_dropped"]),
  });
});
