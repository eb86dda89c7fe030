import { ipv6Prefix } from "@sextant/model";
import { ipv4Packet } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import { list, policy, prefix, rule, SELF, sids, SteeringHost } from "./steering";

const PEER = "2001:db8:b::1";
const PREFIX = "2001:db8:b::/48";
const UDP = 17;
const fill = (bytes: number) => new Uint8Array(bytes).fill(7);

let host: SteeringHost;

beforeAll(() => {
  host = SteeringHost.open();
  for (const key of [1n, 2n]) {
    const segments = sids(`2001:db8:ffff:${key}::`, "2001:db8:ff46::");
    host.plane.putList(key, list(host.uplink, { encapsulation: "encap", segments }));
    host.plane.putPolicy(key, policy([key]));
  }
  host.plane.putList(3n, list(host.uplink, { encapsulation: "insert", segments: sids("2001:db8:ffff:3::") }));
  host.plane.putPolicy(3n, policy([3n]));
});

afterAll(() => host.close());

beforeEach(() => {
  host.steer(PREFIX, { policy: 1n });
});

const packet = (sourcePort = 40_000) => PacketBuilder.between(SELF, PEER).udp(53, undefined, sourcePort).frame();

/** Which list a frame takes, by its first segment; its reason when it takes none. */
function taken(frame: Buffer, skb = {}): number | string {
  const outcome = host.out(frame, skb);
  return /^(encapsulated|inserted)$/.test(outcome.reason) ? outcome.frame.readUInt16BE(44) : outcome.reason;
}

describe("the next packet of a running flow follows", () => {
  beforeEach(() => {
    expect([taken(packet()), taken(packet())]).toEqual([1, 1]);
  });

  test("a rule that was replaced", () => {
    host.steer(PREFIX, { policy: 2n });
    expect(taken(packet())).toBe(2);
  });

  test("a better rule that was put before it", () => {
    host.steer(PREFIX, { policy: 2n, ports: { first: 53, last: 53 } }, { policy: 1n });
    expect(taken(packet())).toBe(2);
  });

  test("a better rule of a shorter prefix around it", () => {
    host.plane.putDestination(prefix("2001:db8::/32"), {
      rules: [rule({ policy: 2n, rank: 99n })],
      packetBytesMax: undefined,
    });
    expect(taken(packet())).toBe(2);
    host.plane.deleteDestination(prefix("2001:db8::/32"));
    expect(taken(packet())).toBe(1);
  });

  test("no rule any more", () => {
    host.plane.deleteDestination(prefix(PREFIX));
    expect(taken(packet())).toBe("no_match");
    host.steer(PREFIX, { policy: 2n });
    expect(taken(packet())).toBe(2);
  });

  test("another list of its policy", () => {
    host.plane.putPolicy(1n, policy([2n]));
    expect(taken(packet())).toBe(2);
    host.plane.putPolicy(1n, policy([1n]));
  });

  test("the sources that are trusted now", () => {
    host.steer(PREFIX, { policy: 3n });
    expect(taken(packet())).toBe(3);
    host.plane.deleteDomainSource(ipv6Prefix("2001:db8:a::/48"));
    expect(taken(packet())).toBe("source_foreign");
    host.plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
    expect(taken(packet())).toBe(3);
  });
});

test("far more flows than are remembered all go where they should", () => {
  const even = Array.from({ length: 15_000 }, (_, i) => 2 * i);
  host.steer(
    PREFIX,
    ...[0, 1, 2, 3].map((i) => ({
      policy: BigInt((i % 2) + 1),
      sourcePorts: { first: i * 10_000, last: i * 10_000 + 9_999 },
    })),
  );
  const expected = even.map((port) => (Math.floor(port / 10_000) % 2) + 1);
  const took = () => even.map((port) => host.passed(packet(port)).readUInt16BE(44));
  expect(took()).toEqual(expected);
  expect(took()).toEqual(expected);
});

test("what differs in one field only is another flow", () => {
  host.steer(
    PREFIX,
    { policy: 2n, dscp: 46 },
    { policy: 2n, sourcePorts: { first: 7, last: 7 } },
    { policy: 2n, protocol: 6 },
    { policy: 1n },
  );
  const to = () => PacketBuilder.between(SELF, PEER);
  const frames = [
    to().udp(53),
    to()
      .trafficClass(46 << 2)
      .udp(53),
    to().udp(53, undefined, 7),
    to().tcp(53),
    to().trafficClass(3).udp(53),
  ];
  for (let round = 0; round < 3; round++) expect(frames.map((frame) => taken(frame.frame()))).toEqual([1, 2, 2, 2, 1]);
});

describe("where a socket was asked", () => {
  test("packets of others ask again, by user", () => {
    host.steer(PREFIX, { policy: 2n, uid: process.getuid?.() ?? 0 }, { policy: 1n });
    // A test run has a socket of its own each time, of the user who runs it; a forwarded packet has none.
    for (let round = 0; round < 3; round++) {
      expect([taken(packet()), taken(packet(), { ingressIfindex: host.otherUplink })]).toEqual([2, 1]);
    }
  });
});

describe("the fragments of a datagram follow its first one", () => {
  const six = (offset: number, more: boolean, id: number, port = 53) => {
    const whole = PacketBuilder.between(SELF, PEER);
    const fragment = whole.fragment(offset, more, id);
    return (offset === 0 ? fragment.udp(port, fill(24)) : fragment.raw(UDP, fill(24))).frame();
  };
  const four = (offset: number, more: boolean, id: number, port = 53) => {
    const payload = Buffer.alloc(32);
    payload.writeUInt16BE(40_000, 0);
    payload.writeUInt16BE(port, 2);
    const patch = { 4: id >> 8, 5: id & 0xff, 6: (more ? 0x20 : 0) | (offset >> 8), 7: offset & 0xff };
    return ethernet(
      ipv4Packet("192.0.2.1", "203.0.113.1", { payload: offset === 0 ? payload : fill(32), patch }),
      0x0800,
    );
  };

  test.each([
    ["IPv6", PREFIX, six],
    ["IPv4", "203.0.113.0/24", four],
  ] as const)("%s", (_family, destination, fragment) => {
    host.steer(
      destination,
      { policy: 2n, ports: { first: 53, last: 53 } },
      { policy: 1n, ports: { first: 54, last: 54 } },
    );
    expect(taken(fragment(4, true, 1))).toBe("no_match"); // overtakes its first one
    expect([fragment(0, true, 1), fragment(4, true, 1), fragment(8, false, 1)].map((frame) => taken(frame))).toEqual([
      2, 2, 2,
    ]);
    expect(
      [fragment(0, true, 2, 54), fragment(4, false, 2), fragment(12, false, 1)].map((frame) => taken(frame)),
    ).toEqual([1, 1, 2]);
    expect(taken(fragment(4, true, 3))).toBe("no_match");
  });

  test("and carry its flow label", () => {
    const labels = [six(0, true, 7), six(4, false, 7)].map((frame) => host.out(frame).frame.readUInt32BE(14));
    expect(labels[1]).toBe(labels[0]);
  });
});
