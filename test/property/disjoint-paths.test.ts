import fc from "fast-check";
import { type ComputedPolicy, compute } from "../../packages/controller/src/pipeline/compute";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import { intentOf } from "../support/intent";
import { allPaths, cheapest, compare, type KnownPath, priceOf, type ProtectedQuestion } from "./disjoint-oracle";
import { check } from "./fuzz";
import { type RandomNetwork, randomNetwork, topologyFor } from "./random-network";

const question: fc.Arbitrary<ProtectedQuestion> = fc.record({
  objective: fc.constantFrom("delay", "igp", "te"),
  disjoint: fc.constantFrom("link", "node", "srlg"),
  backups: fc.constantFrom(1, 1, 2),
  maxDelayUs: fc.oneof(
    { weight: 2, arbitrary: fc.constant(1e6) },
    { weight: 1, arbitrary: fc.integer({ min: 20, max: 140 }).map((tenths) => tenths / 10) },
  ),
  maxHops: fc.oneof(
    { weight: 3, arbitrary: fc.constant(20) },
    { weight: 1, arbitrary: fc.integer({ min: 3, max: 6 }) },
  ),
});

function answer(
  network: RandomNetwork,
  asked: ProtectedQuestion,
  order?: <T>(items: readonly T[]) => T[],
): ComputedPolicy {
  const { objective, disjoint, backups, maxDelayUs, maxHops } = asked;
  const intent = intentOf({
    objective: { minimize: objective },
    // A bound that cannot bind is left out, so that there are questions without any.
    constraints: {
      ...(maxDelayUs === 1e6 ? {} : { maxDelayMs: maxDelayUs / 1_000 }),
      ...(maxHops === 20 ? {} : { maxHops }),
    },
    protection: { backups, disjoint },
  });
  const [policy] = compute(intent, createSnapshot(topologyFor(network, order), 1)).policies;
  if (policy === undefined) throw new Error("one pair, one policy");
  return policy;
}

/** What the oracle knows of the candidates, in order; throws for one that it does not know. */
function chosenOf({ candidates }: ComputedPolicy, paths: readonly KnownPath[]): KnownPath[] {
  return candidates.map(({ links }) => {
    const known = paths.find(({ names }) => names === links.join(" "));
    if (known === undefined) throw new Error(`no path of the question: ${links.join(" ")}`);
    return known;
  });
}

/** The most disjoint paths that there are, up to a number, and what they cost at least. */
function mostApart(paths: readonly KnownPath[], most: number): { count: number; price: number[] } {
  for (let count = most; count > 1; count--) {
    const price = cheapest(paths, count, true);
    if (price !== undefined) return { count, price };
  }
  return { count: 1, price: cheapest(paths, 1, true) ?? [] };
}

const networks = fc.tuple(randomNetwork(5, 9), question);

test("primary and backups are as many disjoint paths as there are, of least total cost", () => {
  check(3_000, 12, networks, ([network, asked]) => {
    const paths = allPaths(network, asked);
    const policy = answer(network, asked);
    const chosen = chosenOf(policy, paths);
    expect(chosen.length > 0).toBe(paths.length > 0);
    const most = mostApart(paths, asked.backups + 1);
    expect(policy.protection?.found ?? 0).toBe(paths.length === 0 ? 0 : most.count - 1);
    const expected = most.count > 1 ? most.price : (cheapest(paths, 2, false) ?? most.price);
    const together = most.count > 1 ? most.count : 2;
    expect(priceOf(chosen.slice(0, together))).toEqual(paths.length === 0 ? [0, 0, 0, 0, 0] : expected);
    expect(policy.protection?.exact ?? true).toBe(true);
  });
});

test("the primary is the better one, and what goes beyond disjoint ones shares least with all before", () => {
  check(2_000, 8, networks, ([network, asked]) => {
    const paths = allPaths(network, asked);
    const chosen = chosenOf(answer(network, asked), paths);
    const most = mostApart(paths, asked.backups + 1);
    const together = Math.max(2, most.count);
    const costs = chosen.slice(0, together).map(({ cost }) => cost.slice(0, 3));
    expect(costs).toEqual([...costs].sort(compare));
    for (let i = together; i <= asked.backups && chosen.length >= together; i++) {
      const before = chosen.slice(0, i);
      const least = [...paths].sort((a, b) => compare(priceOf([a], before), priceOf([b], before)))[0] as KnownPath;
      // Where one of those before shares least itself, none is added.
      const added =
        chosen[i] ?? before.find((path) => compare(priceOf([path], before), priceOf([least], before)) === 0);
      expect(priceOf([added as KnownPath], before)).toEqual(priceOf([least], before));
    }
  });
});

test("the order of the document changes nothing", () => {
  check(400, 6, networks, ([network, asked]) => {
    const turned = answer(network, asked, (items) => items.toReversed());
    expect(turned).toEqual(answer(network, asked));
  });
});
