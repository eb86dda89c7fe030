import { type IpPrefix, parseIpPrefix } from "@sextant/model";
import { topologyOf } from "../../../../test/support/network";
import { PrefixTable } from "./prefix-table";

const { nodes } = topologyOf(
  [
    { name: "edge", nodeId: 1, prefixes: ["2001:db8::/32"] },
    { name: "branch", nodeId: 2, prefixes: ["2001:db8:a::/48", "2001:db8:a:80::/57"] },
    {
      name: "host",
      kind: "host",
      attachedTo: "edge",
      addresses: ["2001:db8:a::1"],
      prefixes: ["2001:db8:f::/64", "10.0.0.0/8"],
    },
    { name: "far", nodeId: 3, prefixes: ["10.1.0.0/16", "::/1"] },
  ],
  [],
);

test.each<[string, string, string | undefined]>([
  ["an address of its own", "2001:db8:a::1/128", "host"],
  ["the longest of several", "2001:db8:a:80::/64", "branch"],
  ["a bit beyond the longest", "2001:db8:a:100::/64", "branch"],
  ["exactly a prefix", "2001:db8:a::/48", "branch"],
  ["the rest of the covering one", "2001:db8:b::/48", "edge"],
  ["a prefix behind a host", "2001:db8:f::8/125", "host"],
  ["IPv4 behind a host", "10.2.0.0/16", "host"],
  ["the longest of IPv4", "10.1.2.3/32", "far"],
  ["IPv4 elsewhere: no IPv6 prefix covers it, however wide", "192.0.2.0/24", undefined],
  ["wider than any but one", "2001::/16", "far"],
  ["everything", "::/0", undefined],
  ["elsewhere", "8000::/48", undefined],
])("%s: %s", (_name, prefix, owner) => {
  expect(new PrefixTable(nodes).ownerOf(parseIpPrefix(prefix) as IpPrefix)).toBe(owner);
});
