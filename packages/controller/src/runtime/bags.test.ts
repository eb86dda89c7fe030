import fc from "fast-check";
import { Bags } from "./bags";

const KEYS = 5;
const [A, B, C] = [0, 1, 2] as const;
const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b);

test("every key has the values that were added to it and not taken out", () => {
  const step = fc.record({ key: fc.nat(KEYS - 1), value: fc.integer({ min: 0, max: 60 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const bags = new Bags(KEYS);
      const model = Array.from({ length: KEYS }, () => new Set<number>());
      for (const { key, value } of steps) {
        const values = model[key] as Set<number>;
        // What is there goes, what is not comes.
        if (values.delete(value)) bags.remove(key, value);
        else {
          values.add(value);
          bags.add(key, value);
        }
      }
      for (const [key, values] of model.entries()) expect(sorted(bags.of(key))).toEqual(sorted(values));
    }),
  );
});

test("very many values of a key come, go and come again", () => {
  const bags = new Bags(2);
  const many = Array.from({ length: 100_000 }, (_, i) => i);
  for (const key of [0, 1, 0]) {
    for (const value of many) bags.add(key, value);
    expect(sorted(bags.of(key))).toEqual(many);
    for (const value of many.toReversed()) bags.remove(key, value);
    expect(bags.of(key)).toEqual([]);
  }
});

test("values come and go by key, whatever the order", () => {
  const bags = new Bags(KEYS);
  for (const value of [1, 2, 3]) bags.add(A, value);
  bags.add(B, 2);
  bags.remove(A, 1);
  bags.remove(A, 3);
  expect([bags.of(A), bags.of(B), bags.of(C)]).toEqual([[2], [2], []]);
  bags.remove(A, 2);
  expect([bags.of(A), bags.of(B)]).toEqual([[], [2]]);
});

test.each([
  [C, 1],
  [A, 2],
])("a value that is not there cannot go: key %d, %d", (key, value) => {
  const bags = new Bags(KEYS);
  bags.add(A, 1);
  expect(() => bags.remove(key, value)).toThrow(RangeError);
});
