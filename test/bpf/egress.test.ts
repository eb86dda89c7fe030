import { decodeSrh, ipv6, ipv6Prefix, type Sid } from "@sextant/model";
import type { KernelMatch } from "../../packages/agent/src/reconcile/data-plane";
import { PacketBuilder } from "./packet-builder";
import { PacketPathFixture } from "./packet-path-fixture";
import { ifindexOf, ip } from "./private-namespace";

const SELF = "2001:db8:a::1";
const PEER = "2001:db8:b::1";
const segments = ["2001:db8:ffff:1::", "2001:db8:ffff:2::"].map((text) => ipv6(text) as Sid);
const other = ["2001:db8:ffff:9::"].map((text) => ipv6(text) as Sid);
/** What a frame of so many bytes of UDP payload needs to stay within. */
const MTU = 1500;
const HEADERS = 14 + 40 + 8;

const any: KernelMatch = { policy: 1n, cgroup: undefined, protocol: 0, ports: undefined };
const udpPorts: KernelMatch = { policy: 1n, cgroup: undefined, protocol: 17, ports: { first: 5000, last: 5010 } };

let fixture: PacketPathFixture;
let uplink: number;
let otherUplink: number;

beforeAll(() => {
  fixture = PacketPathFixture.open();
  ip("link add up0 type veth peer name up1");
  ip("link set up0 up");
  ip("link set up1 up");
  uplink = ifindexOf("up0");
  otherUplink = ifindexOf("up1");
  const { plane } = fixture;
  plane.setConfig({ nodeSid: ipv6("2001:db8:fffe:1::") as Sid, probeMultiplier: 3, term: 1n });
  plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
  plane.putList(1n, { segments, nextHop: { ifindex: uplink, gateway: undefined }, nonce: 11n });
  plane.putList(2n, { segments: other, nextHop: { ifindex: otherUplink, gateway: ipv6("fe80::9") }, nonce: 12n });
  plane.putList(3n, { segments: other, nextHop: { ifindex: 999, gateway: undefined }, nonce: 13n });
  plane.putPolicy(1n, { candidates: [99n, 1n, 2n], onNoPath: "route" });
  plane.putPolicy(2n, { candidates: [2n], onNoPath: "route" });
  plane.putPolicy(3n, { candidates: [3n], onNoPath: "route" });
  plane.putPolicy(4n, { candidates: [98n], onNoPath: "route" });
  plane.putPolicy(5n, { candidates: [], onNoPath: "drop" });
  const rows: Record<string, KernelMatch[]> = {
    "2001:db8:b::/48": [any],
    "2001:db8:c::/48": [udpPorts],
    "2001:db8:d::/48": [{ ...any, policy: 2n }],
    "2001:db8:e::/48": [{ ...any, policy: 3n }],
    "2001:db8:f::/48": [{ ...any, policy: 4n }],
    "2001:db8:10::/48": [{ ...any, policy: 5n }],
    "2001:db8:11::/48": [{ ...any, policy: 77n }],
  };
  for (const [prefix, matches] of Object.entries(rows)) plane.putDestination(ipv6Prefix(prefix), matches);
});

afterAll(() => fixture.close());

const to = (destination: string) => PacketBuilder.between(SELF, destination);
const out = (frame: Buffer, skb = {}) => fixture.run("egress", frame, { ifindex: uplink, ...skb });
const fill = (bytes: number) => new Uint8Array(bytes).fill(7);

describe("passes unchanged", () => {
  const tenOptions = Array.from({ length: 10 }).reduce<PacketBuilder>((p) => p.destinationOptions(), to(PEER));
  const routed = to(PEER).srh({ segmentsLeft: 1, segments: ["2001:db8:ffff:7::", PEER] });
  test.each<[string, Buffer, string]>([
    ["what is not IPv6", to(PEER).udp(53).frame(0x0800), "egress_not_ipv6"],
    [
      "options that run beyond the packet",
      to(PEER)
        .raw(0, Uint8Array.of(17, 0, 1))
        .frame(),
      "egress_malformed",
    ],
    ["more extension headers than a program walks", tenOptions.udp(53).frame(), "egress_headers_exceeded"],
    ["a packet to the link", to("fe80::1").udp(53).frame(), "local_scope"],
    ["a packet to many", to("ff02::1").udp(53).frame(), "local_scope"],
    ["a neighbour solicitation to a steered address", to(PEER).icmp(135).frame(), "neighbour_discovery"],
    ["a packet with a routing header", routed.udp(53).frame(), "already_routed"],
    ["a routing header behind options", to(PEER).hopByHop().raw(43, fill(24)).frame(), "already_routed"],
    ["a destination without rows", to("2001:db8:a::2").udp(53).frame(), "no_match"],
    ["a port beside the row's range", to("2001:db8:c::1").udp(5011).frame(), "no_match"],
    ["another protocol than the row's", to("2001:db8:c::1").tcp(5000).frame(), "no_match"],
    [
      "a later fragment where the row asks for ports",
      to("2001:db8:c::1").fragment(4).raw(17, fill(16)).frame(),
      "no_match",
    ],
    ["a row whose policy is not there", to("2001:db8:11::1").udp(53).frame(), "policy_missing"],
    [
      "a source that the far end would refuse",
      PacketBuilder.between("2001:db8:bad::1", PEER).udp(53).frame(),
      "source_foreign",
    ],
    ["a policy without usable candidates", to("2001:db8:f::1").udp(53).frame(), "no_path_routed"],
    [
      "a packet that would outgrow the uplink",
      to(PEER)
        .udp(53, fill(MTU - 40 - 8 - 55))
        .frame(),
      "mtu_exceeded",
    ],
    ["a list whose uplink is gone", to("2001:db8:e::1").udp(53).frame(), "uplink_missing"],
    ["hop-by-hop options too long to move", to(PEER).hopByHop(72).udp(53).frame(), "hop_by_hop_too_long"],
  ])("%s", (_sentence, frame, reason) => {
    expect(out(frame)).toMatchObject({ reason, verdict: "next", frame });
  });

  test("a super-packet that is neither TCP nor UDP", () => {
    const frame = to(PEER).icmp(128).frame();
    expect(out(frame, { gsoSize: 100, gsoSegs: 2 })).toMatchObject({ reason: "room_refused", verdict: "next", frame });
  });

  test("a super-packet of datagrams that would outgrow the uplink", () => {
    const frame = to(PEER).udp(53, fill(2000)).frame();
    const skb = { gsoSize: MTU - 48 - 55, gsoSegs: 2 };
    expect(out(frame, skb)).toMatchObject({ reason: "mtu_exceeded", verdict: "next", frame });
  });

  test("an empty policy that says drop is the exception", () => {
    expect(out(to("2001:db8:10::1").udp(53).frame())).toMatchObject({ reason: "no_path_dropped", verdict: "drop" });
  });
});

describe("gets the header", () => {
  const steered = (destination: string) =>
    PacketBuilder.between(SELF, segments[0] ?? "").srh({ segmentsLeft: 2, segments: [...segments, destination] });
  const optioned = (destination: string) =>
    PacketBuilder.between(SELF, segments[0] ?? "")
      .hopByHop(16)
      .srh({ segmentsLeft: 2, segments: [...segments, destination] });
  test.each<[string, Buffer, Buffer]>([
    ["a datagram", to(PEER).udp(53).frame(), steered(PEER).udp(53).frame()],
    ["a TCP segment", to(PEER).tcp(80).frame(), steered(PEER).tcp(80).frame()],
    ["an echo request", to(PEER).icmp(128).frame(), steered(PEER).icmp(128).frame()],
    ["the lowest port of a range", to("2001:db8:c::1").udp(5000).frame(), steered("2001:db8:c::1").udp(5000).frame()],
    ["the highest port of a range", to("2001:db8:c::1").udp(5010).frame(), steered("2001:db8:c::1").udp(5010).frame()],
    [
      "a port behind destination options, which stay with the packet",
      to("2001:db8:c::1").destinationOptions(24).udp(5000).frame(),
      steered("2001:db8:c::1").destinationOptions(24).udp(5000).frame(),
    ],
    [
      "hop-by-hop options, which stay in front",
      to("2001:db8:c::1").hopByHop(16).udp(5000).frame(),
      optioned("2001:db8:c::1").udp(5000).frame(),
    ],
    [
      "the first fragment by its ports",
      to("2001:db8:c::1").fragment(0, true).udp(5000).frame(),
      steered("2001:db8:c::1").fragment(0, true).udp(5000).frame(),
    ],
    [
      "a later fragment by a row without ports",
      to(PEER).fragment(8).raw(17, fill(16)).frame(),
      steered(PEER).fragment(8).raw(17, fill(16)).frame(),
    ],
    [
      "a packet that just fits the uplink",
      to(PEER)
        .udp(53, fill(MTU - 40 - 8 - 56))
        .frame(),
      steered(PEER)
        .udp(53, fill(MTU - 40 - 8 - 56))
        .frame(),
    ],
  ])("%s", (_sentence, frame, expected) => {
    expect(out(frame)).toMatchObject({ reason: "inserted", verdict: "next", frame: expected });
  });

  test("and leaves through the list's own uplink", () => {
    const { reason, verdict, frame } = out(to("2001:db8:d::1").udp(53).frame());
    expect({ reason, verdict }).toEqual({ reason: "inserted_redirected", verdict: "redirect" });
    expect(decodeSrh(frame.subarray(54))).toMatchObject({ segmentsLeft: 1, segments: [...other, "2001:db8:d::1"] });
  });

  test("with the segments that user space gave and no other field touched", () => {
    const { frame } = out(to(PEER).udp(53).frame());
    const expected = { nextHeader: 17, segmentsLeft: 2, flags: 0, tag: 0, segments: [...segments, PEER] };
    expect(decodeSrh(frame.subarray(54))).toEqual(expected);
  });
});

describe("traffic counters", () => {
  test("count packets and IP bytes of policy and list, before the header", () => {
    const before = fixture.plane.policyCounters().get(1n) ?? { packets: 0n, bytes: 0n };
    const listBefore = fixture.plane.observeLists().get(1n)?.packets ?? 0n;
    const frame = to(PEER).udp(53, fill(100)).frame();
    out(frame);
    const after = fixture.plane.policyCounters().get(1n);
    expect(after).toEqual({ packets: before.packets + 1n, bytes: before.bytes + BigInt(HEADERS + 100 - 14) });
    expect(fixture.plane.observeLists().get(1n)?.packets).toBe(listBefore + 1n);
  });
});
