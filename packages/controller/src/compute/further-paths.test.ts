import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import { compute } from "../pipeline/compute";
import { createSnapshot } from "../topology/snapshot";

/*
 *         b          delay 1 each, 400 Mbit/s
 *       / | \
 * h1 ─ a  |  d ─ h2   b-c: delay 1, 50 Mbit/s
 *       \ | /
 *         c          delay 2 each, 100 Mbit/s
 */
const SNAPSHOT = createSnapshot(
  network(`
h1: a
h2: d
a-b delayUs=1000 capacityMbps=400
b-d delayUs=1000 capacityMbps=400
a-c delayUs=2000 capacityMbps=100
c-d delayUs=2000 capacityMbps=100
b-c delayUs=1000 capacityMbps=50
`),
  1,
);

function paths(spec: Record<string, unknown>): string[][] {
  const [policy] = compute(intentOf(spec), SNAPSHOT).policies;
  return (policy?.candidates ?? []).map((candidate) =>
    [candidate, ...candidate.beside].map(({ nodes, weight }) => `${nodes.slice(1, -1).join(" ")} x${weight}`),
  );
}

test.each<[string, Record<string, unknown>, string[][]]>([
  ["one path unless asked", {}, [["a b d x1"]]],
  ["the disjoint one comes before a better one that shares", { paths: 2 }, [["a b d x1", "a c d x1"]]],
  [
    "all there are, best first after the disjoint ones",
    { paths: 32 },
    [["a b d x1", "a c d x1", "a b c d x1", "a c b d x1"]],
  ],
  ["by their narrowest links", { paths: 3, weights: "capacity" }, [["a b d x8", "a c d x2", "a b c d x1"]]],
])("%s", (_what, multipath, expected) => {
  expect(paths({ multipath })).toEqual(expected);
});

test("every path keeps the constraints", () => {
  expect(paths({ multipath: { paths: 4 }, constraints: { maxHops: 4 } })).toEqual([["a b d x1", "a c d x1"]]);
  expect(paths({ multipath: { paths: 4 }, constraints: { via: [{ node: "c" }, { node: "b" }] } })[0]?.[0]).toBe(
    "a c b d x1",
  );
});

test("a backup keeps off all of them, or off as many as it can", () => {
  const backup = { protection: { backups: 1 } };
  expect(paths({ ...backup, multipath: { paths: 1 } })).toEqual([["a b d x1"], ["a c d x1"]]);
  // Nothing is disjoint from both ways, and what is disjoint from the best is the other one already.
  expect(paths({ ...backup, multipath: { paths: 2 } })).toEqual([["a b d x1", "a c d x1"]]);
  const [policy] = compute(intentOf({ ...backup, multipath: { paths: 2 } }), SNAPSHOT).policies;
  expect(policy?.protection).toMatchObject({ found: 0, shortfall: { reason: "Disconnected" } });
});

test("sixteen candidates keep their order above zero", () => {
  const parallel = Array.from({ length: 17 }, (_, i) => `a-b name=l${i} delayUs=${i}`).join("\n");
  const snapshot = createSnapshot(network(`h1: a\nh2: b\n${parallel}`), 1);
  const [policy] = compute(intentOf({ protection: { backups: 15 } }), snapshot).policies;
  expect(policy?.candidates.map(({ preference }) => preference)).toEqual([
    ...[100, 90, 80, 70, 60, 50, 40, 30, 20, 10],
    ...[9, 8, 7, 6, 5, 4],
  ]);
});

test("where the work limit ends the search for more paths, the answer says so", () => {
  const rungs = Array.from({ length: 50 }, (_, i) => [
    `r${i + 10}-r${i + 11} igp=1`,
    `r${i + 10}-r${i + 11} igp=2 name=s${i}`,
  ]);
  const snapshot = createSnapshot(network(["h1: r10", "h2: r60", ...rungs.flat()].join("\n")), 1);
  const exact = (multipath: Record<string, unknown>) => {
    const [policy] = compute(intentOf({ multipath, constraints: { via: [{ node: "r20" }] } }), snapshot).policies;
    const [primary] = policy?.candidates ?? [];
    return [1 + (primary?.beside.length ?? 0), primary?.exact];
  };
  expect(exact({ paths: 4 })).toEqual([4, true]);
  expect(exact({ paths: 32 })).toEqual([expect.any(Number), false]);
});
