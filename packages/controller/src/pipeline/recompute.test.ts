import type { Intent } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import { recompute } from "./recompute";
import { SharingMap } from "./sharing-map";

const intents = (...pairs: [string, Intent][]) =>
  SharingMap.of(pairs.map(([name, value]) => [name, { value }] as const));
const intent = (name: string) => ({ name }) as Intent;
const snapshotOf = (version: number, flat: object, ...unusable: number[]) =>
  ({ version, flat, unusable: new Set(unusable) }) as unknown as TopologySnapshot;
const one = snapshotOf(1, {});
const two = snapshotOf(2, {});
const [a, b, otherB] = [intent("a"), intent("b"), intent("b")];

test.each([
  [
    "nothing changed",
    { snapshot: one, intents: intents(["a", a]) },
    { snapshot: one, intents: intents(["a", a]) },
    [],
    [],
  ],
  [
    "an intent came",
    { snapshot: one, intents: intents(["a", a]) },
    { snapshot: one, intents: intents(["b", b], ["a", a]) },
    ["b"],
    [],
  ],
  [
    "an intent changed",
    { snapshot: one, intents: intents(["b", b]) },
    { snapshot: one, intents: intents(["b", otherB]) },
    ["b"],
    [],
  ],
  [
    "an intent went",
    { snapshot: one, intents: intents(["a", a], ["b", b]) },
    { snapshot: one, intents: intents(["b", b]) },
    [],
    ["a"],
  ],
  [
    "the topology changed",
    { snapshot: one, intents: intents(["b", b], ["a", a]) },
    { snapshot: two, intents: intents(["b", b], ["a", a]) },
    ["a", "b"],
    [],
  ],
  [
    "the topology went",
    { snapshot: one, intents: intents(["a", a]) },
    { snapshot: undefined, intents: intents() },
    [],
    ["a"],
  ],
])("%s", (_what, planned, now, compute, forget) => {
  const lacking = new Map();
  expect(recompute({ ...planned, lacking }, { ...now, lacking })).toEqual({ compute, forget, reconsider: [] });
});

const nothing = { endingAt: () => [], standingOn: () => [], madeWithout: () => [] };

test("what a host cannot do reaches the intents that end at it, and nothing is done twice for it", () => {
  const before = { snapshot: one, intents: intents(["a", a], ["b", b]), lacking: new Map() };
  const now = { ...before, lacking: new Map([["h1", new Set(["encap" as const])]]) };
  const plans = { ...nothing, endingAt: (host: string) => (host === "h1" ? ["b"] : ["a"]) };
  expect(recompute(before, now, plans)).toMatchObject({ compute: ["b"], forget: [] });
  expect(recompute(now, { ...now, lacking: new Map(now.lacking) }, plans)).toMatchObject({ compute: [], forget: [] });
  expect(recompute(now, before, plans)).toMatchObject({ compute: ["b"], forget: [] });
});

describe("a link", () => {
  const flat = {};
  const inputs = (...unusable: number[]) => ({
    snapshot: snapshotOf(1, flat, ...unusable),
    intents: both,
    lacking: new Map(),
  });
  const both = intents(["a", a], ["b", b], ["c", intent("c")]);
  const plans = {
    ...nothing,
    standingOn: (edge: number) => (edge === 4 ? ["b"] : []),
    madeWithout: (edge: number) => (edge === 4 ? ["c"] : ["a"]),
  };

  test("that breaks reaches the intents that stand on it", () => {
    expect(recompute(inputs(3), inputs(3, 4), plans)).toEqual({ compute: [], forget: [], reconsider: ["b"] });
  });

  test("that comes back reaches those, and those that were planned without it", () => {
    expect(recompute(inputs(3, 4), inputs(3), plans)).toEqual({ compute: [], forget: [], reconsider: ["b", "c"] });
  });

  test("reaches no intent that is computed anyway, nor one that is gone", () => {
    const now = { ...inputs(3, 4), intents: intents(["a", a], ["b", otherB]) };
    expect(recompute(inputs(3), now, plans)).toEqual({ compute: ["b"], forget: ["c"], reconsider: [] });
    const without = { ...inputs(3, 4), intents: intents(["a", a]) };
    expect(recompute(inputs(3), without, plans)).toEqual({ compute: [], forget: ["b", "c"], reconsider: [] });
  });
});
