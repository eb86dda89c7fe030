import { decodeSrh, ipv6, ipv6FromBytes, ipv6Prefix, ipv6ToBytes, type Sid } from "@sextant/model";
import fc from "fast-check";
import { PacketBuilder } from "./packet-builder";
import { PacketPathFixture } from "./packet-path-fixture";
import { ifindexOf, ip } from "./private-namespace";

const SELF = "2001:db8:a::1";
const PEER = "2001:db8:b::1";
const ROUTING = 43;
const HOP_BY_HOP = 0;

let fixture: PacketPathFixture;
let uplink: number;

beforeAll(() => {
  fixture = PacketPathFixture.open();
  ip("link add up0 type veth peer name up1");
  ip("link set up0 mtu 9000 up");
  ip("link set up1 up");
  ip(`-6 addr add ${PEER}/64 dev up0 nodad`);
  uplink = ifindexOf("up0");
  const { plane } = fixture;
  plane.setConfig({ nodeSid: ipv6("2001:db8:fffe:1::") as Sid, probeMultiplier: 3, term: 1n });
  plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
  plane.putPolicy(1n, { candidates: [1n], onNoPath: "drop" });
  plane.putDestination(ipv6Prefix("2001:db8:b::/48"), [
    { policy: 1n, cgroup: undefined, protocol: 0, ports: undefined },
  ]);
});

afterAll(() => fixture.close());

const sid = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((tail) => ipv6FromBytes(Uint8Array.from([0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, ...tail, 0, 0, 0, 0])) as Sid);
const segments = fc.array(sid, { minLength: 1, maxLength: 15 });
const optionBytes = fc.integer({ min: 1, max: 8 }).map((units) => units * 8);
const upper = fc.record({
  kind: fc.constantFrom("udp", "tcp", "raw"),
  port: fc.nat(65535),
  payload: fc.uint8Array({ minLength: 1, maxLength: 1800 }),
});
const packets = fc
  .record({
    hopByHop: fc.option(optionBytes),
    destinationOptions: fc.option(optionBytes),
    fragment: fc.option(fc.nat(8191)),
    upper,
  })
  .map((shape) => {
    let packet = PacketBuilder.between(SELF, PEER);
    if (shape.hopByHop !== null) packet = packet.hopByHop(shape.hopByHop);
    if (shape.destinationOptions !== null) packet = packet.destinationOptions(shape.destinationOptions);
    if (shape.fragment !== null) packet = packet.fragment(shape.fragment, true);
    const { kind, port, payload } = shape.upper;
    return (kind === "raw" ? packet.raw(253, payload) : packet[kind](port, payload)).frame();
  });

/** Offset of the SRH: behind the IPv6 header, or behind hop-by-hop options. */
function srhOffset(frame: Buffer): number {
  return frame[20] === HOP_BY_HOP ? 54 + ((frame[55] ?? 0) + 1) * 8 : 54;
}

test("what egress inserts is the given list, and ingress makes it undone", () => {
  fc.assert(
    fc.property(segments, packets, (list, frame) => {
      fixture.plane.putList(1n, { segments: list, nextHop: { ifindex: uplink, gateway: undefined }, nonce: 1n });
      const steered = fixture.run("egress", frame, { ifindex: uplink });
      expect(steered.reason).toBe("inserted");
      const at = srhOffset(steered.frame);
      expect(decodeSrh(steered.frame.subarray(at))).toMatchObject({
        segmentsLeft: list.length,
        segments: [...list, PEER],
      });
      expect(ipv6FromBytes(steered.frame.subarray(38, 54))).toBe(list[0]);
      expect([steered.frame[20], steered.frame[54]]).toContain(ROUTING);

      const arrived = Buffer.from(steered.frame);
      arrived[at + 3] = 0;
      arrived.set(ipv6ToBytes(ipv6(PEER)), 38);
      const stripped = fixture.run("ingress", arrived, { ifindex: uplink });
      expect(stripped).toMatchObject({ reason: "srh_stripped", frame });
    }),
    { numRuns: 500 },
  );
});

test("whatever bytes arrive, every run takes exactly one exit and ingress passes no routing header on", () => {
  const headers = fc.array(fc.constantFrom(0, 17, 43, 44, 58, 59, 60), { minLength: 1, maxLength: 6 });
  const bytes = fc.uint8Array({ minLength: 0, maxLength: 120 });
  fc.assert(
    fc.property(headers, bytes, fc.boolean(), (protocols, tail, mine) => {
      const first = protocols[0] ?? 59;
      const parts = protocols.slice(1).flatMap((next) => [next, 0, 4, 0, 0, 0, 0, 0]);
      const frame = PacketBuilder.between("2001:db8:a::9", mine ? PEER : "2001:db8:b::2")
        .raw(first, Uint8Array.from([...parts, ...tail]))
        .frame();
      const egress = fixture.run("egress", frame, { ifindex: uplink });
      const ingress = fixture.run("ingress", frame, { ifindex: uplink });
      expect([egress.reason, ingress.reason]).toEqual([expect.stringMatching(/^\w+$/), expect.stringMatching(/^\w+$/)]);
      expect(ingress.verdict === "next" && ingress.frame[20] === ROUTING).toBe(false);
    }),
    { numRuns: 1500 },
  );
});
