import fc from "fast-check";
import { BucketQueue } from "./bucket-queue";
import { queueMemory } from "./queue-memory";

const NODES = 40;

/** How much more than the last that came out a node costs, between a step and the longest, when it is added or lowered. */
const moves = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 400 })).chain(([step, more]) =>
  fc.record({
    step: fc.constant(step),
    longest: fc.constant(step + more),
    moves: fc.array(
      fc.record({ node: fc.nat(NODES - 1), cost: fc.integer({ min: step, max: step + more }), isPop: fc.boolean() }),
      { maxLength: 200 },
    ),
  }),
);

test("nodes come out in the order of their keys, but for less than a step, however they were lowered before", () => {
  fc.assert(
    fc.property(moves, ({ step, longest, moves: all }) => {
      const memory = queueMemory(NODES);
      const { keys } = memory;
      const queue = new BucketQueue(memory, step, longest);
      const inside = new Map<number, number>();
      let last = 0;
      const pop = () => {
        const node = queue.pop();
        const least = Math.min(...inside.values());
        if (inside.size === 0) expect(node).toBe(-1);
        else expect((inside.get(node) ?? Infinity) - least).toBeLessThan(step);
        last = inside.get(node) ?? last;
        inside.delete(node);
      };
      for (const { node, cost, isPop } of all) {
        const before = inside.get(node);
        const key = last + cost;
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
  memory.keys.set([7, 30, 0]);
  const queue = new BucketQueue(memory, 5, 40);
  queue.push(0);
  queue.push(1);
  expect(queue.pop()).toBe(0);
  queue.clear();
  queue.push(2);
  expect([queue.pop(), queue.pop()]).toEqual([2, -1]);
});
