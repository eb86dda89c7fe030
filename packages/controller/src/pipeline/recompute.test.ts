import type { Intent } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import { recompute } from "./recompute";

const intents = (...pairs: [string, Intent][]) => new Map(pairs);
const intent = (name: string) => ({ name }) as Intent;
const one = { version: 1 } as TopologySnapshot;
const two = { version: 2 } as TopologySnapshot;
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
  expect(recompute(planned, now)).toEqual({ compute, forget });
});
