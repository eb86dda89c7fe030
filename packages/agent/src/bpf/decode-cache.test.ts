import { DecodeCache, Derived } from "./decode-cache";

test("decodes a row again when its bytes have changed, and no other", () => {
  const decoded: number[] = [];
  const cache = new DecodeCache(2, (bytes) => {
    decoded.push(bytes[0] ?? 0);
    return bytes[0] === 0 ? undefined : { value: [...bytes] };
  });
  const first = cache.read(Buffer.of(1, 1, 2, 2, 0, 0));
  const [one, two] = [first(0), first(1)];
  expect([one, two, first(2), first(3)]).toEqual([{ value: [1, 1] }, { value: [2, 2] }, undefined, undefined]);
  const second = cache.read(Buffer.of(1, 1, 2, 3));
  expect(second(0)).toBe(one);
  expect([second(1), second(2)]).toEqual([{ value: [2, 3] }, undefined]);
  expect(decoded).toEqual([1, 2, 0, 2]);
});

test("a row that is not asked for in between is still known by its bytes", () => {
  const cache = new DecodeCache(1, (bytes) => ({ value: bytes[0] }));
  cache.read(Buffer.of(1))(0);
  cache.read(Buffer.of(2));
  expect(cache.read(Buffer.of(1))(0)).toEqual({ value: 1 });
});

test("what is derived is the same object while row and other are", () => {
  const derived = new Derived((row: { a: number }, b: number) => ({ sum: row.a + b }));
  const row = { a: 1 };
  const first = derived.of(row, 2);
  expect([first, derived.of(row, 2) === first, derived.of(row, 3), derived.of({ a: 1 }, 3)]).toEqual([
    { sum: 3 },
    true,
    { sum: 4 },
    { sum: 4 },
  ]);
});
