import fc from "fast-check";
import { canonicalJson } from "./canonical-json";

test.each([
  ["members in the order of their names", { b: 1, a: { d: null, c: "x" } }, '{"a":{"c":"x","d":null},"b":1}'],
  ["no undefined members", { a: undefined, b: [{ c: undefined }] }, '{"b":[{}]}'],
  ["arrays in their own order", [2, [], 1], "[2,[],1]"],
  ["what JSON cannot say as null", [undefined, Number.NaN], "[null,null]"],
  ["names and texts with quotes", { 'a"': 'b\n"' }, '{"a\\"":"b\\n\\""}'],
])("%s", (_, value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test("the text says the value, and the order in which members were made does not matter", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = canonicalJson(value);
      const other = Object.fromEntries(Object.entries(value).reverse());
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(other)).toBe(text);
    }),
  );
});
