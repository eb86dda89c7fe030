import { packetBatch } from "./raw-socket";

test("a batch addresses each packet by its IPv6 destination", () => {
  const packet = new Uint8Array(48).map((_, i) => i);
  const { count, memory } = packetBatch([packet, packet]);
  const names = 2 * (64 + 16);
  expect(count).toBe(2);
  expect([...memory.subarray(names + 28 + 8, names + 28 + 24)]).toEqual([...packet.subarray(24, 40)]);
  expect([...memory.subarray(names + 56)]).toEqual([...packet, ...packet]);
});

test("an empty round is an empty batch", () => {
  expect(packetBatch([]).count).toBe(0);
});

test("what has no IPv6 header is no packet", () => {
  expect(() => packetBatch([new Uint8Array(39)])).toThrow(RangeError);
});
