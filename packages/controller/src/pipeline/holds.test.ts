import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import { edgesOfLink } from "../topology/directed-link";
import { createSnapshot } from "../topology/snapshot";
import { holds } from "./holds";
import { planIntent } from "./plan";

/** Two ways of 9 ms that share nothing; the best way of 3 ms shares a link with each, and only `direct` shares none with it. */
const TRAP = `
  h1: a(delayUs=0)
  h2: b(delayUs=0)
  a-x delayUs=1000
  x-y delayUs=1000
  y-b delayUs=1000
  a-y delayUs=8000
  x-b delayUs=8000
  a-b delayUs=14000 name=direct
`;
const PARALLEL = `
  h1: a(delayUs=0)
  h2: b(delayUs=0)
  a-b delayUs=1000 name=short
  a-b delayUs=2000 name=long
  a-c delayUs=4000 name=detour
  c-b delayUs=4000
`;
const protection = { backups: 1, disjoint: "link" };

test.each([
  ["nothing has changed", PARALLEL, {}, ["long"], ["long"], true],
  ["its own link breaks", PARALLEL, {}, [], ["short"], false],
  ["another link breaks", PARALLEL, {}, [], ["long"], true],
  ["a better link comes back", PARALLEL, {}, ["short"], [], false],
  ["one comes back that no path is worth", PARALLEL, {}, ["long"], [], true],
  [
    "it crosses what is broken, and another way is sound again",
    PARALLEL,
    {},
    ["short", "long", "detour"],
    ["short"],
    false,
  ],
  ["a better backup comes back", PARALLEL, { protection }, ["long"], [], false],
  ["one comes back that no backup is worth", PARALLEL, { protection }, ["detour"], [], true],
  ["a set with the best path in it comes back", TRAP, { protection }, ["direct"], [], false],
  ["more come back than it pays to ask about", PARALLEL, {}, ["long", "detour", "c-b"], [], false],
  ["of several paths, another may share less", PARALLEL, { multipath: { paths: 2 } }, ["detour"], [], false],
  ["no sum comes first", PARALLEL, { objective: { maximize: "bandwidth" } }, ["detour"], [], false],
])("%s", (_what, text, spec, then, now, expected) => {
  const sound = createSnapshot(network(text), 1);
  const edgesOf = (names: readonly string[]) =>
    new Set(names.flatMap((name) => edgesOfLink(sound.flat, sound.flat.linkIndex.get(name) ?? -1)));
  const [before, after] = [edgesOf(then), edgesOf(now)];
  const plan = planIntent(intentOf(spec), { ...sound, unusable: before });
  expect(holds(plan, sound.flat, before, after)).toBe(expected);
});
