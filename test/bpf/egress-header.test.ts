import { encodeSrh, ipv6, ipv6ToBytes } from "@sextant/model";
import { headerBytes } from "../../packages/agent/src/reconcile/header-bytes";
import { ipv4Packet } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import { list, policy, SELF, sids, SteeringHost } from "./steering";

const PEER = "2001:db8:b::1";
const FAR = "2001:db8:ff46::";
const LENGTHS = [1, 2, 3, 4, 5, 8, 10, 15];
const routers = (count: number) => sids(...Array.from({ length: count }, (_, i) => `2001:db8:ffff:${i + 1}::`));
const signingKey = { id: 7, secret: new Uint8Array(32).fill(3) };
const fill = (bytes: number) => new Uint8Array(bytes).fill(7);

let host: SteeringHost;

beforeAll(() => {
  host = SteeringHost.open();
});

afterAll(() => host.close());

const to = (destination = PEER) => PacketBuilder.between(SELF, destination);

/** Everything goes onto one list from now on. */
function onto(encapsulation: "insert" | "encap" | "encap-full", segments = routers(2), signed = false): void {
  const { plane, uplink } = host;
  const key = BigInt(plane.lists().size + 1);
  const header = headerBytes({ encapsulation, segments, source: SELF, signingKey: signed ? signingKey : undefined });
  plane.putList(key, { ...list(uplink, { encapsulation, segments }), ...header });
  plane.putPolicy(1n, policy([key]));
  host.steer("2001:db8:b::/48", { policy: 1n });
  host.steer("2001:db8:c::/48", { policy: 1n, protocol: 17, ports: { first: 53, last: 53 } });
  host.steer("203.0.113.0/24", { policy: 1n });
}

describe("inserted", () => {
  const first = routers(1)[0] ?? "";
  const steered = (destination = PEER, count = 2) =>
    PacketBuilder.between(SELF, first).srh({ segmentsLeft: count, segments: [...routers(count), destination] });
  const optioned = PacketBuilder.between(SELF, first)
    .hopByHop(16)
    .srh({ segmentsLeft: 2, segments: [...routers(2), PEER] });

  test.each<[string, Buffer, Buffer]>([
    ["into a datagram", to().udp(53).frame(), steered().udp(53).frame()],
    ["into a TCP segment", to().tcp(80).frame(), steered().tcp(80).frame()],
    ["into an echo request", to().icmp(128).frame(), steered().icmp(128).frame()],
    [
      "with traffic class, flow label and hop limit untouched",
      to().trafficClass(0xb9).hopLimit(9).udp(53).frame(),
      steered().trafficClass(0xb9).hopLimit(9).udp(53).frame(),
    ],
    [
      "before destination options",
      to().destinationOptions(24).udp(53).frame(),
      steered().destinationOptions(24).udp(53).frame(),
    ],
    ["behind hop-by-hop options", to().hopByHop(16).udp(53).frame(), optioned.udp(53).frame()],
    ["before a fragment header", to().fragment(0, true).udp(53).frame(), steered().fragment(0, true).udp(53).frame()],
    [
      "into a later fragment",
      to().fragment(8).raw(17, fill(16)).frame(),
      steered().fragment(8).raw(17, fill(16)).frame(),
    ],
    [
      "by a port behind destination options",
      to("2001:db8:c::1").destinationOptions(24).udp(53).frame(),
      steered("2001:db8:c::1").destinationOptions(24).udp(53).frame(),
    ],
  ])("%s", (_sentence, frame, expected) => {
    onto("insert");
    expect(host.out(frame)).toMatchObject({ reason: "inserted", verdict: "next", frame: expected });
    expect(host.out(frame)).toMatchObject({ reason: "inserted", verdict: "next", frame: expected }); // remembered
  });

  test.each(LENGTHS)("%d segments", (count) => {
    onto("insert", routers(count));
    const { reason, frame } = host.out(to().udp(53, fill(500)).frame());
    expect({ reason, frame }).toEqual({ reason: "inserted", frame: steered(PEER, count).udp(53, fill(500)).frame() });
  });
});

describe("encapsulated", () => {
  /** The label is the flow's: checked by itself, taken from the packet here. */
  const labelOf = (frame: Buffer) => frame.readUInt32BE(14) & 0xfffff;
  const between = (first: string, frame: Buffer, service = 0, hopLimit = 64) =>
    PacketBuilder.between(SELF, first).flowLabel(labelOf(frame)).trafficClass(service).hopLimit(hopLimit);

  test.each<[string, Buffer, number, Buffer]>([
    ["a datagram", to().udp(53).packet(), 41, to().udp(53).frame()],
    ["a TCP segment with an odd payload", to().tcp(80, fill(333)).packet(), 41, to().tcp(80, fill(333)).frame()],
    ["hop-by-hop options", to().hopByHop(72).udp(53).packet(), 41, to().hopByHop(72).udp(53).frame()],
    ["a later fragment", to().fragment(8).raw(17, fill(16)).packet(), 41, to().fragment(8).raw(17, fill(16)).frame()],
    [
      "a source that is not of the domain",
      PacketBuilder.between("2001:db8:bad::1", PEER).udp(53).packet(),
      41,
      PacketBuilder.between("2001:db8:bad::1", PEER).udp(53).frame(),
    ],
    ["IPv4", ipv4Packet("192.0.2.1", "203.0.113.1"), 4, ethernet(ipv4Packet("192.0.2.1", "203.0.113.1"), 0x0800)],
    [
      "an IPv4 ping",
      ipv4Packet("192.0.2.1", "203.0.113.1", { protocol: 1, payload: fill(8) }),
      4,
      ethernet(ipv4Packet("192.0.2.1", "203.0.113.1", { protocol: 1, payload: fill(8) }), 0x0800),
    ],
  ])("%s, forwarded or not", (_sentence, inner, protocol, frame) => {
    onto("encap", [...routers(2), ...sids(FAR)]);
    for (const ingressIfindex of [0, host.otherUplink]) {
      const outcome = host.out(frame, { ingressIfindex });
      const srh = encodeSrh({
        nextHeader: protocol,
        segmentsLeft: 2,
        flags: 0,
        tag: 0,
        segments: [routers(2)[1] ?? ipv6(FAR), ipv6(FAR)],
      });
      const expected = between(routers(1)[0] ?? "", outcome.frame)
        .raw(43, Buffer.concat([srh, inner]))
        .frame();
      expect(outcome).toMatchObject({ reason: "encapsulated", verdict: "next", frame: expected });
    }
  });

  test.each([0x00, 0x01, 0x02, 0x03, 0xb8, 0xbb, 0xff])("with traffic class %d and the hop limit copied", (service) => {
    onto("encap", [...routers(1), ...sids(FAR)]);
    const six = to().trafficClass(service).hopLimit(7).udp(53);
    const four = ipv4Packet("192.0.2.1", "203.0.113.1", { tos: service });
    for (const [protocol, hopLimit, inner, type] of [
      [41, 7, six.packet(), 0x86dd],
      [4, 64, four, 0x0800],
    ] as const) {
      const outcome = host.out(ethernet(inner, type));
      const srh = encodeSrh({ nextHeader: protocol, segmentsLeft: 1, flags: 0, tag: 0, segments: sids(FAR) });
      const outer = between(routers(1)[0] ?? "", outcome.frame, service, hopLimit);
      expect(outcome.frame).toEqual(outer.raw(43, Buffer.concat([srh, inner])).frame());
    }
  });

  test.each(LENGTHS)("%d routers, reduced", (count) => {
    onto("encap", [...routers(count - 1), ...sids(FAR)]);
    const inner = to().udp(53, fill(500));
    const { reason, frame } = host.out(inner.frame());
    const rest = [...routers(count - 1).slice(1), ...sids(FAR)];
    const srh = encodeSrh({ nextHeader: 41, segmentsLeft: count - 1, flags: 0, tag: 0, segments: rest });
    const outer = between(routers(1)[0] ?? "", frame);
    const bare = between(FAR, frame).raw(41, inner.packet()).frame();
    const expected = count === 1 ? bare : outer.raw(43, Buffer.concat([srh, inner.packet()])).frame();
    expect({ reason, frame }).toEqual({ reason: "encapsulated", frame: expected });
  });

  test.each(LENGTHS)("%d segments, in full and signed", (count) => {
    const segments = routers(count);
    for (const signed of [false, true]) {
      onto("encap-full", segments, signed);
      const inner = to().udp(53, fill(300));
      const { reason, frame } = host.out(inner.frame());
      const { header } = headerBytes({
        encapsulation: "encap-full",
        segments,
        source: SELF,
        signingKey: signed ? signingKey : undefined,
      });
      const srh = Buffer.from(header.subarray(40));
      srh[0] = 41;
      const outer = between(segments[0] ?? "", frame);
      expect({ reason, frame }).toEqual({
        reason: "encapsulated",
        frame: outer.raw(43, Buffer.concat([srh, inner.packet()])).frame(),
      });
    }
  });

  test("with a flow label that is the flow's, spread over all values, and never zero", () => {
    onto("encap");
    const label = (sourcePort: number) => labelOf(host.out(to().udp(53, undefined, sourcePort).frame()).frame);
    const ports = Array.from({ length: 1000 }, (_, i) => 20_000 + i);
    const labels = ports.map(label);
    expect(ports.map(label)).toEqual(labels);
    expect(new Set(labels).size).toBeGreaterThan(990);
    expect(labels).not.toContain(0);
    expect(labels.filter((value) => value & 0x80000).length).toBeGreaterThan(400);
  });

  test("one carrier needs no SRH, whatever is inside", () => {
    onto("encap", sids("2001:db8:1:2:3::"));
    const outcome = host.out(ethernet(ipv4Packet("192.0.2.1", "203.0.113.1"), 0x0800));
    const expected = between("2001:db8:1:2:3::", outcome.frame).raw(4, ipv4Packet("192.0.2.1", "203.0.113.1")).frame();
    expect(outcome).toMatchObject({ reason: "encapsulated", frame: expected });
    expect(outcome.frame.subarray(38, 54)).toEqual(Buffer.from(ipv6ToBytes(ipv6("2001:db8:1:2:3::"))));
  });
});
