import fc from "fast-check";
import { NumberBags } from "./number-bags";

const KEYS = 5;
const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b);

test("every key has the values that were added to it and not taken out", () => {
  const step = fc.record({ key: fc.nat(KEYS - 1), value: fc.integer({ min: 0, max: 60 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const bags = new NumberBags(KEYS);
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

test("a key may have very many, and their room is used again", () => {
  const bags = new NumberBags(2);
  const many = Array.from({ length: 100_000 }, (_, i) => i);
  for (const key of [0, 1, 0]) {
    for (const value of many) bags.add(key, value);
    expect(sorted(bags.of(key))).toEqual(many);
    for (const value of many.toReversed()) bags.remove(key, value);
    expect(bags.of(key)).toEqual([]);
  }
});

test("only what is there can be taken out", () => {
  const bags = new NumberBags(2);
  bags.add(0, 7);
  expect(() => bags.remove(1, 7)).toThrow(RangeError);
  expect(() => bags.remove(0, 8)).toThrow(RangeError);
  expect(bags.of(0)).toEqual([7]);
});
