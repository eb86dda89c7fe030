// Round trips of the model's codecs on generated values, and totality on arbitrary bytes and text.
import {
  ADJACENCY_FUNCTION_MAX,
  ADJACENCY_FUNCTION_MIN,
  adjacencySid,
  DECAPSULATION_FUNCTION,
  decapsulationSid,
  decodeSid,
  decodeSrh,
  encodeSrh,
  hostPrefix,
  ipPrefixCovers,
  ipFromBytes,
  ipToBytes,
  type IpPrefix,
  ipv6FromBytes,
  ipv6Prefix,
  ipv6ToBytes,
  NODE_ID_MAX,
  NODE_ID_MIN,
  nodeLocator,
  mappedAddress,
  mappedPrefix,
  nodeSid,
  packCarriers,
  parseDocuments,
  parseIp,
  parseIpPrefix,
  parseIpv6,
  parseIpv6Prefix,
  prefixCovers,
  prefixParts,
  unmappedAddress,
  unmappedPrefix,
  unpackCarrier,
} from "@sextant/model";
import fc from "fast-check";

const block = ipv6Prefix("fcbb:bb00::/32");
const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 });
/** Addresses with runs of zeros, where the text form has its corner cases. */
const sparse16 = fc
  .array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 })
  .map((values) => Uint8Array.from(values));
const address = fc.oneof(bytes16, sparse16).map(ipv6FromBytes);
const byte = fc.integer({ min: 0, max: 255 });

test("an address survives text and bytes, and its text is canonical", () => {
  fc.assert(
    fc.property(fc.oneof(bytes16, sparse16), (bytes) => {
      const text = ipv6FromBytes(bytes);
      expect(ipv6ToBytes(text)).toEqual(bytes);
      expect(parseIpv6(text)).toBe(text);
      expect(parseIpv6(text.toUpperCase())).toBe(text);
    }),
  );
});

test("the prefix of an address at any length contains it and no address that differs within the length", () => {
  fc.assert(
    fc.property(bytes16, fc.integer({ min: 1, max: 128 }), fc.nat(), (bytes, length, pick) => {
      const masked = bytes.map((value, i) => value & (0xff << (8 - Math.min(8, Math.max(0, length - 8 * i)))));
      const prefix = ipv6Prefix(`${ipv6FromBytes(masked)}/${length}`);
      expect(prefixParts(prefix)).toEqual({ address: ipv6FromBytes(masked), length });
      expect(prefixCovers(prefix, hostPrefix(ipv6FromBytes(bytes)))).toBe(true);
      const bit = pick % length;
      const flipped = bytes.map((value, i) => (i === bit >> 3 ? value ^ (0x80 >> (bit & 7)) : value));
      expect(prefixCovers(prefix, hostPrefix(ipv6FromBytes(flipped)))).toBe(false);
    }),
  );
});

test("a SID says what it was made for, and lies in its node's locator", () => {
  const nodeId = fc.integer({ min: NODE_ID_MIN, max: NODE_ID_MAX });
  const adjacency = fc
    .integer({ min: ADJACENCY_FUNCTION_MIN, max: ADJACENCY_FUNCTION_MAX })
    .filter((sidFunction) => sidFunction !== DECAPSULATION_FUNCTION);
  fc.assert(
    fc.property(nodeId, adjacency, (node, sidFunction) => {
      expect(decodeSid(block, nodeSid(block, node))).toEqual({ kind: "node", nodeId: node });
      expect(decodeSid(block, decapsulationSid(block, node))).toEqual({ kind: "decapsulation", nodeId: node });
      const sid = adjacencySid(block, node, sidFunction);
      expect(decodeSid(block, sid)).toEqual({ kind: "adjacency", nodeId: node, function: sidFunction });
      expect(prefixCovers(nodeLocator(block, node), hostPrefix(sid))).toBe(true);
    }),
  );
});

test("an SRH survives the wire", () => {
  const header = fc
    .record({
      nextHeader: byte,
      flags: byte,
      tag: fc.integer({ min: 0, max: 0xffff }),
      segments: fc.array(address, { minLength: 1, maxLength: 20 }),
      left: fc.nat(),
    })
    .map(({ left, ...rest }) => ({ ...rest, segmentsLeft: left % (rest.segments.length + 1) }));
  fc.assert(fc.property(header, (srh) => expect(decodeSrh(encodeSrh(srh))).toEqual(srh)));
});

test("any bytes are an SRH that encodes to themselves, or a named fault", () => {
  const nearlySrh = fc
    .tuple(
      byte,
      fc.integer({ min: 0, max: 8 }),
      fc.constantFrom(4, 4, 4, 0),
      byte,
      fc.nat(4),
      fc.uint8Array({ maxLength: 80 }),
    )
    .map(([next, length, type, left, last, rest]) => Uint8Array.from([next, length, type, left % 6, last, ...rest]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), nearlySrh), (bytes) => {
      const decoded = decodeSrh(bytes);
      const again = "fault" in decoded ? decoded.fault : encodeSrh(decoded);
      const expected = "fault" in decoded ? decoded.fault : bytes.subarray(0, again.length);
      expect(again).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});

test("any text is an address, a prefix or undefined: never a throw", () => {
  const addressLike = fc.string({ unit: fc.constantFrom(...Array.from("0123456789abcdefABCDEF:./% ")), maxLength: 50 });
  fc.assert(
    fc.property(fc.oneof(fc.string(), addressLike), (text) => {
      const parsed = parseIpv6(text);
      expect(parsed === undefined || parseIpv6(parsed) === parsed).toBe(true);
      const prefix = parseIpv6Prefix(text);
      expect(prefix === undefined || parseIpv6Prefix(prefix) === prefix).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test("the /128 of an address reads back", () => {
  fc.assert(fc.property(address, (value) => expect(parseIpv6Prefix(hostPrefix(value))).toBe(hostPrefix(value))));
});

describe("documents", () => {
  const sound = `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: web, labels: {tier: gold}}
spec:
  from: {hosts: [a]}
  to: {prefixes: ["2001:db8::/32"]}
  application: {protocol: tcp, ports: ["80", "8000-8100"]}
  objective: {minimize: delay}
  constraints: {maxDelayMs: 20, avoid: {nodes: [x]}, via: [{node: y}]}
`;
  const lines = sound.split("\n").length;

  test("a sound document with one piece cut out or replaced gives a document or issues inside the file", () => {
    const edit = fc.tuple(
      fc.nat(sound.length),
      fc.nat(30),
      fc.oneof(
        fc.string({ maxLength: 6 }),
        fc.constantFrom("", "\t", "&a ", "*a", "{", "}", "[", "---\n", "!!set ", "__proto__: 1", ".nan", "\0"),
      ),
    );
    fc.assert(
      fc.property(edit, ([start, cut, insert]) => {
        const text = sound.slice(0, start) + insert + sound.slice(start + cut);
        const { documents, issues } = parseDocuments("f.yaml", text);
        const limit = lines + insert.split(/\r\n?|\n/).length;
        const misplaced = issues.filter(({ at }) => at.line < 1 || at.line > limit || at.column < 1);
        expect(misplaced).toEqual([]);
        const keys = issues.map(({ at }) => at.line * 1_000 + at.column);
        expect(keys).toEqual([...keys].sort((a, b) => a - b));
        expect(documents.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 2_000 },
    );
  });

  test("any text is read without a throw", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(Array.isArray(parseDocuments("f.yaml", text).issues)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("both families", () => {
  const bytes4 = fc.uint8Array({ minLength: 4, maxLength: 4 });

  test("an IPv4 address survives text, bytes and its mapped form", () => {
    fc.assert(
      fc.property(bytes4, (bytes) => {
        const text = ipFromBytes(bytes);
        expect(parseIp(text)).toBe(text);
        expect(ipToBytes(text)).toEqual(bytes);
        expect(unmappedAddress(mappedAddress(text))).toBe(text);
      }),
    );
  });

  test("a prefix of either family survives its mapped form, and covers exactly as the mapped ones do", () => {
    const masked = (bytes: Uint8Array, length: number) =>
      bytes.map((value, i) => value & (0xff << (8 - Math.min(8, Math.max(0, length - 8 * i)))) & 0xff);
    const prefix = (bytes: fc.Arbitrary<Uint8Array>, max: number): fc.Arbitrary<IpPrefix> =>
      fc
        .tuple(bytes, fc.integer({ min: 0, max }))
        .map(([value, length]) => `${ipFromBytes(masked(value, length))}/${length}` as IpPrefix);
    const narrow4 = fc
      .array(fc.constantFrom(0, 10, 255), { minLength: 4, maxLength: 4 })
      .map((v) => Uint8Array.from(v));
    const either = fc.oneof(prefix(narrow4, 32), prefix(sparse16, 128));
    fc.assert(
      fc.property(either, either, (outer, inner) => {
        for (const each of [outer, inner]) {
          expect(parseIpPrefix(each)).toBe(each);
          expect(unmappedPrefix(mappedPrefix(each))).toBe(each);
        }
        const sameFamily = outer.includes(":") === inner.includes(":");
        const mapped = prefixCovers(mappedPrefix(outer), mappedPrefix(inner));
        expect(ipPrefixCovers(outer, inner)).toBe(sameFamily && mapped);
      }),
    );
  });
});

test("carriers hold their SIDs, in order, and nothing else", () => {
  const nodeId = fc.integer({ min: NODE_ID_MIN, max: NODE_ID_MAX });
  const link = fc
    .integer({ min: ADJACENCY_FUNCTION_MIN, max: ADJACENCY_FUNCTION_MAX })
    .filter((value) => value !== DECAPSULATION_FUNCTION);
  const sid = fc.oneof(
    nodeId.map((id) => nodeSid(block, id)),
    fc.tuple(nodeId, link).map(([id, value]) => adjacencySid(block, id, value)),
    nodeId.map((id) => decapsulationSid(block, id)),
  );
  fc.assert(
    fc.property(fc.array(sid, { maxLength: 20 }), (sids) => {
      const carriers = packCarriers([block], sids);
      expect(carriers.flatMap((carrier) => unpackCarrier(block, carrier))).toEqual(sids);
      expect(carriers.length).toBeLessThanOrEqual(sids.length);
    }),
  );
  fc.assert(
    fc.property(bytes16, (bytes) => {
      const start = Uint8Array.from([0xfc, 0xbb, 0xbb, 0x00, ...bytes.subarray(4)]);
      const sids = unpackCarrier(block, ipv6FromBytes(start));
      expect(sids === undefined || sids.every((each) => decodeSid(block, each) !== undefined)).toBe(true);
    }),
  );
});
