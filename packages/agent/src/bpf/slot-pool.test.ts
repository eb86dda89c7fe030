import { SlotPool } from "./slot-pool";

test("gives the lowest free slot, and a released one again", () => {
  const pool = new SlotPool<string>(3);
  expect([pool.take("a"), pool.take("b"), pool.take("c"), pool.take("d")]).toEqual([0, 1, 2, undefined]);
  pool.release("b");
  expect([pool.get("b"), pool.take("d"), pool.span()]).toEqual([undefined, 1, 3]);
});

test("leaves adopted slots to their keys", () => {
  const pool = new SlotPool<string>(3);
  pool.adopt("old", 1);
  expect([pool.take("new"), pool.take("next"), pool.get("old")]).toEqual([0, 2, 1]);
});

test("spans no more than what is taken", () => {
  const pool = new SlotPool<string>(9);
  expect(pool.span()).toBe(0);
  pool.take("a");
  pool.take("b");
  pool.release("b");
  pool.release("b");
  expect([pool.span(), [...pool.entries()]]).toEqual([1, [["a", 0]]]);
});
