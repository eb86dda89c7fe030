import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import { compute } from "../pipeline/compute";
import { policyConditions } from "../pipeline/conditions";
import { planPolicy } from "../pipeline/plan";
import { createSnapshot } from "../topology/snapshot";

/*
 *      b ──── c            The best path, a-b-e-d, takes a link of both others: without it
 *    /   \      \          there is none left. a-b-c-d and a-e-d are disjoint.
 *  a ───── e ── d
 */
const TRAP = `
h1: a
h2: d
a-b delayUs=1
b-e delayUs=1
e-d delayUs=1
b-c delayUs=4
c-d delayUs=4
a-e delayUs=5
`;

/*
 *      b                 e         Two ways to c and two from there, but one link between: c-x.
 *    /   \             /   \
 *  a      c ──────── x      d
 *    \   /             \   /
 *      f                 g
 */
const BRIDGE = `
h1: a
h2: d
a-b delayUs=1
b-c delayUs=1
a-f delayUs=2
f-c delayUs=2
c-x delayUs=1 srlgs=sea
x-e delayUs=1
e-d delayUs=1
x-g delayUs=2
g-d delayUs=2
`;

/* Three ways, of which the first two are in one duct, and the first and the third in another. */
const DUCTS = `
h1: a
h2: d
a-b delayUs=1 srlgs=east
b-d delayUs=1 srlgs=west
a-c delayUs=2 srlgs=east
c-d delayUs=2
a-e delayUs=3
e-d delayUs=3 srlgs=west
`;

function planned(topology: string, spec: Record<string, unknown>) {
  const snapshot = createSnapshot(network(topology), 1);
  const intent = intentOf(spec);
  const [policy] = compute(intent, snapshot).policies;
  if (policy === undefined) throw new Error("one pair, one policy");
  const found = policyConditions(planPolicy(intent, policy, snapshot), 1).find(({ type }) => type === "Protected");
  return {
    paths: policy.candidates.map(({ nodes }) => nodes.slice(1, -1).join(" ")),
    condition: `${found?.status} ${found?.reason}: ${found?.message}`,
    exact: policy.protection?.exact,
  };
}

const AROUND = "no way around node a, node d, link h1-a, link h2-d";

test.each<[string, string, Record<string, unknown>, string[], string]>([
  [
    "the best path gives way to two that are disjoint",
    TRAP,
    { protection: { backups: 1 } },
    ["a e d", "a b c d"],
    `True BackupsFound: 1 link-disjoint; ${AROUND}`,
  ],
  [
    "and so it does under a bound that both keep",
    TRAP,
    { protection: { backups: 1, disjoint: "node" }, constraints: { maxDelayMs: 0.01 } },
    ["a e d", "a b c d"],
    `True BackupsFound: 1 node-disjoint; ${AROUND}`,
  ],
  [
    "a bound that only one of them keeps leaves the pair that shares least",
    TRAP,
    { protection: { backups: 1 }, constraints: { maxDelayMs: 0.006 } },
    ["a b e d", "a e d"],
    "False PartlyDisjoint: 0 of 1 link-disjoint backups: candidate 90 shares link e-d with the primary; " +
      "there would be 1 without maxDelayMs; no others share less",
  ],
  [
    "where every path crosses one link, the backup shares that alone",
    BRIDGE,
    { protection: { backups: 1 } },
    ["a b c x e d", "a f c x g d"],
    "False PartlyDisjoint: 0 of 1 link-disjoint backups: candidate 90 shares link c-x with the primary; " +
      "no other way from h1 to h2 beside the paths already chosen, whatever the constraints; no others share less",
  ],
  [
    "and by nodes and groups with the ends of that link, or its group, too",
    BRIDGE,
    { protection: { backups: 1, disjoint: "srlg" } },
    ["a b c x e d", "a f c x g d"],
    "False PartlyDisjoint: 0 of 1 srlg-disjoint backups: candidate 90 shares link c-x, SRLG sea with the primary; " +
      "no other way from h1 to h2 beside the paths already chosen, whatever the constraints; no others share less",
  ],
  [
    "by groups, the best path gives way too",
    DUCTS,
    { protection: { backups: 1, disjoint: "srlg" } },
    ["a c d", "a e d"],
    `True BackupsFound: 1 srlg-disjoint; ${AROUND}`,
  ],
  [
    "one disjoint backup of two, and one more that shares",
    TRAP,
    { protection: { backups: 2 } },
    ["a e d", "a b c d", "a b e d"],
    "False PartlyDisjoint: 1 of 2 link-disjoint backups: candidate 80 shares link a-b, link e-d with those before it; " +
      "no other way from h1 to h2 beside the paths already chosen, whatever the constraints; no others share less",
  ],
  [
    "a link that the intent includes is none to avoid",
    TRAP,
    { protection: { backups: 1 }, constraints: { include: { links: ["e-d"] } } },
    ["a b e d", "a e d"],
    "True BackupsFound: 1 link-disjoint; no way around node a, node d, link e-d, link h1-a, link h2-d",
  ],
  [
    "through a node to pass, each its own way",
    BRIDGE,
    { protection: { backups: 1, disjoint: "node" }, constraints: { via: [{ node: "c" }] } },
    ["a b c x e d", "a f c x g d"],
    "False PartlyDisjoint: 0 of 1 node-disjoint backups: candidate 90 shares node x, link c-x with the primary; " +
      "no other way from h1 to h2 beside the paths already chosen, whatever the constraints; no others share less",
  ],
])("%s", (_what, topology, spec, paths, condition) => {
  expect(planned(topology, spec)).toEqual({ paths, condition, exact: true });
});

test("without backups the best path stays the primary", () => {
  expect(planned(TRAP, {}).paths).toEqual(["a b e d"]);
});

test("backups beside several paths of the primary leave those as they are", () => {
  expect(planned(BRIDGE, { protection: { backups: 1 }, multipath: { paths: 1 } }).paths).toHaveLength(2);
  const three = "h1: a\nh2: d\na-b\nb-d\na-c delayUs=2\nc-d\na-e delayUs=9\ne-d\n";
  expect(planned(three, { protection: { backups: 1, disjoint: "node" }, multipath: { paths: 2 } })).toMatchObject({
    paths: ["a b d", "a e d"],
    condition: `True BackupsFound: 1 node-disjoint; ${AROUND}`,
  });
});

test("a search beyond its work limit says so, and what it has is disjoint and keeps the constraints", () => {
  // Twenty pairs of parallel links: two disjoint paths share the delays out, and the bound is just below half of them all.
  const delays = Array.from({ length: 20 }, (_, i) => (37 * (i + 1)) % 101);
  const links = delays.flatMap((delayUs, i) => {
    const ends = `n${100 + i}-n${101 + i}`;
    return [`${ends} name=a${i} delayUs=${delayUs}`, `${ends} name=b${i}`];
  });
  const half = delays.reduce((sum, delay) => sum + delay, 0) / 2;
  const { paths, exact, condition } = planned(["h1: n100", "h2: n120", ...links].join("\n"), {
    objective: { minimize: "igp" },
    protection: { backups: 1 },
    constraints: { maxDelayMs: (half - 0.5) / 1_000 },
  });
  expect({ paths: paths.length, exact }).toEqual({ paths: 2, exact: false });
  expect(condition).toMatch(/^False PartlyDisjoint: .* work limit/);
});
