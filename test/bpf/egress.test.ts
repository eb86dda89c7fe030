import { ipv6 } from "@sextant/model";
import { BpfMap } from "../../packages/agent/src/bpf/bpf-map";
import { libc } from "../../packages/agent/src/bpf/ffi";
import { PinDirectory } from "../../packages/agent/src/bpf/pin-directory";
import { STRUCT_LAYOUTS } from "../../packages/agent/src/bpf/struct-layouts";
import { ipv4Packet } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import { LINK_MTU, list, policy, SELF, sids, SteeringHost } from "./steering";

const PEER = "2001:db8:b::1";
const ports = { first: 5000, last: 5010 };
const fill = (bytes: number) => new Uint8Array(bytes).fill(7);

let host: SteeringHost;

beforeAll(() => {
  host = SteeringHost.open();
  const { plane, uplink, otherUplink } = host;
  const insert = { encapsulation: "insert", segments: sids("2001:db8:ffff:1::", "2001:db8:ffff:2::") } as const;
  const encap = { encapsulation: "encap", segments: sids("2001:db8:ffff:1::", "2001:db8:ff46::") } as const;
  plane.putList(1n, list(uplink, insert));
  plane.putList(2n, list(otherUplink, insert, { nextHop: { ifindex: otherUplink, gateway: ipv6("fe80::9") } }));
  plane.putList(3n, list(999, insert));
  plane.putList(4n, list(uplink, encap));
  plane.putList(5n, list(otherUplink, encap, { nextHop: { ifindex: otherUplink, gateway: ipv6("fe80::9") } }));
  for (const key of [1n, 2n, 3n, 4n, 5n]) plane.putPolicy(key, policy([key]));
  plane.putPolicy(6n, policy([]));
  plane.putPolicy(7n, policy([], { onNoPath: "drop" }));
  plane.putPolicy(8n, policy([1n], { onNoPath: "drop" }));
  plane.putPolicy(9n, { ...policy([]), candidates: [{ lists: [] }, { lists: [{ list: 1n, weight: 1 }] }] });
  host.steer("2001:db8:b::/48", { policy: 1n });
  host.steer("2001:db8:c::/48", { policy: 1n, protocol: 17, ports });
  host.steer("2001:db8:d::/48", { policy: 2n });
  host.steer("2001:db8:e::/48", { policy: 3n });
  host.steer("2001:db8:f::/48", { policy: 6n });
  host.steer("2001:db8:10::/48", { policy: 7n });
  host.steer("2001:db8:11::/48", { policy: 4n });
  host.steer("2001:db8:12::/48", { policy: 5n });
  host.steer("2001:db8:13::/48", { policy: 8n });
  host.steer("2001:db8:14::/48", { policy: 9n });
  host.steer("2001:db8:15::/48", { policy: 1n, uid: 4711 });
  host.steer("203.0.113.0/25", { policy: 1n });
  host.steer("203.0.113.128/25", { policy: 4n });
});

afterAll(() => host.close());

const to = (destination: string) => PacketBuilder.between(SELF, destination);
const ipv4To = (destination: string) => ethernet(ipv4Packet("192.0.2.1", destination), 0x0800);

describe("passes unchanged", () => {
  const tenOptions = Array.from({ length: 10 }).reduce<PacketBuilder>((p) => p.destinationOptions(), to(PEER));
  const routed = to(PEER).srh({ segmentsLeft: 1, segments: ["2001:db8:ffff:7::", PEER] });
  const cut = to(PEER)
    .raw(0, Uint8Array.of(17, 0, 1))
    .frame();
  const partOfRange = to("2001:db8:c::1").fragment(4).raw(17, fill(16)).frame();
  test.each<[string, Buffer, string]>([
    ["what is neither IPv6 nor IPv4", to(PEER).udp(53).frame(0x0806), "egress_not_ip"],
    ["a VLAN tag within the frame", to(PEER).udp(53).frame(0x8100), "vlan_tagged"],
    ["options that run beyond the packet", cut, "egress_malformed"],
    [
      "an IPv4 header of impossible length",
      ethernet(ipv4Packet("192.0.2.1", "203.0.113.200", { patch: { 0: 0x44 } }), 0x0800),
      "egress_malformed",
    ],
    ["more extension headers than a program walks", tenOptions.udp(53).frame(), "egress_headers_exceeded"],
    ["a packet to the link", to("fe80::1").udp(53).frame(), "local_scope"],
    ["a packet to many", to("ff02::1").udp(53).frame(), "local_scope"],
    ["an IPv4 packet to the link", ipv4To("169.254.1.1"), "local_scope"],
    ["an IPv4 packet to many", ipv4To("224.0.0.251"), "local_scope"],
    ["an IPv4 broadcast", ipv4To("255.255.255.255"), "local_scope"],
    ["a neighbour solicitation to a steered address", to(PEER).icmp(135).frame(), "neighbour_discovery"],
    ["a packet with a routing header", routed.udp(53).frame(), "already_routed"],
    [
      "the same where the list would encapsulate",
      to("2001:db8:11::1")
        .srh({ segmentsLeft: 1, segments: ["2001:db8:ffff:7::", PEER] })
        .udp(53)
        .frame(),
      "already_routed",
    ],
    ["a routing header behind options", to(PEER).hopByHop().raw(43, fill(24)).frame(), "already_routed"],
    ["a destination without rules", to("2001:db8:a::2").udp(53).frame(), "no_match"],
    ["an IPv4 destination without rules", ipv4To("198.51.100.1"), "no_match"],
    ["a port beside the rule's range", to("2001:db8:c::1").udp(5011).frame(), "no_match"],
    ["another protocol than the rule's", to("2001:db8:c::1").tcp(5000).frame(), "no_match"],
    ["a later fragment where the rule asks for ports", partOfRange, "no_match"],
    [
      "a source that the far end would refuse",
      PacketBuilder.between("2001:db8:bad::1", PEER).udp(53).frame(),
      "source_foreign",
    ],
    ["a tunnel of its own whose list is inserted", to(PEER).raw(47, fill(8)).frame(), "upper_layer_insert"],
    ["an IPv4 packet whose list is inserted", ipv4To("203.0.113.1"), "ipv4_insert"],
    ["a policy without usable candidates", to("2001:db8:f::1").udp(53).frame(), "no_path_routed"],
    ["a list whose uplink is gone", to("2001:db8:e::1").udp(53).frame(), "uplink_missing"],
    ["hop-by-hop options too long to move", to(PEER).hopByHop(72).udp(53).frame(), "hop_by_hop_too_long"],
    ["a header without a length, inserted", to(PEER).udp(53).frame().fill(0, 18, 20), "room_refused"],
    ["a header without a length, encapsulated", to("2001:db8:11::1").udp(53).frame().fill(0, 18, 20), "room_refused"],
  ])("%s", (_sentence, frame, reason) => {
    expect(host.out(frame)).toMatchObject({ reason, verdict: "next", frame });
    expect(host.out(frame)).toMatchObject({ reason, verdict: "next", frame }); // remembered
  });

  test("a forwarded packet whose list is inserted", () => {
    const frame = to(PEER).udp(53).frame();
    const outcome = host.out(frame, { ingressIfindex: host.otherUplink });
    expect(outcome).toMatchObject({ reason: "forwarded_insert", verdict: "next", frame });
  });

  test("a forwarded packet where the rule is about a socket", () => {
    const frame = to("2001:db8:15::1").udp(53).frame();
    const outcome = host.out(frame, { ingressIfindex: host.otherUplink });
    expect(outcome).toMatchObject({ reason: "no_match", verdict: "next", frame });
  });

  test.each([PEER, "2001:db8:11::1"])("a super-packet to %s that is neither TCP nor UDP", (destination) => {
    const frame = to(destination).icmp(128).frame();
    const outcome = host.out(frame, { gsoSize: 100, gsoSegs: 2 });
    expect(outcome).toMatchObject({ reason: "room_refused", verdict: "next", frame });
  });

  test("a packet too big for its header, of a sender that cannot be told", () => {
    const frame = to(PEER).fragment(4).raw(17, fill(1000)).frame();
    host.plane.putList(1n, { ...list(host.uplink, INSERT), mtu: 1280 });
    expect(host.out(to(PEER).icmp(1).frame())).toMatchObject({ reason: "inserted" });
    const small = to(PEER)
      .udp(53, fill(1280 - 48 - 55))
      .frame();
    expect(host.out(small)).toMatchObject({ reason: "too_big_untold", verdict: "next", frame: small });
    expect(host.out(frame)).toMatchObject({ reason: "inserted" });
    host.plane.putList(1n, list(host.uplink, INSERT));
  });
});

const INSERT = { encapsulation: "insert", segments: sids("2001:db8:ffff:1::", "2001:db8:ffff:2::") } as const;

test("a rule whose policy is gone leaves its packets as they are", () => {
  host.plane.putPolicy(10n, policy([1n]));
  host.steer("2001:db8:16::/48", { policy: 10n });
  const frame = to("2001:db8:16::1").udp(53).frame();
  expect(host.out(frame).reason).toBe("inserted");
  forgetPolicy(10n);
  expect(host.out(frame)).toMatchObject({ reason: "policy_missing", verdict: "next", frame });
});

/** User space refuses to take away what a rule names: this does it behind its back. */
function forgetPolicy(key: bigint): void {
  const fd = PinDirectory.ofInstance(host.fixture.instance).child("maps").open("policies") ?? -1;
  const { bytes, key: at } = STRUCT_LAYOUTS.sxt_policy;
  const map = new BpfMap(fd, { name: "policies", keyBytes: 4, valueBytes: bytes });
  const slot = Array.from({ length: 64 }, (_, i) => i).find((i) => map.at(i).readBigUInt64LE(at) === key) ?? -1;
  map.setAt(slot, Buffer.alloc(bytes));
  libc().close(fd);
}

describe("is dropped", () => {
  test("where no path is left and the policy says so", () => {
    const outcome = host.out(to("2001:db8:10::1").udp(53).frame());
    expect(outcome).toMatchObject({ reason: "no_path_dropped", verdict: "drop" });
  });

  test("where it is too big for its header and the policy says so", () => {
    host.plane.putList(1n, { ...list(host.uplink, INSERT), mtu: 1280 });
    const frame = to("2001:db8:13::1")
      .udp(53, fill(1280 - 48 - 55))
      .frame();
    expect(host.out(frame)).toMatchObject({ reason: "too_big_dropped", verdict: "drop" });
    host.plane.putList(1n, list(host.uplink, INSERT));
  });
});

describe("leaves through the list's own uplink", () => {
  test.each([
    ["2001:db8:d::1", "inserted_redirected"],
    ["2001:db8:12::1", "encapsulated_redirected"],
  ])("to %s", (destination, reason) => {
    const outcome = host.out(to(destination).udp(53).frame());
    expect(outcome).toMatchObject({ reason, verdict: "redirect" });
    expect(outcome.frame.subarray(38, 54)).toEqual(Buffer.from("20010db8ffff00010000000000000000", "hex"));
  });
});

test("a candidate without lists is skipped", () => {
  expect(host.out(to("2001:db8:14::1").udp(53).frame())).toMatchObject({ reason: "inserted" });
});

describe("traffic counters", () => {
  const counted = () => {
    const found = host.plane.observeLists().get(1n);
    return {
      leg: host.plane.policyCounters().get(1n)?.[0] ?? { packets: 0n, bytes: 0n },
      list: { packets: found?.packets ?? 0n, bytes: found?.bytes ?? 0n },
      uplink: host.plane.uplinkCounters().get(host.uplink) ?? { packets: 0n, bytes: 0n },
    };
  };
  type Counters = ReturnType<typeof counted>;
  const more = ({ packets, bytes }: Counters["leg"], by: Counters["leg"]) => ({
    packets: packets + by.packets,
    bytes: bytes + by.bytes,
  });

  // Super-packets cannot be made here: live.test.ts counts their segments.
  test("count a packet once, its IP bytes before the header, for candidate, list and uplink alike", () => {
    const before = counted();
    const frame = to(PEER).udp(53, fill(100)).frame();
    expect(host.out(frame).reason).toBe("inserted");
    const by = { packets: 1n, bytes: BigInt(frame.length - 14) };
    expect(counted()).toEqual({
      leg: more(before.leg, by),
      list: more(before.list, by),
      uplink: more(before.uplink, by),
    });
  });
});

test("every packet at the limit goes, none above it", () => {
  const sizes = [LINK_MTU - 48 - 56, LINK_MTU - 48 - 55];
  const reasons = sizes.map((bytes) => host.out(to(PEER).udp(53, fill(bytes)).frame()).verdict);
  expect(reasons).toEqual(["next", "redirect"]); // the message to the sender
});
