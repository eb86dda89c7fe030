import { Ecmp, evaluate, type Placement } from "@sextant/placement";
import fc from "fast-check";
import { naiveDemandsOf, naiveEcmpOf } from "../../support/naive-placement";
import { check } from "../fuzz";
import { type Instance, randomInstance } from "./random-instance";

/** Each demand along one to three lists of up to two routers, whether or not that makes sense. */
const placed = randomInstance().chain((instance) => {
  const routers = instance.network.isHost.filter((host) => host === 0).length;
  const list = fc.record({
    weight: fc.integer({ min: 1, max: 9 }),
    midpoints: fc.array(fc.nat({ max: routers - 1 }), { maxLength: 2 }),
  });
  const lists = instance.demands.names.map(() => fc.array(list, { minLength: 1, maxLength: 3 }));
  return fc.tuple(...lists).map((placement): Instance & { placement: Placement } => ({ ...instance, placement }));
});

test("loads of any placement are those that a recursion over the definition of ECMP gives", () => {
  check(2_000, 20, placed, ({ network, demands, placement }) => {
    const oracle = naiveEcmpOf(network);
    const { loadMbps, mlu, unroutable } = evaluate(new Ecmp(network), demands, placement);
    const carried = placement.map((lists, demand) => (unroutable.includes(demand) ? [] : lists));
    const named = naiveDemandsOf(network, demands, carried);
    const expected = oracle.loads(named);
    network.linkNames.forEach((name, link) => {
      expect(loadMbps[link]).toBeCloseTo(expected.get(name) ?? Number.NaN, 9);
    });
    expect(mlu).toBeCloseTo(oracle.mlu(named), 9);
  });
});

test("a demand is unroutable exactly where the recursion finds no way for one of its lists", () => {
  check(2_000, 20, placed, ({ network, demands, placement }) => {
    const oracle = naiveEcmpOf(network);
    const name = (node: number | undefined) => network.nodeNames[node ?? -1] ?? "";
    const lost = placement.flatMap((lists, demand) => {
      const stops = lists.map(({ midpoints }) => [demands.from[demand], ...midpoints, demands.to[demand]].map(name));
      const isWhole = stops.every((list) =>
        list.slice(1).every((to, i) => oracle.shares(list[i] ?? "", to) !== undefined),
      );
      return isWhole ? [] : [demand];
    });
    expect(evaluate(new Ecmp(network), demands, placement).unroutable).toEqual(lost);
  });
});
