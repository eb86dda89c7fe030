import { ipv6 } from "./ipv6";
import { decodeSrh, encodeSrh, type SrhFault } from "./srh";

const first = ipv6("2001:db8:1::");
const second = ipv6("2001:db8:2::");
const header = { nextHeader: 17, segmentsLeft: 1, flags: 0, tag: 0x0102, segments: [first, second] };

/** A sound two-segment header with some bytes replaced. */
function mutated(changes: Record<number, number>): Uint8Array {
  const bytes = encodeSrh(header);
  for (const [index, value] of Object.entries(changes)) bytes[Number(index)] = value;
  return bytes;
}

describe("Segment Routing Header", () => {
  test("fixed fields, then the list reversed", () => {
    const bytes = encodeSrh(header);
    expect([...bytes.subarray(0, 8)]).toEqual([17, 4, 4, 1, 1, 0, 1, 2]);
    expect([...bytes.subarray(8, 16)]).toEqual([0x20, 0x01, 0x0d, 0xb8, 0, 2, 0, 0]);
    expect([...bytes.subarray(24, 32)]).toEqual([0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0]);
    expect(bytes).toHaveLength(40);
  });

  test("TLVs stand behind the list and are read back", () => {
    const tlvs = [
      { type: 0, value: new Uint8Array() },
      { type: 4, value: new Uint8Array(2) },
      { type: 200, value: Uint8Array.of(7) },
    ];
    const bytes = encodeSrh({ ...header, tlvs });
    expect([...bytes.subarray(40)]).toEqual([0, 4, 2, 0, 0, 200, 1, 7]);
    expect(decodeSrh(bytes)).toEqual({ ...header, tlvs });
  });

  test("TLVs that do not end on eight bytes are refused", () => {
    expect(() => encodeSrh({ ...header, tlvs: [{ type: 4, value: new Uint8Array(3) }] })).toThrow(RangeError);
  });

  test("bytes behind the header are left alone", () => {
    expect(decodeSrh(Uint8Array.from([...encodeSrh(header), 1, 2, 3]))).toEqual(header);
  });

  test("the reduced form has one more segment left than entries", () => {
    const reduced = { ...header, segments: [first], segmentsLeft: 1 };
    expect(decodeSrh(encodeSrh(reduced))).toEqual(reduced);
  });

  test.each<[SrhFault, string, Uint8Array]>([
    ["truncated", "no fixed part", encodeSrh(header).subarray(0, 7)],
    ["truncated", "list cut short", encodeSrh(header).subarray(0, 39)],
    ["routing_type", "type 0", mutated({ 2: 0 })],
    ["header_length", "no room for a segment", mutated({ 1: 1 })],
    ["last_entry", "more entries than the length has room for", mutated({ 4: 2 })],
    ["segments_left", "beyond the list and its reduced form", mutated({ 3: 3 })],
    ["tlv", "a TLV longer than the header", mutated({ 4: 0, 3: 0, 24: 5, 25: 15 })],
    ["tlv", "a TLV without its length", mutated({ 4: 0, 3: 0, 24: 4, 25: 12, 38: 0, 39: 4 })],
  ])("%s: %s", (fault, _, bytes) => {
    expect(decodeSrh(bytes)).toEqual({ fault });
  });

  test.each([0, 128])("%i segments do not fit", (count) => {
    expect(() => encodeSrh({ ...header, segments: Array(count).fill(first) as (typeof first)[] })).toThrow(RangeError);
  });
});
