import { SharingMap } from "./sharing-map";

const names = Array.from({ length: 5_000 }, (_, i) => `intent-${i}`);
const all = SharingMap.of(names.map((name, i) => [name, { i }] as const));

it("has what it was made of, the last one of a name", () => {
  expect(all.size).toBe(names.length);
  expect(names.map((name) => all.get(name)?.i)).toEqual([...names.keys()]);
  expect(all.has("another")).toBe(false);
  const twice = SharingMap.of([
    ["a", 1],
    ["a", 2],
  ]);
  expect([twice.size, twice.get("a")]).toEqual([1, 2]);
});

it("is read like any map", () => {
  expect([...all.keys()].sort()).toEqual([...names].sort());
  expect([...all.values()]).toEqual([...all].map(([, value]) => value));
  const seen: string[] = [];
  all.forEach((value, name) => seen.push(`${name} ${value.i}`));
  expect(seen).toEqual([...all.entries()].map(([name, { i }]) => `${name} ${i}`));
});

it("never changes: a change makes another version", () => {
  const next = all.with([["intent-7", { i: -7 }]]).without(["intent-9"]);
  expect([all.get("intent-7")?.i, all.has("intent-9"), all.size]).toEqual([7, true, 5_000]);
  expect([next.get("intent-7")?.i, next.has("intent-9"), next.size]).toEqual([-7, false, 4_999]);
});

it("tells what leads from one version to another, and stays the same where nothing does", () => {
  const value = { i: -7 };
  const next = all
    .with([["intent-7", value]])
    .with([["new", value]])
    .without(["intent-9", "not-there"]);
  expect(next.changesSince(all)).toEqual({
    set: expect.arrayContaining([
      ["intent-7", value],
      ["new", value],
    ]) as unknown,
    gone: ["intent-9"],
  });
  expect(next.changesSince(all).set).toHaveLength(2);
  expect(all.changesSince(SharingMap.of()).set).toHaveLength(5_000);
  expect(SharingMap.of<{ i: number }>().changesSince(all).gone).toHaveLength(5_000);
  expect(all.with([["intent-7", all.get("intent-7") as { i: number }]])).toBe(all);
  expect(all.without(["not-there"])).toBe(all);
});

it("asks again only about parts that changed", () => {
  const known = new WeakMap<object, number>();
  let asked = 0;
  const count = (map: typeof all) =>
    map.derived(({ size }) => (asked++, size), known).reduce((sum, each) => sum + each, 0);
  expect(count(all)).toBe(5_000);
  const first = asked;
  expect(count(all.with([["new", { i: 0 }]]))).toBe(5_001);
  expect(asked).toBe(first + 1);
  expect(SharingMap.of<{ i: number }>().derived(() => 1, new WeakMap())).toEqual([]);
});
