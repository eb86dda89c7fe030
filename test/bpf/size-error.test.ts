import { parseIpPrefix, type IpPrefix } from "@sextant/model";
import { icmp4Packet, icmp6Packet } from "./icmp-packet";
import {
  DECAPSULATION_SID,
  ingressWorld,
  NODE_SID,
  PEER,
  PEER_IPV4,
  SEGMENT,
  SELF,
  SELF_IPV4,
  WORKLOAD,
  WORKLOAD_IPV4,
} from "./ingress-world";
import { ipv4Packet } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import type { PacketPathFixture } from "./packet-path-fixture";

const IPV4 = 4;
const IPV6 = 41;
const ETHERTYPE_IPV4 = 0x0800;
const ROUTER = "2001:db8:dead::1";
/** Where outer headers of this host end. */
const FAR_SID = "2001:db8:fffe:2:ff46::";
const UNREACHABLE = 1;
const TOO_BIG = 2;
const TIME_EXCEEDED = 3;
const PARAMETER_PROBLEM = 4;
const OUTER_BYTES = 40;
const LINK_MTU = 1400;

let fixture: PacketPathFixture;
let uplink: number;

beforeAll(() => {
  ({ fixture, uplink } = ingressWorld());
  // IPv4 is not in ::/0.
  for (const text of ["2001:db8:b::/64", "::/3", `${PEER_IPV4}/32`]) {
    fixture.plane.putDestination(parseIpPrefix(text) as IpPrefix, { rules: [], packetBytesMax: undefined });
  }
});

afterAll(() => fixture.close());

const arrived = (frame: Buffer) => fixture.run("ingress", frame, { ifindex: uplink });
const payload = Uint8Array.from({ length: 1001 }, (_, i) => i & 0xff);

/** A packet of this host, as it was sent and as it is on the wire between two of its segments. */
const sent = (source = SELF) => PacketBuilder.between(source, PEER);
const onTheWay = { segmentsLeft: 1, segments: [SEGMENT, SEGMENT, PEER] };
const INSERTED_BYTES = 8 + 3 * 16;
const outer = (source = SELF) => PacketBuilder.between(source, FAR_SID);
const outerOnTheWay = { segmentsLeft: 1, segments: [SEGMENT, FAR_SID] };

interface ErrorOptions {
  readonly type?: number;
  readonly code?: number;
  readonly rest?: number;
}

/** The frame of a router's error about this packet. */
function error(quote: Buffer, options: ErrorOptions = {}, destination = SELF): Buffer {
  return ethernet(icmp6Packet(ROUTER, destination, { type: TOO_BIG, rest: LINK_MTU, ...options, quote }));
}

function error4(quote: Buffer, destination: string, type: number, code: number, rest: number): Buffer {
  return ethernet(icmp4Packet(PEER_IPV4, destination, { type, code, rest, quote }), ETHERTYPE_IPV4);
}

/** The packet as a router between two segments quotes it: on its way to the first one. */
const inserted = (packet = PacketBuilder.between(SELF, SEGMENT)) => packet.srh(onTheWay);

describe("an error about an inserted packet becomes one about the packet that was sent", () => {
  const mtu = LINK_MTU - INSERTED_BYTES;
  const udp = (packet: PacketBuilder) => packet.udp(53, payload).packet();
  const tcp = (packet: PacketBuilder) => packet.tcp(53, payload).packet();
  const shortest = 40 + INSERTED_BYTES + 8;
  const behindOptions = PacketBuilder.between(SELF, SEGMENT).hopByHop(24);
  test.each<[string, Buffer, Buffer]>([
    ["Packet Too Big about a datagram", error(udp(inserted())), error(udp(sent()), { rest: mtu })],
    ["Packet Too Big about a segment", error(tcp(inserted())), error(tcp(sent()), { rest: mtu })],
    ["never less than every link carries", error(udp(inserted()), { rest: 1300 }), error(udp(sent()), { rest: 1280 })],
    [
      "Time Exceeded",
      error(udp(inserted()), { type: TIME_EXCEEDED, rest: 0 }),
      error(udp(sent()), { type: TIME_EXCEEDED, rest: 0 }),
    ],
    [
      "Destination Unreachable, with its code",
      error(udp(inserted()), { type: UNREACHABLE, code: 4, rest: 0 }),
      error(udp(sent()), { type: UNREACHABLE, code: 4, rest: 0 }),
    ],
    [
      "with the length of its quote",
      error(udp(inserted()), { type: UNREACHABLE, rest: 130 * 2 ** 24 }),
      error(udp(sent()), { type: UNREACHABLE, rest: (130 - INSERTED_BYTES / 8) * 2 ** 24 }),
    ],
    [
      "a packet at its last segment",
      error(udp(sent().srh({ ...onTheWay, segmentsLeft: 0 }))),
      error(udp(sent()), { rest: mtu }),
    ],
    ["with options", error(udp(inserted(behindOptions))), error(udp(sent().hopByHop(24)), { rest: mtu })],
    ["a fragment", error(udp(inserted().fragment(0, true))), error(udp(sent().fragment(0, true)), { rest: mtu })],
    [
      "a tunnel of its own to a steered address",
      error(inserted().raw(IPV6, PacketBuilder.between(SELF, ROUTER).udp(53).packet()).packet()),
      error(sent().raw(IPV6, PacketBuilder.between(SELF, ROUTER).udp(53).packet()).packet(), { rest: mtu }),
    ],
    [
      "a quote of the least that tells whose it is",
      error(udp(inserted()).subarray(0, shortest)),
      error(udp(sent()).subarray(0, shortest - INSERTED_BYTES), { rest: mtu }),
    ],
    [
      "a quote of an odd length",
      error(udp(inserted()).subarray(0, shortest + 3)),
      error(udp(sent()).subarray(0, shortest + 3 - INSERTED_BYTES), { rest: mtu }),
    ],
  ])("%s", (_, frame, restored) => {
    expect(arrived(frame)).toMatchObject({ reason: "error_restored", verdict: "next", frame: restored });
  });

  test("with a checksum as wrong as before", () => {
    const frame = error(udp(inserted()));
    const restored = error(udp(sent()), { rest: mtu });
    for (const bytes of [frame, restored]) bytes[bytes.length - 1] = 0x55;
    expect(arrived(frame)).toMatchObject({ reason: "error_restored", frame: restored });
  });
});

describe("an error about an encapsulated packet becomes one about the packet inside", () => {
  const inner = (source: string) => sent(source).udp(53, payload).packet();
  test.each<[string, Buffer, Buffer]>([
    [
      "of this host",
      error(outer().raw(IPV6, inner(SELF)).packet()),
      error(inner(SELF), { rest: LINK_MTU - OUTER_BYTES }),
    ],
    [
      "with an SRH, which goes too",
      error(PacketBuilder.between(SELF, SEGMENT).srh(outerOnTheWay).raw(IPV6, inner(SELF)).packet()),
      error(inner(SELF), { rest: LINK_MTU - OUTER_BYTES - 40 }),
    ],
    [
      "of a workload behind it, which gets the error",
      error(outer().raw(IPV6, inner(WORKLOAD)).packet()),
      error(inner(WORKLOAD), { rest: LINK_MTU - OUTER_BYTES }, WORKLOAD),
    ],
    [
      "whose hop limit was too small",
      error(outer().raw(IPV6, inner(WORKLOAD)).packet(), { type: TIME_EXCEEDED, rest: 0 }),
      error(inner(WORKLOAD), { type: TIME_EXCEEDED, rest: 0 }, WORKLOAD),
    ],
  ])("%s", (_, frame, restored) => {
    expect(arrived(frame)).toMatchObject({ reason: "error_restored", verdict: "next", frame: restored });
  });
});

describe("an error about encapsulated IPv4 becomes one of IPv4", () => {
  const inner = (source: string) => ipv4Packet(source, PEER_IPV4, { payload });
  const quote = (source = SELF_IPV4) => outer().raw(IPV4, inner(source)).packet();
  const withSrh = PacketBuilder.between(SELF, SEGMENT).srh(outerOnTheWay).raw(IPV4, inner(SELF_IPV4)).packet();
  const own = (type: number, code: number, rest = 0) => error4(inner(SELF_IPV4), SELF_IPV4, type, code, rest);
  test.each<[string, Buffer, Buffer]>([
    ["fragmentation needed", error(quote()), own(3, 4, LINK_MTU - OUTER_BYTES)],
    ["without the SRH", error(withSrh), own(3, 4, LINK_MTU - OUTER_BYTES - 40)],
    [
      "for a workload",
      error(quote(WORKLOAD_IPV4)),
      error4(inner(WORKLOAD_IPV4), WORKLOAD_IPV4, 3, 4, LINK_MTU - OUTER_BYTES),
    ],
    ["time exceeded", error(quote(), { type: TIME_EXCEEDED, rest: 0 }), own(11, 0)],
    ["no route", error(quote(), { type: UNREACHABLE, rest: 0 }), own(3, 1)],
    ["prohibited", error(quote(), { type: UNREACHABLE, code: 1, rest: 0 }), own(3, 10)],
  ])("%s", (_, frame, restored) => {
    expect(arrived(frame)).toMatchObject({ reason: "error_restored", verdict: "next", frame: restored });
  });
});

test("an error that comes under a header of its own is restored too", () => {
  const message = icmp6Packet(PEER, SELF, { type: TOO_BIG, rest: LINK_MTU, quote: inserted().udp(53).packet() });
  const restored = icmp6Packet(PEER, SELF, {
    type: TOO_BIG,
    rest: LINK_MTU - INSERTED_BYTES,
    quote: sent().udp(53).packet(),
  });
  const frame = PacketBuilder.between(PEER, DECAPSULATION_SID).raw(IPV6, message).frame();
  expect(arrived(frame)).toMatchObject({ reason: "decapsulated", verdict: "next", frame: ethernet(restored) });
});

describe("an error is none of ours and stays", () => {
  const udp = inserted().udp(53, payload).packet();
  const patched = (patch: Record<number, number>) =>
    PacketBuilder.between(SELF, SEGMENT).srh(onTheWay, patch).udp(53, payload).packet();
  const toNobody = { segmentsLeft: 1, segments: [SEGMENT, "2001:db8:77::1"] };
  const lying = error(udp);
  lying.writeUInt16BE(60, 14 + 4);
  const cutInner = outer()
    .raw(IPV6, sent().udp(53, payload).packet())
    .packet()
    .subarray(0, 40 + 40 + 7);
  test.each<[string, Buffer]>([
    ["about a packet that was sent as it is", error(sent().udp(53, payload).packet())],
    ["for another address than the packet's source", error(udp, {}, NODE_SID)],
    [
      "for somebody behind this host",
      error(inserted(PacketBuilder.between(WORKLOAD, SEGMENT)).udp(53).packet(), {}, WORKLOAD),
    ],
    ["about what somebody's header is to blame for", error(udp, { type: PARAMETER_PROBLEM })],
    ["about another routing header", error(patched({ 2: 3 }))],
    ["about a list longer than its header", error(patched({ 4: 9 }))],
    ["about more segments left than there are", error(patched({ 3: 9 }))],
    ["about an empty list", error(patched({ 1: 0 }))],
    ["that quotes half of the header", error(udp.subarray(0, 40 + 30))],
    ["that quotes the header alone", error(udp.subarray(0, 40 + INSERTED_BYTES))],
    ["that quotes half of an IPv6 header", error(udp.subarray(0, 24))],
    ["that quotes no more than half of the packet inside", error(cutInner)],
    ["that is shorter than it says", lying],
    [
      "about a packet to where nothing is steered",
      error(PacketBuilder.between(SELF, SEGMENT).srh(toNobody).udp(53).packet()),
    ],
    [
      "about a tunnel of somebody's own",
      error(outer().raw(IPV6, PacketBuilder.between(SELF, ROUTER).udp(53).packet()).packet()),
    ],
    [
      "about an IPv4 tunnel of somebody's own",
      error(outer().raw(IPV4, ipv4Packet(SELF_IPV4, "198.51.100.77")).packet()),
    ],
  ])("%s", (_, frame) => {
    expect(arrived(frame)).toMatchObject({ reason: "ingress_plain", verdict: "next", frame });
  });
});
