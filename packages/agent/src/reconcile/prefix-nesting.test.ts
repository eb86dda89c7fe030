import { type IpPrefix, parseIpPrefix } from "@sextant/model";
import { nestPrefixes } from "./prefix-nesting";

test("each prefix after the longest one around it; IPv4 lies in IPv6", () => {
  const prefixes = [
    "2001:db8:1::/48",
    "::/0",
    "192.0.2.0/25",
    "2001:db8::/32",
    "2001:db8:2::/48",
    "192.0.2.0/24",
    "2001:db8:1::5/128",
  ];
  const nested = nestPrefixes(prefixes.map((text) => parseIpPrefix(text) as IpPrefix));
  expect(nested.map(({ prefix, parent, depth }) => [prefix, parent?.prefix, depth])).toEqual([
    ["::/0", undefined, 1],
    ["192.0.2.0/24", "::/0", 2],
    ["192.0.2.0/25", "192.0.2.0/24", 3],
    ["2001:db8::/32", "::/0", 2],
    ["2001:db8:1::/48", "2001:db8::/32", 3],
    ["2001:db8:1::5/128", "2001:db8:1::/48", 4],
    ["2001:db8:2::/48", "2001:db8::/32", 3],
  ]);
});
