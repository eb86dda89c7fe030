import { ipv6 } from "./ipv6";
import { hostPrefix, ipv6Prefix, parseIpv6Prefix, prefixCovers, prefixParts } from "./ipv6-prefix";

describe("IPv6 prefixes", () => {
  test.each([
    ["::/0", "::/0"],
    ["2001:DB8:0::/48", "2001:db8::/48"],
    ["2001:db8::/33", "2001:db8::/33"],
    ["2001:db8:8000::/33", "2001:db8:8000::/33"],
    ["2001:db8::1/128", "2001:db8::1/128"],
  ])("%s is written %s", (text, canonical) => {
    expect(parseIpv6Prefix(text)).toBe(canonical);
  });

  test.each([
    ["no length", "2001:db8::"],
    ["length too large", "2001:db8::/129"],
    ["length not a number", "2001:db8::/x"],
    ["negative length", "2001:db8::/-1"],
    ["two lengths", "2001:db8::/32/32"],
    ["host bits set", "2001:db8::1/64"],
    ["one host bit set", "2001:db8:8000::/32"],
    ["no address", "/64"],
    ["IPv4", "192.0.2.0/24"],
  ])("%s is no prefix", (_, text) => {
    expect(parseIpv6Prefix(text)).toBeUndefined();
    expect(() => ipv6Prefix(text)).toThrow(TypeError);
  });

  test.each([
    ["2001:db8::/32", "2001:db8:1::/48", true],
    ["2001:db8::/32", "2001:db8::/32", true],
    ["2001:db8:1::/48", "2001:db8::/32", false],
    ["2001:db8::/32", "2001:db9::/48", false],
    ["::/0", "2001:db8::/32", true],
  ])("%s covers %s: %s", (outer, inner, covers) => {
    expect(prefixCovers(ipv6Prefix(outer), ipv6Prefix(inner))).toBe(covers);
  });

  test("an address is in its own /128 and in nothing beside it", () => {
    const address = ipv6("2001:db8::1");
    expect(prefixCovers(hostPrefix(address), hostPrefix(address))).toBe(true);
    expect(prefixCovers(hostPrefix(address), hostPrefix(ipv6("2001:db8::2")))).toBe(false);
    expect(prefixParts(hostPrefix(address))).toEqual({ address, length: 128 });
  });
});
