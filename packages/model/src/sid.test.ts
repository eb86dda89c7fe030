import { ipv6 } from "./ipv6";
import { ipv6Prefix } from "./ipv6-prefix";
import { adjacencySid, decodeSid, nodeLocator, nodeSid } from "./sid";

const block = ipv6Prefix("fcbb:bb00::/32");

describe("SIDs of an F3216 block", () => {
  test("locator, node SID and adjacency SID share the node's bits", () => {
    expect(nodeLocator(block, 0x12)).toBe("fcbb:bb00:12::/48");
    expect(nodeSid(block, 0x12)).toBe("fcbb:bb00:12::");
    expect(adjacencySid(block, 0x12, 0xe001)).toBe("fcbb:bb00:12:e001::");
  });

  test("a block of another length is a bug of the caller", () => {
    expect(() => nodeSid(ipv6Prefix("2001:db8::/48"), 1)).toThrow(RangeError);
  });

  test.each([
    ["another block", "fcbb:bb01:1::"],
    ["node 0", "fcbb:bb00::"],
    ["a node id of the local block", "fcbb:bb00:e000::"],
    ["a function below the adjacency range", "fcbb:bb00:1:1::"],
    ["an argument", "fcbb:bb00:1:e001:1::"],
    ["a host part", "fcbb:bb00:1::1"],
  ])("%s has no meaning", (_, sid) => {
    expect(decodeSid(block, ipv6(sid))).toBeUndefined();
  });
});
