import fc from "fast-check";
import { RadixQueue } from "./radix-queue";
import { queueMemory } from "./queue-memory";

const NODES = 40;
const MAX_STEP = 2 ** 24;

/** Nodes with what they cost beyond the last that came out: at first, and when they are lowered. */
const step = fc.record({
  node: fc.nat(NODES - 1),
  more: fc.oneof(fc.nat(3), fc.nat(MAX_STEP)),
  isPop: fc.boolean(),
});

test("nodes come out in the order of their keys, however they were lowered before", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const memory = queueMemory(NODES);
      const { keys } = memory;
      const queue = new RadixQueue(memory);
      const inside = new Map<number, number>();
      let last = 0;
      const pop = () => {
        const node = queue.pop();
        expect(inside.get(node)).toBe(inside.size === 0 ? undefined : Math.min(...inside.values()));
        last = inside.get(node) ?? last;
        inside.delete(node);
      };
      for (const { node, more, isPop } of steps) {
        const before = inside.get(node);
        const key = last + more;
        if (isPop) pop();
        else if (before === undefined || key < before) {
          keys[node] = key;
          inside.set(node, key);
          if (before === undefined) queue.push(node);
          else queue.lower(node, before);
        }
      }
      while (inside.size > 0) pop();
      expect(queue.pop()).toBe(-1);
    }),
  );
});

test("a queue that was emptied begins at 0 again", () => {
  const memory = queueMemory(3);
  memory.keys.set([7, 2 ** 30, 0]);
  const queue = new RadixQueue(memory);
  queue.push(0);
  queue.push(1);
  expect(queue.pop()).toBe(0);
  queue.clear();
  queue.push(2);
  expect([queue.pop(), queue.pop()]).toEqual([2, -1]);
});
