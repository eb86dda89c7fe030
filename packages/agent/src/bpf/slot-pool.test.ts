import { REUSE_GRACE_MS } from "./index-pool";
import { SlotPool } from "./slot-pool";

let now = 0;
const pool = (size: number) => new SlotPool<string>(size, () => now);
/** Gives a key the next free slot. */
function place(slots: SlotPool<string>, key: string): number | undefined {
  const slot = slots.reserve();
  if (slot !== undefined) slots.place(key, slot);
  return slot;
}

test("gives the lowest free slot, and a retired one again after the grace period", () => {
  const slots = pool(3);
  expect(["a", "b", "c", "d"].map((key) => place(slots, key))).toEqual([0, 1, 2, undefined]);
  slots.retire(1);
  now += REUSE_GRACE_MS - 1;
  expect([slots.get("b"), slots.keyAt(1), place(slots, "d")]).toEqual([undefined, undefined, undefined]);
  now += 1;
  expect(place(slots, "d")).toBe(1);
});

test("gives a slot that nobody saw again at once", () => {
  const slots = pool(1);
  const slot = slots.reserve() ?? -1;
  slots.giveBack(slot);
  expect(place(slots, "a")).toBe(0);
});

test("leaves adopted slots to their keys", () => {
  const slots = pool(3);
  slots.adopt("old", 1);
  expect([place(slots, "new"), place(slots, "next"), slots.get("old")]).toEqual([0, 2, 1]);
});

test("a key that is found twice is at the first slot; the second rests", () => {
  const slots = pool(2);
  expect([slots.adopt("a", 0), slots.adopt("a", 1), slots.get("a"), slots.reserve()]).toEqual([
    true,
    false,
    0,
    undefined,
  ]);
  now += REUSE_GRACE_MS;
  expect(slots.reserve()).toBe(1);
});

test("a key that moves is at its new slot, and the old one is its own until it is retired", () => {
  const slots = pool(3);
  place(slots, "a");
  const to = place(slots, "a");
  expect([slots.get("a"), slots.keyAt(0), slots.keyAt(1), to]).toEqual([1, "a", "a", 1]);
  slots.retire(0);
  expect([slots.get("a"), slots.keyAt(0), [...slots.entries()]]).toEqual([1, undefined, [["a", 1]]]);
});

test("spans no more than what is in use", () => {
  const slots = pool(9);
  expect(slots.span()).toBe(0);
  place(slots, "a");
  place(slots, "b");
  slots.retire(1);
  slots.retire(1);
  expect(slots.span()).toBe(1);
});

test("many thousands come and go without a search through all", () => {
  const slots = pool(200_000);
  for (let i = 0; i < 200_000; i++) place(slots, `${i}`);
  for (let i = 0; i < 200_000; i++) slots.retire(i);
  now += REUSE_GRACE_MS;
  expect([place(slots, "again"), slots.span()]).toEqual([0, 1]);
});

test("blocks until a slot has rested when there is no other", () => {
  const slots = new SlotPool<string>(1, () => performance.now());
  place(slots, "a");
  const startedMs = performance.now();
  slots.retire(0);
  expect(place(slots, "b")).toBe(0);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(REUSE_GRACE_MS);
});
