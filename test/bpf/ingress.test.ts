import { ipv6Prefix } from "@sextant/model";
import { DECAPSULATION_SID, ingressWorld, NODE_SID, OUTSIDER, PEER, SEGMENT, SELF } from "./ingress-world";
import { ipv4Packet } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import type { PacketPathFixture } from "./packet-path-fixture";

let fixture: PacketPathFixture;
let uplink: number;

beforeAll(() => {
  ({ fixture, uplink } = ingressWorld());
});

afterAll(() => fixture.close());

const from = (source: string, destination = SELF) => PacketBuilder.between(source, destination);
const arrived = (frame: Buffer, skb = {}) => fixture.run("ingress", frame, { ifindex: uplink, ...skb });
const finished = { segmentsLeft: 0, segments: [SEGMENT, SELF] };
const underway = { segmentsLeft: 1, segments: [SEGMENT, NODE_SID, PEER] };

describe("passes unchanged", () => {
  test.each<[string, Buffer, string]>([
    ["what is not IP", from(PEER).udp(53).frame(0x0806), "ingress_not_ip"],
    ["IPv4", ethernet(ipv4Packet("192.0.2.1", "192.0.2.2"), 0x0800), "ingress_plain"],
    ["a packet without routing header", from(OUTSIDER).udp(53).frame(), "ingress_plain"],
    ["options without routing header", from(OUTSIDER).hopByHop().destinationOptions().udp(53).frame(), "ingress_plain"],
    ["a later fragment", from(OUTSIDER).fragment(9).raw(43, new Uint8Array(24)).frame(), "ingress_plain"],
    ["an SRH with a mark for operations, which is not for us", oam(), "turned_round"],
    ["an SRH that this host has to turn round", from(PEER, NODE_SID).srh(underway).udp(53).frame(), "turned_round"],
  ])("%s", (_sentence, frame, reason) => {
    expect(arrived(frame)).toMatchObject({ reason, verdict: "next", frame });
  });

  function oam(): Buffer {
    return from(PEER, NODE_SID).srh(underway, { 5: 0x20 }).udp(53).frame();
  }
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
    ["a bad SRH from outside, without a word", from(OUTSIDER).srh(finished, { 3: 9 }).frame(), "srh_source_refused"],
    ["segments left for an address that is no SID", from(PEER, SELF).srh(underway).udp(53).frame(), "srh_not_for_host"],
    ["segments left behind the last SID", from(PEER, DECAPSULATION_SID).srh(underway).frame(), "srh_not_for_host"],
    [
      "a finished SRH to a forwarded address",
      from(PEER, "2001:db8:b::7").srh(finished).udp(53).frame(),
      "srh_not_for_host",
    ],
    ["a finished SRH to a group", from(PEER, "ff02::1").srh(finished).udp(53).frame(), "srh_not_for_host"],
    ["another routing type that is finished", from(PEER).srh(finished, { 2: 2 }).frame(), "srh_type_refused"],
    ["a routing header cut off", from(PEER).raw(43, Uint8Array.of(17, 4)).frame(), "ingress_malformed"],
    ["an SRH of a packet that is cut off", cutOff(), "ingress_malformed"],
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
      "a later fragment of what begins with a routing header",
      from(PEER).srh(finished).fragment(9).raw(43, new Uint8Array(24)).frame(),
      "srh_misplaced",
    ],
    [
      "options too long to move",
      from(PEER).destinationOptions(72).srh(finished).udp(53).frame(),
      "srh_options_too_long",
    ],
  ])("%s", (_sentence, frame, reason) => {
    expect(arrived(frame)).toMatchObject({ reason, verdict: "drop" });
  });

  function cutOff(): Buffer {
    const frame = from(PEER).srh(finished).udp(53).frame();
    return frame.subarray(0, frame.length - 1);
  }

  test("a super-packet that the kernel does not resize", () => {
    const frame = from(PEER).srh(finished).icmp(128).frame();
    expect(arrived(frame, { gsoSize: 100, gsoSegs: 2 })).toMatchObject({ reason: "strip_refused", verdict: "drop" });
  });

  test("everything with an SRH once its source leaves the domain", () => {
    const frame = PacketBuilder.between("2001:db8:e::1", SELF).srh(finished).udp(53).frame();
    fixture.plane.addDomainSource(ipv6Prefix("2001:db8:e::/48"));
    const inside = arrived(frame).reason;
    fixture.plane.deleteDomainSource(ipv6Prefix("2001:db8:e::/48"));
    expect([inside, arrived(frame).reason]).toEqual(["srh_stripped", "srh_source_refused"]);
  });
});
