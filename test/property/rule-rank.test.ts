import { type IpPrefix, parseIpPrefix, type PortRange } from "@sextant/model";
import fc from "fast-check";
import { compareRules, mappedLength, rankOf, type Specificity } from "../../packages/agent/src/reconcile/precedence";

/** Ports from few bounds, so that equal and nested ranges are common. */
const ports = fc.option(
  fc
    .tuple(fc.constantFrom(0, 1, 80, 443, 1_023, 65_535), fc.constantFrom(0, 1, 2, 80, 443, 1_024, 65_535))
    .map(([a, b]): PortRange => ({ first: Math.min(a, b), last: Math.max(a, b) })),
  { nil: undefined },
);
const prefix = fc
  .constantFrom(
    "::/0",
    "2001:db8::/32",
    "2001:db8:1::/48",
    "2001:db8::1/128",
    "0.0.0.0/0",
    "192.0.2.0/24",
    "192.0.2.1/32",
  )
  .map((text) => parseIpPrefix(text) as IpPrefix);
const maybe = <T>(value: T) => fc.constantFrom(undefined, value);

const rules: fc.Arbitrary<Specificity> = fc.record({
  priority: fc.constantFrom(0, 1, 100, 65_535),
  cgroup: fc.option(fc.record({ id: fc.constant(1n), level: fc.constantFrom(1, 2, 5, 63) }), { nil: undefined }),
  executable: maybe({ device: 1, inode: 1n }),
  uid: maybe(0),
  ports,
  sourcePorts: ports,
  protocol: maybe(17),
  dscp: maybe(0),
  source: fc.option(prefix, { nil: undefined }),
  destination: prefix,
});

/** The order as it is documented, criterion by criterion: higher comes first. */
function criteria(rule: Specificity): number[] {
  const width = (range: PortRange | undefined) => (range === undefined ? 65_537 : range.last - range.first + 1);
  const halvings = (range: PortRange | undefined) =>
    range === undefined ? -1 : 16 - Math.ceil(Math.log2(width(range)));
  return [
    rule.priority,
    rule.cgroup?.level ?? 0,
    Number(rule.executable !== undefined),
    Number(rule.uid !== undefined),
    -width(rule.ports),
    halvings(rule.sourcePorts),
    Number(rule.protocol !== undefined),
    Number(rule.dscp !== undefined),
    rule.source === undefined ? 0 : mappedLength(rule.source),
    mappedLength(rule.destination),
  ];
}

function naiveOrder(a: Specificity, b: Specificity): number {
  const [left, right] = [criteria(a), criteria(b)];
  const first = left.findIndex((value, index) => value !== right[index]);
  return first < 0 ? 0 : (right[first] ?? 0) - (left[first] ?? 0);
}

test("ranks are 64-bit numbers in the documented order", () => {
  fc.assert(
    fc.property(rules, rules, (a, b) => {
      const [x, y] = [rankOf(a), rankOf(b)];
      expect(x >= 0n && x < 1n << 64n).toBe(true);
      expect(Math.sign(Number(y > x) - Number(y < x))).toBe(Math.sign(naiveOrder(a, b)));
    }),
    { numRuns: 5_000 },
  );
});

test("names decide between equal ranks only", () => {
  const names = fc.record({
    rank: fc.bigInt(0n, 3n),
    intent: fc.constantFrom("a", "b"),
    policyKey: fc.constantFrom("x", "y"),
  });
  fc.assert(
    fc.property(fc.array(names, { maxLength: 12 }), (some) => {
      const sorted = [...some].sort(compareRules);
      for (const [index, one] of sorted.entries()) {
        const next = sorted[index + 1] ?? one;
        expect(one.rank > next.rank || (one.rank === next.rank && one.intent <= next.intent)).toBe(true);
      }
    }),
  );
});
