import { testTopology } from "../testing/topology";
import { changeSettings, declaredSettings, type LinkChange, type LinkSettings, linkState } from "./link-settings";

const [link] = testTopology("a b", "a-b:10").links;
if (link === undefined) throw new Error("the topology has a link");
const everything = { delay: true, loss: true, capacity: true };
const plain = declaredSettings(link, everything);
const both = ["aToB", "bToA"] as const;

function after(...changes: readonly LinkChange[]): LinkSettings {
  return changes.reduce(changeSettings, plain);
}

describe("what a link is", () => {
  test.each<[string, readonly LinkChange[], boolean, unknown]>([
    ["untouched", [], true, { kind: "up" }],
    ["cut", [{ kind: "down" }], false, { kind: "down" }],
    ["cut, before the kernel has noticed", [{ kind: "down" }], true, { kind: "down" }],
    ["mended", [{ kind: "down" }, { kind: "up" }], true, { kind: "up" }],
    ["without carrier for another reason", [], false, { kind: "no-carrier" }],
    ["a blackhole", [{ kind: "blackhole", directions: both }], true, { kind: "blackhole", directions: both }],
    [
      "a blackhole one way",
      [{ kind: "blackhole", directions: ["bToA"] }],
      true,
      { kind: "blackhole", directions: ["bToA"] },
    ],
    [
      "a blackhole restored one way",
      [
        { kind: "blackhole", directions: both },
        { kind: "restore", directions: ["aToB"] },
      ],
      true,
      { kind: "blackhole", directions: ["bToA"] },
    ],
    ["a blackhole that is cut", [{ kind: "blackhole", directions: both }, { kind: "down" }], false, { kind: "down" }],
    [
      "still a blackhole once it is mended",
      [{ kind: "blackhole", directions: both }, { kind: "down" }, { kind: "up" }],
      true,
      { kind: "blackhole", directions: both },
    ],
  ])("%s", (_what, changes, carrier, expected) => {
    expect(linkState(after(...changes), carrier)).toEqual(expected);
  });
});

test("a shape changes what it names, in the directions it names", () => {
  const settings = after(
    { kind: "shape", directions: both, delayUs: 5_000, lossPpm: 10_000, rateMbps: 100 },
    { kind: "shape", directions: ["aToB"], delayUs: 7_000 },
    { kind: "shape", directions: ["bToA"], rateMbps: 0 },
  );
  expect(settings.aToB).toEqual({ delayUs: 7_000, lossPpm: 10_000, rateMbps: 100, blackhole: false });
  expect(settings.bToA).toEqual({ delayUs: 5_000, lossPpm: 10_000, rateMbps: undefined, blackhole: false });
});

test.each([1_279, 9_001, Number.NaN])("an MTU of %d is refused, one in between is the link's", (mtu) => {
  expect(() => after({ kind: "mtu", mtu })).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  expect(after({ kind: "mtu", mtu: 1_400 }, { kind: "blackhole", directions: both }).mtu).toBe(1_400);
});

test.each([
  [{ delayUs: -1 }],
  [{ delayUs: 60_000_001 }],
  [{ lossPpm: 1_000_001 }],
  [{ rateMbps: -5 }],
  [{ rateMbps: Number.NaN }],
])("%j is refused", (shape) => {
  expect(() => after({ kind: "shape", directions: both, ...shape })).toThrow(
    expect.objectContaining({ code: "invalid_argument" }),
  );
});

test("the topology's numbers are emulated as told", () => {
  const declared = { ...link, aToB: { ...link.aToB, delayUs: 3_000, lossPpm: 500, capacityMbps: 100 } };
  expect(declaredSettings(declared, everything).aToB).toEqual({
    delayUs: 3_000,
    lossPpm: 500,
    rateMbps: 100,
    blackhole: false,
  });
  expect(declaredSettings(declared, { delay: false, loss: false, capacity: false }).aToB).toEqual({
    delayUs: 0,
    lossPpm: 0,
    rateMbps: undefined,
    blackhole: false,
  });
});
