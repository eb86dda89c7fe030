import fc from "fast-check";
import { NumberReader, NumberWriter } from "./number-stream";

const number = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

test("what is written is read, from anywhere, however much it is", () => {
  fc.assert(
    fc.property(fc.array(fc.array(number), { maxLength: 300 }), (lists) => {
      const writer = new NumberWriter();
      const starts = lists.map((list) => {
        const start = writer.length;
        writer.putList(list);
        return start;
      });
      const numbers = writer.numbers();
      expect(starts.map((start) => new NumberReader(numbers, start).list())).toEqual(lists);
    }),
  );
});

test("what is cut off is gone", () => {
  const writer = new NumberWriter();
  writer.put(1, 2);
  writer.put(3);
  writer.cut(1);
  writer.put(4);
  expect([...writer.numbers()]).toEqual([1, 4]);
});

test("there is nothing after the end", () => {
  const reader = new NumberReader(Int32Array.of(2, 7), 0);
  expect(() => reader.list()).toThrow(RangeError);
});
