import { ipv6Prefix } from "@sextant/model";
import { topologyOf } from "../../../../test/support/network";
import { PrefixTable } from "./prefix-table";

const { nodes } = topologyOf(
  [
    { name: "edge", nodeId: 1, prefixes: ["2001:db8::/32"] },
    { name: "branch", nodeId: 2, prefixes: ["2001:db8:a::/48", "2001:db8:a:80::/57"] },
    { name: "host", kind: "host", attachedTo: "edge", addresses: ["2001:db8:a::1"], prefixes: ["2001:db8:f::/64"] },
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
  ["wider than any", "2001::/16", undefined],
  ["everything", "::/0", undefined],
  ["elsewhere", "2001:db9::/48", undefined],
])("%s: %s", (_name, prefix, owner) => {
  expect(new PrefixTable(nodes).ownerOf(ipv6Prefix(prefix))).toBe(owner);
});
