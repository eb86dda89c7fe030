import { ipv6, type Sid } from "@sextant/model";
import { headerBytes } from "../reconcile/header-bytes";
import { headerSegments } from "../state/header-segments";
import { headerFields } from "./header-fields";

const sid = (text: string) => ipv6(text) as Sid;
const SEGMENTS = [sid("2001:db8:1::"), sid("2001:db8:2::"), sid("2001:db8:3::")];
const SOURCE = ipv6("2001:db8:a::1");
const KEY = { id: 7, secret: Buffer.from("secret") };

test.each([
  ["insert", SEGMENTS, undefined, 72, ["segment list [0]", "segment list [3]"]],
  ["encap", SEGMENTS, undefined, 80, ["destination", "segment list [1]"]],
  ["encap-full", SEGMENTS, undefined, 96, ["destination", "segment list [2]"]],
  ["encap", SEGMENTS.slice(0, 1), undefined, 40, ["destination"]],
  ["encap", SEGMENTS, KEY, 120, ["TLV type", "HMAC key id", "HMAC"]],
] as const)(
  "%s of %j: every byte has a name, and the segments are read back",
  (wanted, segments, signingKey, length, named) => {
    const { header, firstSegment } = headerBytes({ encapsulation: wanted, segments, source: SOURCE, signingKey });
    const encapsulation = wanted === "insert" ? "insert" : "encap";
    const fields = headerFields(header, encapsulation);
    expect(header).toHaveLength(length);
    expect(fields.map(({ hex }) => hex).join("")).toBe(Buffer.from(header).toString("hex"));
    expect(fields.map(({ field }) => field)).toEqual(expect.arrayContaining([...named]));
    const list = {
      encapsulation,
      header,
      firstSegment,
      nextHop: { ifindex: 1, gateway: undefined },
      mtu: 1_500,
      nonce: 1n,
    } as const;
    expect(headerSegments(list)).toEqual(segments);
  },
);

test("bytes that end too early are shown as far as they go", () => {
  expect(headerFields(Uint8Array.of(17, 4, 4), "insert").map(({ value }) => value)).toEqual([
    "17: UDP",
    "4: 40 bytes",
    "4: segment routing",
    "missing",
    "missing",
    "missing",
    "missing",
  ]);
});
