import { decodeSrh, type Encapsulation, HMAC_TLV_BYTES, ipv6, isSignedBy, type Sid, type Srh } from "@sextant/model";
import fc from "fast-check";
import { headerBytes } from "./header-bytes";

const source = ipv6("2001:db8:a::1");
const [one, two, three] = ["2001:db8:ffff:1::", "2001:db8:ffff:2::", "2001:db8:ffff:b:ff46::"].map(
  (text) => ipv6(text) as Sid,
) as [Sid, Sid, Sid];
const key = { id: 0x01020304, secret: Buffer.from("correct horse") };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** The outer header of every encapsulated list here: version 6, our source, the first segment. */
const outer = (next: string) =>
  `6000000000 00 ${next} 00 20010db8000a00000000000000000001 20010db8ffff0001${"0".repeat(16)}`;

test.each<[string, Encapsulation, readonly Sid[], string]>([
  [
    "insert: one entry more than segments, for the packet's destination",
    "insert",
    [one, two],
    `00 06 04 02 02 00 0000 ${"0".repeat(32)} 20010db8ffff0002${"0".repeat(16)} 20010db8ffff0001${"0".repeat(16)}`,
  ],
  [
    "encap: the first segment is in the destination alone",
    "encap",
    [one, two],
    `${outer("2b")} 00 02 04 01 00 00 0000 20010db8ffff0002${"0".repeat(16)}`,
  ],
  ["encap: one segment is no SRH", "encap", [one], outer("00")],
  [
    "encap-full: every segment",
    "encap-full",
    [one, two],
    `${outer("2b")} 00 04 04 01 01 00 0000 20010db8ffff0002${"0".repeat(16)} 20010db8ffff0001${"0".repeat(16)}`,
  ],
  [
    "encap-full: one segment, too",
    "encap-full",
    [one],
    `${outer("2b")} 00 02 04 00 00 00 0000 20010db8ffff0001${"0".repeat(16)}`,
  ],
])("%s", (_sentence, encapsulation, segments, expected) => {
  const made = headerBytes({ encapsulation, segments, source, signingKey: undefined });
  expect(hex(made.header)).toBe(expected.replaceAll(" ", ""));
  expect(made.firstSegment).toBe(one);
});

describe("a signed list", () => {
  // Digests made with Python's hmac and hashlib.
  test.each<[Encapsulation, string, string]>([
    ["encap", "8000", "a237a2823fccbf10179287e8e9a6523bba2cbe2e170862f2b328ba0f1af9c8d5"],
    ["encap-full", "0000", "4ad584ec030575a4129bbbd0601a14695ca35b91b712c6084af1406ae201965e"],
  ])("%s ends in a TLV whose digest another implementation made", (encapsulation, reduced, digest) => {
    const { header } = headerBytes({ encapsulation, segments: [one, two, three], source, signingKey: key });
    expect(hex(header.subarray(-HMAC_TLV_BYTES))).toBe(`0526${reduced}01020304${digest}`);
    expect(header[45]).toBe(0x08);
  });

  test("has an SRH to be signed even with a single segment", () => {
    const { header } = headerBytes({ encapsulation: "encap", segments: [one], source, signingKey: key });
    const srh = decodeSrh(header.subarray(40)) as Srh;
    expect(srh).toMatchObject({ segmentsLeft: 0, segments: [one] });
    expect(isSignedBy(srh, source, key)).toBe(true);
  });

  test("is no inserted one", () => {
    expect(() => headerBytes({ encapsulation: "insert", segments: [one], source, signingKey: key })).toThrow(
      RangeError,
    );
  });
});

test("without a segment there is no header", () => {
  expect(() => headerBytes({ encapsulation: "encap", segments: [], source, signingKey: undefined })).toThrow(
    RangeError,
  );
});

describe("any list", () => {
  const sid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => ipv6(groups(bytes)) as Sid);
  const secret = fc.uint8Array({ minLength: 1, maxLength: 64 });

  test("is read back from the bytes, first segment in the destination, signature right", () => {
    fc.assert(
      fc.property(
        fc.array(sid, { minLength: 1, maxLength: 15 }),
        fc.constantFrom<Encapsulation>("insert", "encap", "encap-full"),
        fc.option(secret, { nil: undefined }),
        fc.integer({ min: 1, max: 0xffffffff }),
        (segments, encapsulation, bytes, id) => {
          const signingKey = bytes === undefined || encapsulation === "insert" ? undefined : { id, secret: bytes };
          const { header } = headerBytes({ encapsulation, segments, source, signingKey });
          expect(travelled(header, encapsulation, signingKey)).toEqual(segments);
        },
      ),
    );
  });
});

/** The segments in the order in which a packet with this header visits them. */
function travelled(
  header: Uint8Array,
  encapsulation: Encapsulation,
  key: { id: number; secret: Uint8Array } | undefined,
) {
  if (encapsulation === "insert") return (decodeSrh(header) as Srh).segments.slice(0, -1);
  const destination = ipv6(groups(header.subarray(24, 40)));
  if (header.length === 40) return [destination];
  const srh = decodeSrh(header.subarray(40)) as Srh;
  expect(key === undefined || isSignedBy(srh, source, key)).toBe(true);
  return srh.segmentsLeft === srh.segments.length ? [destination, ...srh.segments] : srh.segments;
}

function groups(bytes: Uint8Array): string {
  return (hex(bytes).match(/.{4}/g) ?? []).join(":");
}
