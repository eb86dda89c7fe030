import { assignStableNumbers, stableHash } from "./stable-hash";

describe("stable numbers", () => {
  test("the hash is FNV-1a", () => {
    expect(stableHash("")).toBe(0x811c9dc5);
    expect(stableHash("a")).toBe(0xe40c292c);
    expect(stableHash("foobar")).toBe(0xbf9cf968);
  });

  test("the order of names does not matter, and other names do not move a number without collision", () => {
    const both = assignStableNumbers(["b", "a"], 1000, 60_000);
    expect(both).toEqual(assignStableNumbers(["a", "b"], 1000, 60_000));
    expect(assignStableNumbers(["a"], 1000, 60_000).get("a")).toBe(both.get("a"));
  });

  test("taken numbers are passed over; every number of the range can be used", () => {
    const numbers = assignStableNumbers(["a", "b", "c"], 1, 4, new Set([2]));
    expect([...numbers.values()].sort()).toEqual([1, 3, 4]);
  });

  test("more names than numbers are refused", () => {
    expect(() => assignStableNumbers(["a", "b"], 1, 2, new Set([1]))).toThrow(RangeError);
  });
});
