import { contentHash, kernelKeyOf, listKey, parseEntryKey, policyKey } from "./entry-key";
import { ipv6 } from "./ipv6";
import type { Sid } from "./sid";

const sid = (text: string) => ipv6(text) as Sid;

describe("entry keys", () => {
  test("the content hash is the first 64 bits of SHA-256", () => {
    expect(contentHash("abc")).toBe("ba7816bf8f01cfea");
    expect(contentHash("")).toBe("e3b0c44298fc1c14");
  });

  test("lists with equal content share a key; everything about them counts", () => {
    const content = {
      encapsulation: "encap" as const,
      segments: [sid("2001:db8:1::")],
      probeSegments: [sid("2001:db8:2::")],
      alternateProbeSegments: [],
      signingKeyId: undefined,
    };
    const a = listKey(content);
    expect(listKey(structuredClone(content))).toBe(a);
    const others = [
      { segments: [sid("2001:db8:1::"), sid("2001:db8:2::")], probeSegments: [] },
      { segments: content.probeSegments, probeSegments: content.segments },
      { encapsulation: "encap-full" as const },
      { encapsulation: "insert" as const },
      { alternateProbeSegments: [sid("2001:db8:1::")] },
      { probeSegments: [], alternateProbeSegments: content.probeSegments },
      { signingKeyId: 1 },
      { signingKeyId: 2 },
    ];
    const keys = others.map((other) => listKey({ ...content, ...other }));
    expect(new Set([a, ...keys]).size).toBe(1 + others.length);
    expect(a).toMatch(/^list\/[0-9a-f]{16}$/);
  });

  test("the kernel key of a list is its digits, that of a policy the hash of its name", () => {
    const segments = { segments: [], probeSegments: [], alternateProbeSegments: [] } as const;
    const empty = { encapsulation: "insert", ...segments, signingKeyId: undefined } as const;
    expect(kernelKeyOf(listKey(empty))).toBe(BigInt(`0x${contentHash("|")}`));
    expect(kernelKeyOf(policyKey("web", "h1"))).toBe(BigInt(`0x${contentHash("policy/web/h1")}`));
  });

  test("the way back has a key of its own", () => {
    expect(policyKey("web", "h1", "return")).not.toBe(policyKey("web", "h1"));
    expect(parseEntryKey(policyKey("web", "video.example.net", "return"))).toBeDefined();
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
