import { packCarriers, unpackCarrier } from "./carrier";
import { ipv6 } from "./ipv6";
import { ipv6Prefix } from "./ipv6-prefix";
import { adjacencySid, decapsulationSid, nodeSid } from "./sid";

const block = ipv6Prefix("fcbb:bb00::/32");
const node = (id: number) => nodeSid(block, id);
const adjacency = (id: number) => adjacencySid(block, id, 0xe001);
const end = decapsulationSid(block, 7);

test.each([
  ["one node", [node(1)], ["fcbb:bb00:1::"]],
  ["two nodes and the end", [node(1), node(2), end], ["fcbb:bb00:1:2:7:ff46::"]],
  ["the end alone", [end], ["fcbb:bb00:7:ff46::"]],
  ["an adjacency takes two positions", [adjacency(1), node(2)], ["fcbb:bb00:1:e001:2::"]],
  ["six nodes fill one", [1, 2, 3, 4, 5, 6].map(node), ["fcbb:bb00:1:2:3:4:5:6"]],
  ["a seventh starts another", [1, 2, 3, 4, 5, 6, 8].map(node), ["fcbb:bb00:1:2:3:4:5:6", "fcbb:bb00:8::"]],
  [
    "node and function stay together",
    [...[1, 2, 3, 4, 5].map(node), adjacency(6)],
    ["fcbb:bb00:1:2:3:4:5:0", "fcbb:bb00:6:e001::"],
  ],
  ["three adjacencies", [1, 2, 3].map(adjacency), ["fcbb:bb00:1:e001:2:e001:3:e001"]],
])("%s", (_name, sids, carriers) => {
  const packed = packCarriers([block], sids);
  expect(packed).toEqual(carriers.map(ipv6));
  expect(packed.flatMap((carrier) => unpackCarrier(block, carrier))).toEqual(sids);
});

test.each(["2001:db8::1", "fcbb:bb00::", "fcbb:bb00:1:0:2::", "fcbb:bb00:e001::"])("%s is no carrier", (text) => {
  expect(unpackCarrier(block, ipv6(text))).toBeUndefined();
});

test("a SID of another block is a mistake", () => {
  expect(() => packCarriers([block], [nodeSid(ipv6Prefix("fcbb:bb01::/32"), 1)])).toThrow(RangeError);
});
