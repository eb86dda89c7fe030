import { decodeSrh, ipv6, ipv6FromBytes, ipv6ToBytes, type Sid } from "@sextant/model";
import fc from "fast-check";
import { DECAPSULATION_SID, ingressWorld, PEER, PEER_IPV4, SELF, SELF_IPV4 } from "./ingress-world";
import { ipv4Packet } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import type { PacketPathFixture } from "./packet-path-fixture";
import { list, policy, prefix, rule } from "./steering";

const ROUTING = 43;
const HOP_BY_HOP = 0;
const IP6_END = 14 + 40;
const MTU = 9000;

let fixture: PacketPathFixture;
let uplink: number;

// One host plays both ends: PEER sends to SELF.
beforeAll(() => {
  ({ fixture, uplink } = ingressWorld());
  steerOnto("insert", [ipv6("2001:db8:ffff::") as Sid]);
  for (const destination of ["2001:db8:a::/48", "192.0.2.0/24"]) {
    fixture.plane.putDestination(prefix(destination), { rules: [rule()], packetBytesMax: undefined });
  }
});

afterAll(() => fixture.close());

let key = 0n;

/** Steers onto another list. */
function steerOnto(encapsulation: "insert" | "encap" | "encap-full", segments: Sid[]): void {
  const before = key;
  key += 1n;
  fixture.plane.putList(key, list(uplink, { encapsulation, segments }, { mtu: MTU }));
  fixture.plane.putPolicy(1n, policy([key]));
  fixture.plane.deleteList(before);
}

const sid = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((tail) => ipv6FromBytes(Uint8Array.from([0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, ...tail, 0, 0, 0, 0])) as Sid);
const segments = fc.array(sid, { minLength: 1, maxLength: 15 });
const optionBytes = fc.integer({ min: 1, max: 8 }).map((units) => units * 8);
const payload = fc.uint8Array({ minLength: 1, maxLength: 1800 });
const upper = fc.record({ kind: fc.constantFrom("udp" as const, "tcp" as const), port: fc.nat(65535), payload });
const ipv6Frames = fc
  .record({
    hopByHop: fc.option(optionBytes),
    destinationOptions: fc.option(optionBytes),
    fragment: fc.option(fc.nat(8191)),
    upper,
  })
  .map((shape) => {
    let packet = PacketBuilder.between(PEER, SELF);
    if (shape.hopByHop !== null) packet = packet.hopByHop(shape.hopByHop);
    if (shape.destinationOptions !== null) packet = packet.destinationOptions(shape.destinationOptions);
    if (shape.fragment !== null) packet = packet.fragment(shape.fragment, true);
    return packet[shape.upper.kind](shape.upper.port, shape.upper.payload).frame();
  });
const ipv4Frames = fc
  .record({ tos: fc.nat(255), protocol: fc.constantFrom(17, 1, 47), payload })
  .map((shape) => ethernet(ipv4Packet(PEER_IPV4, SELF_IPV4, shape), 0x0800));

/** Offset of the SRH: behind the IPv6 header, or behind hop-by-hop options. */
function srhOffset(frame: Buffer): number {
  return frame[20] === HOP_BY_HOP ? IP6_END + ((frame[IP6_END + 1] ?? 0) + 1) * 8 : IP6_END;
}

/** The frame after its last hop. */
function travelled(frame: Buffer, destination: string): Buffer {
  const arrived = Buffer.from(frame);
  const at = srhOffset(frame);
  if (arrived[20] === ROUTING || at > IP6_END) arrived[at + 3] = 0;
  arrived.set(ipv6ToBytes(ipv6(destination)), 38);
  return arrived;
}

test("what egress inserts is the given list, and ingress makes it undone", () => {
  fc.assert(
    fc.property(segments, ipv6Frames, (sids, frame) => {
      steerOnto("insert", sids);
      const steered = fixture.run("egress", frame, { ifindex: uplink });
      expect(steered.reason).toBe("inserted");
      const at = srhOffset(steered.frame);
      const srh = { segmentsLeft: sids.length, segments: [...sids, SELF] };
      expect(decodeSrh(steered.frame.subarray(at))).toMatchObject(srh);
      expect(ipv6FromBytes(steered.frame.subarray(38, 54))).toBe(sids[0]);
      expect([steered.frame[20], steered.frame[IP6_END]]).toContain(ROUTING);
      const arrived = fixture.run("ingress", travelled(steered.frame, SELF), { ifindex: uplink });
      expect(arrived).toMatchObject({ reason: "srh_stripped", frame });
    }),
    { numRuns: 300 },
  );
});

test.each(["encap", "encap-full"] as const)("what egress puts around a packet (%s) ingress takes off again", (mode) => {
  fc.assert(
    fc.property(segments, fc.oneof(ipv6Frames, ipv4Frames), (sids, frame) => {
      steerOnto(mode, [...sids.slice(1), ipv6(DECAPSULATION_SID) as Sid]);
      const steered = fixture.run("egress", frame, { ifindex: uplink });
      expect(steered.reason).toBe("encapsulated");
      // Outer headers are the host's own; here they are to be the peer's.
      steered.frame.set(ipv6ToBytes(ipv6(PEER)), 22);
      const arrived = fixture.run("ingress", travelled(steered.frame, DECAPSULATION_SID), { ifindex: uplink });
      expect(arrived).toMatchObject({ reason: "decapsulated", frame });
    }),
    { numRuns: 300 },
  );
});
