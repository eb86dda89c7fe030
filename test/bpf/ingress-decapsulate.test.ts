import { ethernet, PacketBuilder } from "./packet-builder";
import {
  DECAPSULATION_SID,
  ingressWorld,
  OUTSIDER,
  PEER,
  PEER_IPV4,
  SEGMENT,
  SELF,
  SELF_IPV4,
  SILENT_PEER,
  WORKLOAD,
  WORKLOAD_IPV4,
} from "./ingress-world";
import { internetChecksum, ipv4Packet } from "./ipv4-packet";
import type { PacketPathFixture } from "./packet-path-fixture";

const IPV4 = 4;
const IPV6 = 41;
const ETHERTYPE_IPV4 = 0x0800;
const finished = { segmentsLeft: 0, segments: [SEGMENT, DECAPSULATION_SID] };

let fixture: PacketPathFixture;
let uplink: number;

beforeAll(() => {
  ({ fixture, uplink } = ingressWorld());
});

afterAll(() => fixture.close());

const arrived = (frame: Buffer, skb = {}) => fixture.run("ingress", frame, { ifindex: uplink, ...skb });
const outer = (source = PEER) => PacketBuilder.between(source, DECAPSULATION_SID);
const inner = (source = PEER, destination = SELF) => PacketBuilder.between(source, destination);
const holding = (packet: PacketBuilder) => outer().raw(IPV6, packet.packet()).frame();
const holdingIpv4 = (packet: Buffer) => outer().raw(IPV4, packet).frame();

describe("takes the outer header off", () => {
  const udp = inner().udp(53);
  const ipv4 = ipv4Packet(PEER_IPV4, SELF_IPV4);
  test.each<[string, Buffer, Buffer]>([
    ["IPv6 in IPv6", outer().raw(IPV6, udp.packet()).frame(), udp.frame()],
    ["IPv4 in IPv6", outer().raw(IPV4, ipv4).frame(), ethernet(ipv4, ETHERTYPE_IPV4)],
    ["IPv6 behind a finished SRH", outer().srh(finished).raw(IPV6, udp.packet()).frame(), udp.frame()],
    ["IPv4 behind a finished SRH", outer().srh(finished).raw(IPV4, ipv4).frame(), ethernet(ipv4, ETHERTYPE_IPV4)],
    [
      "IPv6 behind an SRH with a signature, which nobody asks for any more",
      outer().srh(finished, {}, signature()).raw(IPV6, udp.packet()).frame(),
      udp.frame(),
    ],
    [
      "options around the SRH, which go too",
      outer().hopByHop().destinationOptions(24).srh(finished).destinationOptions().raw(IPV6, udp.packet()).frame(),
      udp.frame(),
    ],
    [
      "a packet with options and fragment header, which are its own",
      holding(inner().hopByHop().destinationOptions().fragment(0, true).udp(53)),
      inner().hopByHop().destinationOptions().fragment(0, true).udp(53).frame(),
    ],
    ["IPv4 with options", holdingIpv4(withOptions()), ethernet(withOptions(), ETHERTYPE_IPV4)],
    [
      "a packet for a workload behind the host",
      holding(inner(PEER, WORKLOAD).tcp(80)),
      inner(PEER, WORKLOAD).tcp(80).frame(),
    ],
    [
      "an IPv4 packet for a workload",
      holdingIpv4(ipv4Packet(PEER_IPV4, WORKLOAD_IPV4)),
      ethernet(ipv4Packet(PEER_IPV4, WORKLOAD_IPV4), ETHERTYPE_IPV4),
    ],
    ["the smallest packet there is", holding(inner()), inner().frame()],
  ])("%s", (_sentence, frame, expected) => {
    expect(arrived(frame)).toMatchObject({ reason: "decapsulated", verdict: "next", frame: expected });
  });

  function signature(): Uint8Array {
    return Uint8Array.of(5, 38, 0, 0, ...new Uint8Array(36).fill(7));
  }

  function withOptions(): Buffer {
    const packet = Buffer.concat([ipv4.subarray(0, 20), Buffer.from([1, 1, 1, 0]), ipv4.subarray(20)]);
    packet[0] = 0x46;
    packet.writeUInt16BE(packet.length, 2);
    packet.writeUInt16BE(0, 10);
    packet.writeUInt16BE(internetChecksum(packet.subarray(0, 24)), 10);
    return packet;
  }
});

describe("ECN", () => {
  const NOT = 0;
  const ECT1 = 1;
  const ECT0 = 2;
  const CE = 3;
  const DSCP = 0xb8;
  // RFC 6040 section 4.2: arriving inner, arriving outer, outgoing.
  const table: [number, number, number | "inner_ecn_refused"][] = [
    [NOT, NOT, NOT],
    [NOT, ECT0, NOT],
    [NOT, ECT1, NOT],
    [NOT, CE, "inner_ecn_refused"],
    [ECT0, NOT, ECT0],
    [ECT0, ECT0, ECT0],
    [ECT0, ECT1, ECT1],
    [ECT0, CE, CE],
    [ECT1, NOT, ECT1],
    [ECT1, ECT0, ECT1],
    [ECT1, ECT1, ECT1],
    [ECT1, CE, CE],
    [CE, NOT, CE],
    [CE, ECT0, CE],
    [CE, ECT1, CE],
    [CE, CE, CE],
  ];
  const marked = (ecn: number) =>
    inner()
      .trafficClass(DSCP | ecn)
      .udp(53);
  const markedIpv4 = (ecn: number) => ipv4Packet(PEER_IPV4, SELF_IPV4, { tos: DSCP | ecn });

  test.each(table)("IPv6: %i inside %i becomes %s", (inside, outside, result) => {
    const outcome = arrived(outer().trafficClass(outside).raw(IPV6, marked(inside).packet()).frame());
    const expected =
      typeof result === "string"
        ? { reason: result, verdict: "drop" }
        : { reason: "decapsulated", frame: marked(result).frame() };
    expect(outcome).toMatchObject(expected);
  });

  test.each(table)("IPv4: %i inside %i becomes %s", (inside, outside, result) => {
    const outcome = arrived(outer().trafficClass(outside).raw(IPV4, markedIpv4(inside)).frame());
    const expected =
      typeof result === "string"
        ? { reason: result, verdict: "drop" }
        : { reason: "decapsulated", frame: ethernet(markedIpv4(result), ETHERTYPE_IPV4) };
    expect(outcome).toMatchObject(expected);
  });
});

describe("drops", () => {
  const udp = inner().udp(53).packet();
  const ipv4 = (options = {}) => ipv4Packet(PEER_IPV4, SELF_IPV4, options);
  test.each<[string, Buffer, string]>([
    ["an outer source outside the domain", outer(OUTSIDER).raw(IPV6, udp).frame(), "decapsulation_source_refused"],
    ["the same behind an SRH", outer(OUTSIDER).srh(finished).raw(IPV6, udp).frame(), "srh_source_refused"],
    ["a fragment of the outer packet", outer().fragment(0, true).raw(IPV6, udp).frame(), "decapsulation_fragment"],
    ["a later fragment", outer().fragment(9).raw(IPV6, udp).frame(), "decapsulation_fragment"],
    ["an inner source that nobody named", holding(inner("2001:db8:d::1").udp(53)), "inner_source_refused"],
    ["a sender that may bring nothing", outer(SILENT_PEER).raw(IPV6, udp).frame(), "inner_source_refused"],
    ["an IPv4 source that nobody named", holdingIpv4(ipv4Packet("203.0.114.1", SELF_IPV4)), "inner_source_refused"],
    ["an inner packet without a whole header", outer().raw(IPV6, udp.subarray(0, 39)).frame(), "inner_malformed"],
    ["an inner packet longer than the outer one", outer().raw(IPV6, udp.subarray(0, 51)).frame(), "inner_malformed"],
    [
      "IPv4 announced as IPv6",
      outer()
        .raw(IPV6, ipv4({ payload: new Uint8Array(64) }))
        .frame(),
      "inner_malformed",
    ],
    ["IPv6 announced as IPv4", outer().raw(IPV4, udp).frame(), "inner_malformed"],
    ["IPv4 with a header too short", holdingIpv4(ipv4({ patch: { 0: 0x44 } })), "inner_malformed"],
    ["IPv4 shorter than its header", holdingIpv4(ipv4({ patch: { 3: 19 } })), "inner_malformed"],
    ["IPv4 longer than the outer packet", holdingIpv4(ipv4({ patch: { 3: 33 } })), "inner_malformed"],
    ["inner headers cut off", holding(inner().raw(60, Uint8Array.of(17, 9))), "inner_malformed"],
    [
      "an inner routing header",
      holding(
        inner()
          .srh({ segmentsLeft: 1, segments: [SEGMENT, SELF] })
          .udp(53),
      ),
      "inner_routed",
    ],
    ["an inner routing header behind options", holding(inner().destinationOptions().srh(finished)), "inner_routed"],
    ["a link-local inner source", holding(inner("fe80::1").udp(53)), "inner_scope_refused"],
    ["a loopback source", holding(inner("::1").udp(53)), "inner_scope_refused"],
    ["a group", holding(inner(PEER, "ff0e::1").udp(53)), "inner_scope_refused"],
    ["an IPv4 group", holdingIpv4(ipv4Packet(PEER_IPV4, "224.0.0.1")), "inner_scope_refused"],
    ["IPv4 loopback", holdingIpv4(ipv4Packet(PEER_IPV4, "127.0.0.1")), "inner_scope_refused"],
    ["neighbour discovery from afar", holding(inner().icmp(136)), "inner_scope_refused"],
    ["a packet for a peer", holding(inner(PEER, "2001:db8:b::7").udp(53)), "inner_turned_back"],
    ["an IPv4 packet for a peer", holdingIpv4(ipv4Packet(PEER_IPV4, "203.0.113.7")), "inner_turned_back"],
    ["a packet for the decapsulation SID", holding(inner(PEER, DECAPSULATION_SID).udp(53)), "inner_turned_back"],
    ["an outer packet that is cut off", cutOff(), "ingress_malformed"],
  ])("%s", (_sentence, frame, reason) => {
    expect(arrived(frame)).toMatchObject({ reason, verdict: "drop" });
  });

  test("a super-packet that the kernel does not resize", () => {
    const outcome = arrived(holding(inner().icmp(128)), { gsoSize: 100, gsoSegs: 2 });
    expect(outcome).toMatchObject({ reason: "decapsulation_refused", verdict: "drop" });
  });

  function cutOff(): Buffer {
    const frame = outer().raw(IPV6, udp).frame();
    return frame.subarray(0, frame.length - 1);
  }
});

test("what a sender may bring ends with its entry", () => {
  const sender = { sender: SILENT_PEER as never, inner: "2001:db8:b::/48" as never };
  const frame = outer(SILENT_PEER).raw(IPV6, inner().udp(53).packet()).frame();
  fixture.plane.addSender(sender);
  const before = arrived(frame).reason;
  fixture.plane.deleteSender(sender);
  expect([before, arrived(frame).reason]).toEqual(["decapsulated", "inner_source_refused"]);
});
