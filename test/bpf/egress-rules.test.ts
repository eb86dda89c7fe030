import { type IpPrefix, ipPrefixCovers, parseIp, addressPrefix } from "@sextant/model";
import fc from "fast-check";
import type { KernelRule } from "../../packages/agent/src/reconcile/data-plane";
import { ipv4Packet } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import { list, policy, prefix, rule, sids, SteeringHost } from "./steering";

const POLICIES = 8;
const COUNTERS_UNTOUCHED = undefined;

let host: SteeringHost;

beforeAll(() => {
  host = SteeringHost.open();
  for (let i = 1n; i <= POLICIES; i++) {
    const segments = sids(`2001:db8:ffff:${i}::`, "2001:db8:ff46::");
    host.plane.putList(i, list(host.uplink, { encapsulation: "encap", segments }));
    host.plane.putPolicy(i, policy([i]));
  }
});

afterAll(() => host.close());

/** What a rule can ask of a packet; addresses of one family. */
interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly port: number;
  readonly dscp: number;
}

const V6 = ["::/0", "2001:db8::/32", "2001:db8:b::/48", "2001:db8:b::/64", "2001:db8:b::8/125", "2001:db8:b::9/128"];
const V4 = ["0.0.0.0/0", "198.51.100.0/24", "198.51.100.8/29", "198.51.100.9/32"];
const hosts = {
  6: ["2001:db8:b::9", "2001:db8:b::a", "2001:db8:b:1::1", "2001:db8:c::1"],
  4: ["198.51.100.9", "198.51.100.10", "198.51.100.77", "203.0.113.1"],
};
const ports = fc.tuple(fc.nat(6), fc.nat(6)).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: COUNTERS_UNTOUCHED, freq: 2 });

const fields = fc.record({
  protocol: maybe(fc.constantFrom(6, 17, 1)),
  source: maybe(fc.constantFrom(...V6, ...V4).map(prefix)),
  sourcePorts: maybe(ports),
  ports: maybe(ports),
  dscp: maybe(fc.constantFrom(0, 46)),
  uid: fc.option(fc.constant(4711), { nil: undefined, freq: 6 }),
});
const tables = fc.uniqueArray(
  fc.record({ destination: fc.constantFrom(...V6, ...V4), rules: fc.array(fields, { minLength: 1, maxLength: 6 }) }),
  { selector: ({ destination }) => destination, minLength: 1, maxLength: 8 },
);
const packets = fc.constantFrom(4 as const, 6 as const).chain((family) =>
  fc.record({
    source: fc.constantFrom(...hosts[family]),
    destination: fc.constantFrom(...hosts[family]),
    protocol: fc.constantFrom(6, 17, 1),
    sourcePort: fc.nat(7),
    port: fc.nat(7),
    dscp: fc.constantFrom(0, 46, 3),
  }),
);

const within = (outer: IpPrefix, address: string) => {
  const parsed = parseIp(address);
  return parsed !== undefined && ipPrefixCovers(outer, addressPrefix(parsed));
};

const inRange = (range: KernelRule["ports"], port: number, packet: Packet) =>
  range === undefined || (packet.protocol !== 1 && port >= range.first && port <= range.last);

/** The rule that the packet follows, found by asking them all. */
function oracle(rules: ReadonlyMap<IpPrefix, readonly KernelRule[]>, packet: Packet): KernelRule | undefined {
  return [...rules]
    .filter(([destination]) => within(destination, packet.destination))
    .flatMap(([, found]) => found)
    .filter(
      (found) =>
        (found.protocol === undefined || found.protocol === packet.protocol) &&
        (found.source === undefined || within(found.source, packet.source)) &&
        inRange(found.sourcePorts, packet.sourcePort, packet) &&
        inRange(found.ports, packet.port, packet) &&
        (found.dscp === undefined || found.dscp === packet.dscp) &&
        found.uid === undefined, // Forwarded packets have no socket.
    )
    .sort((a, b) => (a.rank < b.rank ? 1 : -1))[0];
}

function frameOf({ source, destination, protocol, sourcePort, port, dscp }: Packet): Buffer {
  const payload = Buffer.alloc(24);
  payload.writeUInt16BE(sourcePort, 0);
  payload.writeUInt16BE(port, 2);
  if (source.includes(":")) {
    return PacketBuilder.between(source, destination)
      .trafficClass(dscp << 2)
      .raw(protocol, payload)
      .frame();
  }
  return ethernet(ipv4Packet(source, destination, { tos: dscp << 2, protocol, payload }), 0x0800);
}

/** Which policy the packet took, by the first segment on it. */
function followed(packet: Packet): bigint | undefined {
  const { reason, frame } = host.out(frameOf(packet), { ingressIfindex: host.otherUplink });
  return reason === "encapsulated" ? BigInt(`0x${frame.subarray(44, 46).toString("hex")}`) : undefined;
}

test("any packet follows the rule that a search of all rules finds, now and once remembered", () => {
  fc.assert(
    fc.property(
      tables,
      fc.array(packets, { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      (table, sent, order) => {
        for (const destination of host.plane.destinations().keys()) host.plane.deleteDestination(destination);
        const rules = new Map<IpPrefix, KernelRule[]>();
        let count = 0;
        for (const { destination, rules: wanted } of table) {
          const made = wanted.map((some) => {
            const rank = (BigInt(order.next().value as number) << 16n) + BigInt(++count);
            return rule({ ...some, rank, policy: BigInt((count % POLICIES) + 1) });
          });
          rules.set(
            prefix(destination),
            made.sort((a, b) => (a.rank < b.rank ? 1 : -1)),
          );
        }
        for (const [destination, found] of rules)
          host.plane.putDestination(destination, { rules: found, packetBytesMax: undefined });
        const expected = sent.map((packet) => oracle(rules, packet)?.policy);
        expect(sent.map(followed)).toEqual(expected);
        expect(sent.map(followed)).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});

describe("a table with many rules", () => {
  const packet = { source: "2001:db8:c::1", destination: "2001:db8:b::9", protocol: 17, sourcePort: 1, dscp: 0 };

  test("finds the last of 5,000 rules of a prefix", () => {
    for (const destination of host.plane.destinations().keys()) host.plane.deleteDestination(destination);
    const rules = Array.from({ length: 5000 }, (_, i) =>
      rule({ rank: BigInt(10_000 - i), policy: BigInt((i % POLICIES) + 1), ports: { first: i, last: i } }),
    );
    host.plane.putDestination(prefix("2001:db8:b::/48"), { rules, packetBytesMax: undefined });
    expect([0, 1, 4998, 4999, 5000].map((port) => followed({ ...packet, port }))).toEqual([1n, 2n, 7n, 8n, undefined]);
  });
});
