import { parseIpPrefix, type IpPrefix } from "@sextant/model";
import { DECAPSULATION_SID, ingressWorld, PEER, PEER_IPV4, SEGMENT, SELF, SELF_IPV4 } from "./ingress-world";
import { ipv4Packet } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import type { PacketPathFixture } from "./packet-path-fixture";
import { FLAGS, mss, tcpSegment } from "./tcp-segment";

const TCP = 6;
const IPV4 = 4;
const IPV6 = 41;
const ETHERTYPE_IPV4 = 0x0800;
/** Towards both addresses of the peer; one byte less than whole words, so that a sum notices. */
const BYTES_MAX = 1443;
const MSS = BYTES_MAX - 40 - 20;
const MSS_IPV4 = BYTES_MAX - 20 - 20;
/** In ::/0 alone, whose bound is larger; IPv4 is not in it. */
const FAR = "2001:db8:b:1::1";
const FAR_BYTES_MAX = 1480;
const STRANGER_IPV4 = "203.0.113.2";
/** In a prefix without a bound of its own, within one that has one. */
const NESTED = "2001:db8:b::5";
const NOP = 1;
const SACK_PERMITTED = [4, 2];
const TIMESTAMPS = [8, 10, 1, 2, 3, 4, 5, 6, 7, 8];

let fixture: PacketPathFixture;
let uplink: number;

beforeAll(() => {
  ({ fixture, uplink } = ingressWorld());
  const bound = (text: string, packetBytesMax: number | undefined) =>
    fixture.plane.putDestination(parseIpPrefix(text) as IpPrefix, { rules: [], packetBytesMax });
  bound("2001:db8:b::/64", BYTES_MAX);
  bound("2001:db8:b::4/127", undefined);
  bound(`${PEER_IPV4}/32`, BYTES_MAX);
  bound("::/0", FAR_BYTES_MAX);
});

afterAll(() => fixture.close());

const arrived = (frame: Buffer) => fixture.run("ingress", frame, { ifindex: uplink });
const ipv6Segment = (flags: number, options: number[], source = PEER) =>
  PacketBuilder.between(source, SELF).raw(TCP, tcpSegment(source, SELF, flags, options));
const ipv4Segment = (flags: number, options: number[], source = PEER_IPV4) =>
  ipv4Packet(source, SELF_IPV4, { protocol: TCP, payload: tcpSegment(source, SELF_IPV4, flags, options) });
const ipv4Frame = (packet: Buffer) => ethernet(packet, ETHERTYPE_IPV4);

describe("a peer's segment size is lowered to what fits towards it", () => {
  test.each<[string, number, (bytes: number) => number[]]>([
    ["in a SYN", FLAGS.syn, (bytes) => mss(bytes)],
    ["in its answer", FLAGS.synAck, (bytes) => mss(bytes)],
    ["behind others", FLAGS.syn, (bytes) => [...SACK_PERMITTED, ...TIMESTAMPS, ...mss(bytes)]],
    ["before others", FLAGS.syn, (bytes) => [...mss(bytes), ...SACK_PERMITTED, ...TIMESTAMPS]],
    ["at an odd place", FLAGS.syn, (bytes) => [NOP, ...mss(bytes)]],
    ["at the very end", FLAGS.syn, (bytes) => [...Array<number>(36).fill(NOP), ...mss(bytes)]],
  ])("%s", (_, flags, options) => {
    expect(arrived(ipv6Segment(flags, options(1440)).frame())).toMatchObject({
      reason: "segments_lowered",
      verdict: "next",
      frame: ipv6Segment(flags, options(MSS)).frame(),
    });
    expect(arrived(ipv4Frame(ipv4Segment(flags, options(1460))))).toMatchObject({
      reason: "segments_lowered",
      verdict: "next",
      frame: ipv4Frame(ipv4Segment(flags, options(MSS_IPV4))),
    });
  });

  test("behind extension headers and IPv4 options", () => {
    const ipv6Syn = (bytes: number) =>
      PacketBuilder.between(PEER, SELF)
        .destinationOptions(16)
        .raw(TCP, tcpSegment(PEER, SELF, FLAGS.syn, mss(bytes)))
        .frame();
    const ipv4Syn = (bytes: number) => {
      const payload = Buffer.concat([Buffer.alloc(4), tcpSegment(PEER_IPV4, SELF_IPV4, FLAGS.syn, mss(bytes))]);
      return ipv4Frame(ipv4Packet(PEER_IPV4, SELF_IPV4, { protocol: TCP, payload, patch: { 0: 0x46 } }));
    };
    expect(arrived(ipv6Syn(1440))).toMatchObject({ reason: "segments_lowered", frame: ipv6Syn(MSS) });
    expect(arrived(ipv4Syn(1460))).toMatchObject({ reason: "segments_lowered", frame: ipv4Syn(MSS_IPV4) });
  });

  test("by the bound of a prefix around its own", () => {
    expect(arrived(ipv6Segment(FLAGS.syn, mss(1440), NESTED).frame()).frame).toEqual(
      ipv6Segment(FLAGS.syn, mss(MSS), NESTED).frame(),
    );
  });

  test("by the bound of the shortest prefix", () => {
    expect(arrived(ipv6Segment(FLAGS.syn, mss(1440), FAR).frame()).frame).toEqual(
      ipv6Segment(FLAGS.syn, mss(FAR_BYTES_MAX - 40 - 20), FAR).frame(),
    );
  });

  test("in what was under a header", () => {
    const before = ipv6Segment(FLAGS.syn, mss(1440));
    const after = ipv6Segment(FLAGS.syn, mss(MSS)).frame();
    const inserted = PacketBuilder.between(PEER, SELF)
      .srh({ segmentsLeft: 0, segments: [SEGMENT, SELF] })
      .raw(TCP, tcpSegment(PEER, SELF, FLAGS.syn, mss(1440)))
      .frame();
    const outer = PacketBuilder.between(PEER, DECAPSULATION_SID);
    const encapsulated = outer.raw(IPV6, before.packet()).frame();
    const encapsulatedIpv4 = outer.raw(IPV4, ipv4Segment(FLAGS.syn, mss(1460))).frame();
    expect(arrived(inserted)).toMatchObject({ reason: "srh_stripped", frame: after });
    expect(arrived(encapsulated)).toMatchObject({ reason: "decapsulated", frame: after });
    expect(arrived(encapsulatedIpv4)).toMatchObject({
      reason: "decapsulated",
      frame: ipv4Frame(ipv4Segment(FLAGS.syn, mss(MSS_IPV4))),
    });
  });
});

describe("a segment passes unchanged", () => {
  const brokenLength = [3, 0, ...mss(1440)];
  const longOption = [8, 200, ...mss(1440)];
  test.each<[string, Buffer]>([
    ["whose peer wants less already", ipv6Segment(FLAGS.syn, mss(MSS)).frame()],
    ["that opens nothing", ipv6Segment(FLAGS.ack, mss(1440)).frame()],
    ["without the option", ipv6Segment(FLAGS.syn, [...SACK_PERMITTED, ...TIMESTAMPS]).frame()],
    ["without any option", ipv6Segment(FLAGS.syn, []).frame()],
    ["whose options have ended", ipv6Segment(FLAGS.syn, [0, 0, 0, 0, ...mss(1440)]).frame()],
    ["with an option of no length", ipv6Segment(FLAGS.syn, brokenLength).frame()],
    ["with an option that is too long", ipv6Segment(FLAGS.syn, longOption).frame()],
    ["with an option cut off", ipv6Segment(FLAGS.syn, [NOP, 2, 4, 5]).frame()],
    ["from where no header is put on", ipv4Frame(ipv4Segment(FLAGS.syn, mss(1460), STRANGER_IPV4))],
    ["cut off in its header", PacketBuilder.between(PEER, SELF).raw(TCP, new Uint8Array(12)).frame()],
    [
      "cut off in its options",
      PacketBuilder.between(PEER, SELF)
        .raw(TCP, tcpSegment(PEER, SELF, FLAGS.syn, mss(1440)).subarray(0, 22))
        .frame(),
    ],
    [
      "in a later fragment",
      PacketBuilder.between(PEER, SELF)
        .fragment(9)
        .raw(TCP, tcpSegment(PEER, SELF, FLAGS.syn, mss(1440)))
        .frame(),
    ],
    [
      "in a later fragment of IPv4",
      ipv4Frame(
        ipv4Packet(PEER_IPV4, SELF_IPV4, {
          protocol: TCP,
          payload: tcpSegment(PEER_IPV4, SELF_IPV4, FLAGS.syn, mss(1460)),
          patch: { 6: 0, 7: 9 },
        }),
      ),
    ],
  ])("%s", (_, frame) => {
    expect(arrived(frame)).toMatchObject({ reason: "ingress_plain", verdict: "next", frame });
  });
});
