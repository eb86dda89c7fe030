import { compute } from "../../packages/controller/src/pipeline/compute";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import { bestWalk, type Question } from "./brute-force";
import { check } from "./fuzz";
import { topologyFor } from "./random-network";
import { intentFor, legsOf, networkAndQuestion, UNBOUNDED } from "./random-question";

const NOTHING = { nodes: [], links: [], srlgs: [] };
/** The question without one constraint. */
const WITHOUT: Readonly<Record<string, Partial<Question>>> = {
  maxDelayMs: { maxDelayUs: UNBOUNDED.maxDelayUs },
  maxJitterMs: { maxJitterUs: UNBOUNDED.maxJitterUs },
  maxLossPercent: { maxLossPercent: UNBOUNDED.maxLossPercent },
  maxIgp: { maxIgp: UNBOUNDED.maxIgp },
  maxHops: { maxHops: UNBOUNDED.maxHops },
  minBandwidthMbps: { minBandwidthMbps: UNBOUNDED.minBandwidthMbps },
  avoid: { avoid: NOTHING },
  affinity: { affinity: { any: [], all: [], none: [] } },
  include: { include: NOTHING },
  via: { via: [] },
};
const CONSTRAINTS = Object.keys(WITHOUT);
/** Larger sets than this are named as one that nothing can be left out of. */
const MAX_SIZE = 3;

const without = (question: Question, drop: readonly string[]): Question =>
  drop.reduce((asked, name) => ({ ...asked, ...WITHOUT[name] }), question);

function subsets(size: number, from = 0): string[][] {
  if (size === 0) return [[]];
  return CONSTRAINTS.slice(from).flatMap((name, i) => subsets(size - 1, from + i + 1).map((rest) => [name, ...rest]));
}

test("of a missing path the sets of constraints to give up are those that looking at all paths finds", () => {
  check(2_000, 6, networkAndQuestion(4, 6), ([network, question]) => {
    if (legsOf(question) > 3 || bestWalk(network, question) !== undefined) return;
    const [policy] = compute(intentFor(question), createSnapshot(topologyFor(network), 1)).policies;
    const { reason, relaxations = [] } = policy?.noPath ?? {};
    const helps = (drop: readonly string[]) => bestWalk(network, without(question, drop)) !== undefined;
    if (!helps(CONSTRAINTS)) {
      expect([reason, relaxations]).toEqual(["Disconnected", []]);
      return;
    }
    const size = [1, 2, 3].find((each) => subsets(each).some(helps));
    if (size === undefined) {
      expect(Math.min(...relaxations.map(({ drop }) => drop.length))).toBeGreaterThan(MAX_SIZE);
      return;
    }
    // An entry of a list stands for the list: `avoid.links l01`, `via r1`.
    const named = new Set(relaxations.map(({ drop }) => drop.map((name) => name.split(/[. ]/)[0]).join(" ")));
    expect(named).toEqual(
      new Set(
        subsets(size)
          .filter(helps)
          .map((drop) => drop.join(" ")),
      ),
    );
  });
});

test("what giving up a bound would reach is the nearest to that bound", () => {
  const bounds = new Map([
    ["maxDelayMs", ["delay", "delayUs"] as const],
    ["maxIgp", ["igp", "igp"] as const],
    ["maxHops", ["hops", "hops"] as const],
  ]);
  check(2_000, 6, networkAndQuestion(4, 6), ([network, question]) => {
    if (legsOf(question) > 3 || bestWalk(network, question) !== undefined) return;
    const [policy] = compute(intentFor(question), createSnapshot(topologyFor(network), 1)).policies;
    for (const { drop, reaches } of policy?.noPath?.relaxations ?? []) {
      const bound = bounds.get(drop.join(" "));
      if (bound === undefined) continue;
      const [metric, field] = bound;
      const nearest = bestWalk(network, { ...without(question, drop), objective: [{ minimize: metric }] }) ?? [];
      const sums = {
        delayUs: nearest.reduce((sum, { link }) => sum + link.delayUs, 0),
        igp: nearest.reduce((sum, { igp }) => sum + igp, 0),
        hops: nearest.length,
      };
      expect(reaches[field]).toBeCloseTo(sums[field], 6);
    }
  });
});
