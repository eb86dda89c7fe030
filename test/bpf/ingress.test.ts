import { ipv6, ipv6Prefix, type Sid } from "@sextant/model";
import { PacketBuilder } from "./packet-builder";
import { PacketPathFixture } from "./packet-path-fixture";
import { ifindexOf, ip } from "./private-namespace";

const SELF = "2001:db8:a::1";
const NODE_SID = "2001:db8:fffe:1::";
const PEER = "2001:db8:b::1";
const OUTSIDER = "2001:db8:bad::1";
const SEGMENT = "2001:db8:ffff:1::";

let fixture: PacketPathFixture;
let uplink: number;

beforeAll(() => {
  fixture = PacketPathFixture.open();
  ip("link add up0 type veth peer name up1");
  ip("link set up0 up");
  ip("link set up1 up");
  ip(`-6 addr add ${SELF}/64 dev up0 nodad`);
  ip("-6 route add 2001:db8:b::/48 via fe80::1 dev up0");
  uplink = ifindexOf("up0");
  fixture.plane.setConfig({ nodeSid: ipv6(NODE_SID) as Sid, probeMultiplier: 3, term: 1n });
  fixture.plane.addDomainSource(ipv6Prefix("2001:db8:b::/48"));
});

afterAll(() => fixture.close());

const from = (source: string, destination = SELF) => PacketBuilder.between(source, destination);
const arrived = (frame: Buffer, skb = {}) => fixture.run("ingress", frame, { ifindex: uplink, ...skb });
const finished = { segmentsLeft: 0, segments: [SEGMENT, SELF] };
const underway = { segmentsLeft: 1, segments: [SEGMENT, NODE_SID, PEER] };

describe("passes unchanged", () => {
  test.each<[string, Buffer, string]>([
    ["what is not IPv6", from(PEER).udp(53).frame(0x0800), "ingress_not_ipv6"],
    ["a packet without routing header", from(OUTSIDER).udp(53).frame(), "ingress_plain"],
    ["options without routing header", from(OUTSIDER).hopByHop().destinationOptions().udp(53).frame(), "ingress_plain"],
    ["a later fragment", from(OUTSIDER).fragment(9).raw(43, new Uint8Array(24)).frame(), "ingress_plain"],
    ["an SRH that this host has to turn round", from(PEER, NODE_SID).srh(underway).udp(53).frame(), "turned_round"],
  ])("%s", (_sentence, frame, reason) => {
    expect(arrived(frame)).toMatchObject({ reason, verdict: "next", frame });
  });
});

describe("strips", () => {
  test.each<[string, Buffer, Buffer]>([
    ["a finished SRH", from(PEER).srh(finished).udp(53).frame(), from(PEER).udp(53).frame()],
    ["the longest SRH a header length allows", longest(), from(PEER).tcp(80).frame()],
    [
      "an SRH behind hop-by-hop options, which stay",
      from(PEER).hopByHop(16).srh(finished).udp(53).frame(),
      from(PEER).hopByHop(16).udp(53).frame(),
    ],
    [
      "an SRH between options, which stay",
      from(PEER).hopByHop().destinationOptions(24).srh(finished).destinationOptions().udp(53).frame(),
      from(PEER).hopByHop().destinationOptions(24).destinationOptions().udp(53).frame(),
    ],
    [
      "the SRH of a fragment",
      from(PEER).srh(finished).fragment(5).raw(17, new Uint8Array(16)).frame(),
      from(PEER).fragment(5).raw(17, new Uint8Array(16)).frame(),
    ],
  ])("%s", (_sentence, frame, expected) => {
    expect(arrived(frame)).toMatchObject({ reason: "srh_stripped", verdict: "next", frame: expected });
  });

  function longest(): Buffer {
    return from(PEER)
      .srh({ segmentsLeft: 0, segments: [...new Array<string>(126).fill(SEGMENT), SELF] })
      .tcp(80)
      .frame();
  }
});

describe("drops", () => {
  const elevenOptions = Array.from({ length: 11 }).reduce<PacketBuilder>((p) => p.destinationOptions(), from(PEER));
  const manyAfter = Array.from({ length: 7 }).reduce<PacketBuilder>(
    (p) => p.destinationOptions(),
    from(PEER).srh(finished),
  );
  test.each<[string, Buffer, string]>([
    ["an SRH from outside the domain", from(OUTSIDER).srh(finished).udp(53).frame(), "srh_source_refused"],
    ["an SRH under way from outside", from(OUTSIDER, NODE_SID).srh(underway).udp(53).frame(), "srh_source_refused"],
    ["segments left for another node", from(PEER, SELF).srh(underway).udp(53).frame(), "srh_not_for_host"],
    [
      "a finished SRH to a forwarded address",
      from(PEER, "2001:db8:b::7").srh(finished).udp(53).frame(),
      "srh_not_for_host",
    ],
    ["a finished SRH to a group", from(PEER, "ff02::1").srh(finished).udp(53).frame(), "srh_not_for_host"],
    ["routing type 0", from(PEER).srh(finished, { 2: 0 }).udp(53).frame(), "srh_type_refused"],
    ["routing type 2", from(PEER).srh(finished, { 2: 2 }).udp(53).frame(), "srh_type_refused"],
    [
      "an SRH without segments",
      from(PEER)
        .raw(43, Uint8Array.of(17, 0, 4, 0, 0, 0, 0, 0))
        .frame(),
      "srh_malformed",
    ],
    ["a last entry beyond the header", from(PEER).srh(finished, { 4: 2 }).udp(53).frame(), "srh_malformed"],
    ["segments left beyond the last entry", from(PEER).srh(finished, { 3: 3 }).udp(53).frame(), "srh_malformed"],
    ["an SRH longer than the packet", from(PEER).srh(finished, { 1: 200 }).udp(53).frame(), "srh_malformed"],
    ["a routing header cut off", from(PEER).raw(43, Uint8Array.of(17, 4)).frame(), "ingress_malformed"],
    ["options that run beyond the packet", from(PEER).raw(60, Uint8Array.of(43, 9)).frame(), "ingress_malformed"],
    [
      "options behind the SRH that are cut off",
      from(PEER).srh(finished).raw(60, Uint8Array.of(17)).frame(),
      "ingress_malformed",
    ],
    ["more headers than can be searched", elevenOptions.udp(53).frame(), "ingress_headers_exceeded"],
    ["more headers behind the SRH than can be searched", manyAfter.udp(53).frame(), "ingress_headers_exceeded"],
    ["a second routing header", from(PEER).srh(finished).srh(finished).udp(53).frame(), "srh_misplaced"],
    [
      "a routing header hidden behind options",
      from(PEER).srh(finished).destinationOptions().srh(finished).frame(),
      "srh_misplaced",
    ],
    ["an SRH inside a fragment", from(PEER).fragment(0, true).srh(finished).udp(53).frame(), "srh_misplaced"],
    [
      "options too long to move",
      from(PEER).destinationOptions(72).srh(finished).udp(53).frame(),
      "srh_options_too_long",
    ],
  ])("%s", (_sentence, frame, reason) => {
    expect(arrived(frame)).toMatchObject({ reason, verdict: "drop" });
  });

  test("a super-packet that the kernel does not resize", () => {
    const frame = from(PEER).srh(finished).icmp(128).frame();
    expect(arrived(frame, { gsoSize: 100, gsoSegs: 2 })).toMatchObject({ reason: "strip_refused", verdict: "drop" });
  });

  test("everything with an SRH once its source leaves the domain", () => {
    const frame = PacketBuilder.between("2001:db8:c::1", SELF).srh(finished).udp(53).frame();
    fixture.plane.addDomainSource(ipv6Prefix("2001:db8:c::/48"));
    const inside = arrived(frame).reason;
    fixture.plane.deleteDomainSource(ipv6Prefix("2001:db8:c::/48"));
    expect([inside, arrived(frame).reason]).toEqual(["srh_stripped", "srh_source_refused"]);
  });
});
