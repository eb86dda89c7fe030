import { ipv6, ipv6ToBytes } from "@sextant/model";
import { eventually } from "../support/eventually";
import { DECAPSULATION_SID, ingressWorld, NODE_SID, OUTSIDER, PEER, SEGMENT, SELF } from "./ingress-world";
import { internetChecksum } from "./ipv4-packet";
import { PacketBuilder } from "./packet-builder";
import type { Outcome, PacketPathFixture } from "./packet-path-fixture";

const IP6 = 14;
const ICMP = IP6 + 40;
const QUOTE = ICMP + 8;
/** ICMPv6 type of Parameter Problem and two of its codes. RFC 4443 section 3.4, RFC 8986 section 4.1.1. */
const PARAMETER_PROBLEM = 4;
const HEADER_FIELD = 0;
const UPPER_LAYER = 4;
const SRH = 40;

let fixture: PacketPathFixture;
let uplink: number;

beforeAll(() => {
  ({ fixture, uplink } = ingressWorld());
});

afterAll(() => fixture.close());

const arrived = (frame: Buffer): Outcome => fixture.run("ingress", frame, { ifindex: uplink });
const to = (destination: string, source = PEER) => PacketBuilder.between(source, destination);
const finished = { segmentsLeft: 0, segments: [SEGMENT, SELF] };
const underway = { segmentsLeft: 1, segments: [SEGMENT, NODE_SID, PEER] };

/** What an answer says, read without the code that wrote it. */
function readAnswer(frame: Buffer) {
  const length = frame.readUInt16BE(IP6 + 4);
  const pseudo = Buffer.concat([
    frame.subarray(IP6 + 8, ICMP),
    Buffer.from([0, 0, length >> 8, length & 0xff, 0, 0, 0, 58]),
  ]);
  return {
    addresses: [frame.subarray(IP6 + 8, IP6 + 24), frame.subarray(IP6 + 24, IP6 + 40)],
    lengthIsRight: frame.length === ICMP + length,
    type: frame[ICMP],
    code: frame[ICMP + 1],
    checksum: internetChecksum(Buffer.concat([pseudo, frame.subarray(ICMP)])),
    pointer: frame.readUInt32BE(ICMP + 4),
    quote: frame.subarray(QUOTE),
  };
}

test.each<[string, Buffer, { reason: string; code: number; pointer: number }]>([
  ["an SRH without segments", bare(), malformed(SRH + 3)],
  ["a last entry beyond the header", to(SELF).srh(finished, { 4: 2 }).udp(53).frame(), malformed(SRH + 3)],
  ["segments left beyond the list", to(NODE_SID).srh(underway, { 3: 4 }).udp(53).frame(), malformed(SRH + 3)],
  ["an SRH longer than the packet", to(SELF).srh(finished, { 1: 200 }).udp(53).frame(), malformed(SRH + 1)],
  ["a TLV that outgrows its SRH", to(SELF).srh(finished, {}, tlv(9, 7)).udp(53).frame(), malformed(SRH + 40)],
  [
    "a malformed SRH behind options",
    to(SELF).hopByHop(16).srh(finished, { 3: 9 }).udp(53).frame(),
    malformed(SRH + 16 + 3),
  ],
  [
    "another routing type that is under way",
    to(SELF).srh(underway, { 2: 0 }).udp(53).frame(),
    { reason: "srh_type_answered", code: HEADER_FIELD, pointer: SRH + 2 },
  ],
  ["UDP at the decapsulation SID", to(DECAPSULATION_SID).udp(53).frame(), upperLayer(40)],
  ["an echo request at the decapsulation SID", to(DECAPSULATION_SID).icmp(128).frame(), upperLayer(40)],
  [
    "UDP behind a finished SRH at the decapsulation SID",
    to(DECAPSULATION_SID).srh(finished).destinationOptions().udp(53).frame(),
    upperLayer(40 + 40 + 8),
  ],
  ["TCP behind a finished SRH at the End SID", to(NODE_SID).srh(finished).tcp(80).frame(), upperLayer(40 + 40)],
  ["a tunnel at an address", to(SELF).srh(finished).raw(41, to(SELF).udp(53).packet()).frame(), upperLayer(40 + 40)],
  ["an upper layer nobody knows", to(SELF).srh(finished).raw(253, new Uint8Array(8)).frame(), upperLayer(40 + 40)],
])("%s is answered", (_sentence, frame, { reason, code, pointer }) => {
  const outcome = arrived(frame);
  expect(outcome).toMatchObject({ reason, verdict: "redirect" });
  expect(readAnswer(outcome.frame)).toEqual({
    addresses: [frame.subarray(IP6 + 24, IP6 + 40), Buffer.from(ipv6ToBytes(ipv6(PEER)))],
    lengthIsRight: true,
    type: PARAMETER_PROBLEM,
    code,
    checksum: 0,
    pointer,
    quote: frame.subarray(IP6),
  });
  expect([outcome.frame.subarray(0, 6), outcome.frame.subarray(6, 12)]).toEqual([
    frame.subarray(6, 12),
    frame.subarray(0, 6),
  ]);
});

test.each([1, 2, 3, 5, 999, 1177, 1178, 3000])(
  "a packet with %i bytes of payload is quoted as far as 1280 bytes go",
  (bytes) => {
    const frame = to(DECAPSULATION_SID)
      .udp(
        53,
        Uint8Array.from({ length: bytes }, (_, i) => i),
      )
      .frame();
    const answer = readAnswer(arrived(frame).frame);
    const quote = frame.subarray(IP6, IP6 + 1280 - 48);
    expect(answer).toMatchObject({ checksum: 0, lengthIsRight: true, quote });
  },
);

test.each<[string, Buffer, string]>([
  ["an ICMPv6 error", to(SELF).srh(finished, { 3: 9 }).icmp(1).frame(), "srh_malformed"],
  ["a packet without a source", to(SELF, "::").srh(finished, { 3: 9 }).frame(), "srh_malformed"],
  ["a group as source", to(SELF, "ff02::1").srh(finished, { 3: 9 }).frame(), "srh_malformed"],
  ["an own packet that went round a loop", to(SELF, SELF).srh(finished, { 3: 9 }).frame(), "srh_malformed"],
  ["a packet that is for another Ethernet station", misled(), "srh_malformed"],
  ["UDP from outside", to(DECAPSULATION_SID, OUTSIDER).udp(53).frame(), "decapsulation_source_refused"],
])("%s is not answered", (_sentence, frame, reason) => {
  fixture.plane.addDomainSource("::/127" as never);
  fixture.plane.addDomainSource("ff00::/8" as never);
  fixture.plane.addDomainSource("2001:db8:a::/48" as never);
  expect(arrived(frame)).toMatchObject({ reason, verdict: "drop" });
});

test("a flood is answered in part", async () => {
  const frame = to(DECAPSULATION_SID).udp(53).frame();
  const reasons = Array.from({ length: 400 }, () => arrived(frame).reason);
  expect(new Set(reasons)).toEqual(new Set(["upper_layer_answered", "upper_layer_refused"]));
  await eventually("a pause helps", () => arrived(frame).reason === "upper_layer_answered");
});

function malformed(pointer: number) {
  return { reason: "srh_malformed_answered", code: HEADER_FIELD, pointer };
}

function upperLayer(pointer: number) {
  return { reason: "upper_layer_answered", code: UPPER_LAYER, pointer };
}

function bare(): Buffer {
  return to(SELF)
    .raw(43, Uint8Array.of(17, 0, 4, 0, 0, 0, 0, 0))
    .frame();
}

/** Eight bytes of TLV area whose one TLV says another length. */
function tlv(type: number, length: number): Uint8Array {
  return Uint8Array.of(type, length, 0, 0, 0, 0, 0, 0);
}

function misled(): Buffer {
  const frame = to(SELF).srh(finished, { 3: 9 }).frame();
  frame[5] = 9;
  return frame;
}
