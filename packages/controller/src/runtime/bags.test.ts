import { Bags } from "./bags";

test("values come and go by key, whatever the order", () => {
  const bags = new Bags<string, number>();
  for (const value of [1, 2, 3]) bags.add("a", value);
  bags.add("b", 2);
  bags.remove("a", 1);
  bags.remove("a", 3);
  expect([bags.of("a"), bags.of("b"), bags.of("c")]).toEqual([[2], [2], []]);
  bags.remove("a", 2);
  expect([bags.of("a"), bags.of("b")]).toEqual([[], [2]]);
});

test.each([
  ["c", 1],
  ["a", 2],
])("a value that is not there cannot go: %s %d", (key, value) => {
  const bags = new Bags<string, number>();
  bags.add("a", 1);
  expect(() => bags.remove(key, value)).toThrow(RangeError);
});
