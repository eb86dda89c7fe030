import fc from "fast-check";
import { SharedParts } from "./shared-parts";

test("what is equal becomes one, and the values stay equal", () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.constantFrom("a", "b", "c"), fc.jsonValue()), { maxLength: 40 }),
      (values) => {
        const parts = new SharedParts(2);
        expect(values.map((value) => parts.share(value))).toEqual(values);
      },
    ),
  );
});

test("equal parts of one place are the same object, deeper ones too", () => {
  const parts = new SharedParts(2);
  const one = parts.share({ from: { hosts: ["a"], labels: {} }, limits: { delay: 5 }, name: "one" });
  const other = parts.share({ from: { hosts: ["b"], labels: {} }, limits: { delay: 5 }, name: "other" });
  expect(other.limits).toBe(one.limits);
  expect(other.from.labels).toBe(one.from.labels);
  expect(other.from.hosts).toEqual(["b"]);
});

test.each([
  [{ at: [1] }, { at: { 0: 1 } }],
  [{ at: { a: undefined } }, { at: { b: undefined } }],
  [{ at: { a: 1 } }, { at: { a: 1, b: 2 } }],
  [{ at: { a: 1, b: 2 } }, { at: { a: 1 } }],
  [{ at: { a: null } }, { at: { a: {} } }],
])("%j and %j share nothing", (one: { at: unknown }, other: { at: unknown }) => {
  const parts = new SharedParts(1);
  expect(parts.share(one).at).not.toBe(parts.share(other).at);
});

test("of parts that are all different some are forgotten", () => {
  const parts = new SharedParts(1);
  const first = parts.share({ at: [-1] }).at;
  expect(parts.share({ at: [-1] }).at).toBe(first);
  for (let i = 0; i < 1_000; i++) parts.share({ at: [i] });
  expect(parts.share({ at: [-1] }).at).not.toBe(first);
});
