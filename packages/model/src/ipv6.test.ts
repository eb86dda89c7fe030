import { ipv6, ipv6FromBytes, ipv6ToBytes, isRoutableAddress, parseIpv6 } from "./ipv6";

describe("IPv6 addresses", () => {
  test.each([
    ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["::", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    // RFC 5952 section 4.2.2: a single zero group is not shortened.
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    // RFC 5952 section 4.2.3: the longest run, and of equal runs the first.
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8::192.0.2.1", "2001:db8::c000:201"],
  ])("%s is written %s", (text, canonical) => {
    expect(parseIpv6(text)).toBe(canonical);
  });

  test.each([
    "",
    "2001:db8",
    "2001:db8:::1",
    "2001:db8::1::2",
    "1:2:3:4:5:6:7:8:9",
    "2001:db8::g",
    "2001:db8::12345",
    "2001:db8::1/64",
    "fe80::1%eth0",
    "192.0.2.1",
    " 2001:db8::1",
    "2001:db8::1\n",
    "[2001:db8::1]",
  ])("%j is no address", (text) => {
    expect(parseIpv6(text)).toBeUndefined();
    expect(() => ipv6(text)).toThrow(TypeError);
  });

  test("bytes are in network order, sixteen of them", () => {
    const bytes = ipv6ToBytes(ipv6("2001:db8::ff"));
    expect([...bytes]).toEqual([0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), 0xff]);
    expect(ipv6FromBytes(bytes)).toBe("2001:db8::ff");
    expect(() => ipv6FromBytes(bytes.subarray(1))).toThrow(RangeError);
  });

  test.each([
    ["2001:db8::1", true],
    ["fd00::1", true],
    ["::", false],
    ["::1", false],
    ["fe80::1", false],
    ["ff02::1", false],
    ["::ffff:192.0.2.1", false],
  ])("%s can be a host's address: %s", (text, routable) => {
    expect(isRoutableAddress(ipv6(text))).toBe(routable);
  });
});
