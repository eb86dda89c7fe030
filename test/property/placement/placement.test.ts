import {
  Ecmp,
  evaluate,
  lowerBound,
  place,
  type Placed,
  type Placement,
  plainPlacement,
  sameLists,
} from "@sextant/placement";
import fc from "fast-check";
import { naiveDemandsOf, naiveEcmpOf } from "../../support/naive-placement";
import { FUZZ_SEED } from "../fuzz";
import { type Instance, randomInstance } from "./random-instance";

const RUNS = 150;
const MAX_SECONDS = 40;
/** Weights are whole thousandths. */
const ROUNDING = 2e-3;

/** As `check` does, for properties that have to wait for the solver. */
async function checkAsync<T>(values: fc.Arbitrary<T>, property: (value: T) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(values, property), {
    numRuns: RUNS,
    seed: FUZZ_SEED,
    interruptAfterTimeLimit: MAX_SECONDS * 1_000,
    markInterruptAsFailure: false,
  });
}

function judged({ network, demands }: Instance, placement: Placement): number {
  return naiveEcmpOf(network).mlu(naiveDemandsOf(network, demands, placement));
}

test("the lists give the utilisation that is claimed: at least the optimum, at most plain routing", async () => {
  await checkAsync(randomInstance(), async (instance) => {
    const { network, demands } = instance;
    const result = await place(network, demands, { maxMidpoints: 2 });
    expect(judged(instance, result.placement)).toBeCloseTo(result.after.mlu, 9);
    expect(result.after.mlu).toBeLessThanOrEqual(result.plain.mlu * (1 + 1e-9));
    expect(await lowerBound(network, demands, result.placement)).toBeLessThanOrEqual(result.after.mlu * (1 + 1e-6));
    expect(result.after.unroutable).toEqual(result.plain.unroutable);
  });
});

test("lists are few, short and of routers; weights are whole", async () => {
  const instances = fc.tuple(randomInstance(), fc.nat({ max: 2 }));
  await checkAsync(instances, async ([{ network, demands }, maxMidpoints]) => {
    const { placement } = await place(network, demands, { maxMidpoints });
    for (const list of placement.flat()) {
      expect(list.midpoints.length).toBeLessThanOrEqual(maxMidpoints);
      expect(list.midpoints.every((node) => network.isHost[node] === 0)).toBe(true);
      expect(Number.isInteger(list.weight) && list.weight > 0).toBe(true);
    }
    expect(Math.max(0, ...placement.map((lists) => lists.length))).toBeLessThanOrEqual(32);
  });
});

test("the same instance gives the same lists", async () => {
  await checkAsync(randomInstance(), async ({ network, demands }) => {
    const [one, other] = [
      await place(network, demands, { maxMidpoints: 2 }),
      await place(network, demands, { maxMidpoints: 2 }),
    ];
    expect(one.placement).toEqual(other.placement);
  });
});

/** Makes the moves one by one, each link carrying the greater of before and after while its demand moves. */
function highestDuring({ network, demands }: Instance, start: Placement, result: Placed): Float64Array {
  const ecmp = new Ecmp(network);
  const now = [...start];
  const highest = evaluate(ecmp, demands, now).loadMbps.slice();
  for (const demand of result.order.steps) {
    const without = evaluate(ecmp, demands, now.with(demand, [])).loadMbps;
    const before = evaluate(ecmp, demands, now).loadMbps;
    now[demand] = result.placement[demand] ?? [];
    const after = evaluate(ecmp, demands, now).loadMbps;
    without.forEach((load, link) => {
      const own = Math.max((before[link] ?? 0) - load, (after[link] ?? 0) - load);
      highest[link] = Math.max(highest[link] ?? 0, load + own);
    });
  }
  expect(now.every((lists, demand) => sameLists(lists, result.placement[demand] ?? []))).toBe(true);
  return highest;
}

/** One way per demand by its links, found depth first, whatever it costs; empty where there is none. */
function wanderings({ network, demands }: Instance): Placement {
  const { outStart, outLinks, linkTo, isHost } = network;
  return demands.names.map((_, demand) => {
    const [from, to] = [demands.from[demand] ?? -1, demands.to[demand] ?? -1];
    const seen = new Set([from]);
    const onward = (at: number): number[] | undefined => {
      if (at === to) return [];
      for (let i = outStart[at] ?? 0; i < (outStart[at + 1] ?? 0); i++) {
        const link = outLinks[i] ?? -1;
        const next = linkTo[link] ?? -1;
        if (seen.has(next) || (isHost[next] === 1 && next !== to)) continue;
        seen.add(next);
        const rest = onward(next);
        if (rest !== undefined) return [link, ...rest];
      }
      return undefined;
    };
    const links = onward(from);
    return links === undefined ? [] : [{ weight: 1, midpoints: [], links }];
  });
}

const STARTS = ["plain", "placed", "links"] as const;

async function startOf(kind: (typeof STARTS)[number], instance: Instance): Promise<Placement> {
  const { network, demands } = instance;
  switch (kind) {
    case "plain":
      return plainPlacement(demands);
    case "placed":
      return (await place(network, demands, { maxMidpoints: 1 })).placement;
    case "links":
      return wanderings(instance);
  }
}

test("from any placement: no more moves than allowed, none unreported, no link overbooked during them", async () => {
  const instances = fc.tuple(randomInstance(), fc.nat({ max: 4 }), fc.constantFrom(...STARTS));
  await checkAsync(instances, async ([instance, maxMoves, kind]) => {
    const { network, demands } = instance;
    const start = await startOf(kind, instance);
    const routable = start.map((lists, demand) =>
      evaluate(new Ecmp(network), demands, start).unroutable.includes(demand) ? [] : lists,
    );
    const result = await place(network, demands, { maxMidpoints: 2, start: routable, maxMoves });
    expect(judged(instance, result.placement)).toBeCloseTo(result.after.mlu, 9);
    const changed = result.placement.flatMap((lists, demand) =>
      sameLists(lists, routable[demand] ?? []) ? [] : [demand],
    );
    expect([...result.order.steps].sort((a, b) => a - b)).toEqual(changed);
    expect(changed.length).toBeLessThanOrEqual(maxMoves);
    expect(result.after.mlu).toBeLessThanOrEqual(result.before.mlu * (1 + ROUNDING));
    const highest = highestDuring(instance, routable, result);
    const utilisation = highest.map((load, link) => load / (network.capacityMbps[link] ?? Number.NaN));
    expect(Math.max(0, ...utilisation)).toBeCloseTo(result.order.peak, 6);
    // What could not move was part of the plan, so a link may have been filled as that plan allowed.
    if (result.order.blocked.length > 0) return;
    highest.forEach((load, link) => {
      const ends = Math.max(result.before.loadMbps[link] ?? 0, result.after.loadMbps[link] ?? 0);
      expect(load).toBeLessThanOrEqual(Math.max(network.capacityMbps[link] ?? 0, ends) * (1 + 1e-6));
    });
  });
});
