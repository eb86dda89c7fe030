import { contentHash, kernelKeyOf, listKey, parseEntryKey, policyKey } from "./entry-key";
import { ipv6 } from "./ipv6";
import type { Sid } from "./sid";

const sid = (text: string) => ipv6(text) as Sid;

describe("entry keys", () => {
  test("the content hash is the first 64 bits of SHA-256", () => {
    expect(contentHash("abc")).toBe("ba7816bf8f01cfea");
    expect(contentHash("")).toBe("e3b0c44298fc1c14");
  });

  test("lists with equal content share a key; segments and probe loop both count", () => {
    const a = listKey([sid("2001:db8:1::")], [sid("2001:db8:2::")]);
    expect(listKey([sid("2001:db8:1::")], [sid("2001:db8:2::")])).toBe(a);
    expect(listKey([sid("2001:db8:1::"), sid("2001:db8:2::")], [])).not.toBe(a);
    expect(listKey([sid("2001:db8:2::")], [sid("2001:db8:1::")])).not.toBe(a);
    expect(a).toMatch(/^list\/[0-9a-f]{16}$/);
  });

  test("the kernel key of a list is its digits, that of a policy the hash of its name", () => {
    expect(kernelKeyOf(listKey([], []))).toBe(BigInt(`0x${contentHash("|")}`));
    expect(kernelKeyOf(policyKey("web", "h1"))).toBe(BigInt(`0x${contentHash("policy/web/h1")}`));
  });

  test.each([
    ["domain", true],
    ["list/0123456789abcdef", true],
    ["policy/web/h1", true],
    ["policy/web/2001:db8::/32", true],
    ["list/0123", false],
    ["list/0123456789ABCDEF", false],
    ["policy/web", false],
    ["policy/web/", false],
    ["policy/web/h 1", false],
    ["", false],
  ])("%j is a key: %s", (text, known) => {
    expect(parseEntryKey(text) !== undefined).toBe(known);
  });
});
