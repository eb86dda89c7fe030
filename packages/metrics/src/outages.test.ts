import { Outages } from "./outages";

test.each<[string, [number, Record<string, boolean>][], number[]]>([
  [
    "one that ends",
    [
      [0, { a: false }],
      [1_000, { a: true }],
      [1_500, { a: true }],
      [3_000, { a: false }],
    ],
    [2],
  ],
  [
    "one that is there at the first look",
    [
      [0, { a: true }],
      [500, { a: false }],
    ],
    [0.5],
  ],
  [
    "one that does not end",
    [
      [0, { a: true }],
      [9_000, { a: true }],
    ],
    [],
  ],
  [
    "two at a time",
    [
      [0, { a: true, b: false }],
      [10, { a: true, b: true }],
      [30, { a: false, b: false }],
    ],
    [0.03, 0.02],
  ],
  [
    "one that is not heard of any more",
    [
      [0, { a: true }],
      [10, {}],
      [20, { a: false }],
    ],
    [],
  ],
])("%s", (_name, looks, lengths) => {
  const ended: number[] = [];
  const outages = new Outages((seconds) => ended.push(seconds));
  for (const [nowMs, things] of looks) outages.look("host", Object.entries(things), nowMs);
  expect(ended).toEqual(lengths);
});

test("owners are apart, and one that is gone is forgotten", () => {
  const ended: number[] = [];
  const outages = new Outages((seconds) => ended.push(seconds));
  outages.look("h1", [["a", true]], 0);
  outages.look("h2", [["a", false]], 10);
  outages.forget("h1");
  outages.look("h1", [["a", false]], 20);
  expect(ended).toEqual([]);
});
