import type { Intent } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import { recompute } from "./recompute";

const intents = (...pairs: [string, Intent][]) => new Map(pairs);
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
  expect(recompute({ ...planned, lacking }, { ...now, lacking })).toEqual({ compute, forget });
});

test("what a host cannot do reaches the intents that end at it, and nothing is done twice for it", () => {
  const before = { snapshot: one, intents: intents(["a", a], ["b", b]), lacking: new Map() };
  const now = { ...before, lacking: new Map([["h1", new Set(["encap" as const])]]) };
  const crosses = () => false;
  const endsOf = (name: string) => new Set(name === "b" ? ["h1", "h2"] : ["h3"]);
  expect(recompute(before, now, { endsOf, crosses })).toEqual({ compute: ["b"], forget: [] });
  expect(recompute(now, { ...now, lacking: new Map(now.lacking) }, { endsOf, crosses })).toEqual({
    compute: [],
    forget: [],
  });
  expect(recompute(now, before, { endsOf, crosses })).toEqual({ compute: ["b"], forget: [] });
});

test("a link that breaks reaches the intents that use it; one that can be used again reaches all", () => {
  const flat = {};
  const inputs = (...unusable: number[]) => ({
    snapshot: snapshotOf(1, flat, ...unusable),
    intents: intents(["a", a], ["b", b]),
    lacking: new Map(),
  });
  const [before, now] = [inputs(3), inputs(3, 4)];
  const endsOf = () => new Set<string>();
  const crosses = (name: string, edges: ReadonlySet<number>) => name === "b" && edges.has(4) && edges.size === 1;
  const after = { ...now, intents: before.intents };
  expect(recompute(before, after, { endsOf, crosses })).toEqual({ compute: ["b"], forget: [] });
  expect(recompute(after, before, { endsOf, crosses })).toEqual({ compute: ["a", "b"], forget: [] });
});
