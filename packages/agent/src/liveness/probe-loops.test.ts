import { type Fate, TwoLoops } from "../../../../test/support/two-loops";
import type { ListProbing } from "./list-probing";

const PROBING: ListProbing = {
  intervalUs: 10_000,
  multiplier: 3,
  links: [],
  maxDelayUs: undefined,
  maxLossPpm: undefined,
  violationMs: 100,
};
/** Both loops answer after a millisecond. */
const FINE: Fate = () => 1;
const FIRST_DEAD: Fate = (loop) => (loop === 0 ? undefined : 1);
const ALTERNATE_DEAD: Fate = (loop) => (loop === 1 ? undefined : 1);
const ALL_DEAD: Fate = () => undefined;

const network = (fate: Fate, given: Partial<ListProbing> = {}) =>
  new TwoLoops({ ...PROBING, ...given }, fate).run(1_000);
const said = ({ liveness: { state, reason, deadReturns, transitions } }: TwoLoops) =>
  [state, reason, deadReturns, transitions] as const;

/** Milliseconds from what happens to the first packet that finds the list dead. */
function deadAfter(loops: TwoLoops, fate: Fate): number {
  const fromMs = loops.nowMs;
  loops.fate = fate;
  loops.run(1_000);
  return (loops.deadMs.find((atMs) => atMs >= fromMs) ?? Number.POSITIVE_INFINITY) - fromMs;
}

test("with both loops answering, probes take turns, and no more are sent than with one", () => {
  const loops = network(FINE);
  expect(said(loops)).toEqual(["alive", "", 0, 1]);
  expect([loops.uses.at(-1), loops.counted, loops.watched]).toEqual(["both", 100, 1]);
});

test.each([
  ["the first", FIRST_DEAD, 1],
  ["the alternate", ALTERNATE_DEAD, 2],
] as const)("%s way back dies and comes back: the list is alive throughout, without loss", (_which, fate, bit) => {
  const loops = network(FINE);
  loops.fate = fate;
  loops.run(1_000);
  expect(said(loops)).toEqual(["alive", "", bit, 1]);
  expect(loops.liveness.loops.lossPpm).toBe(0);
  loops.fate = FINE;
  loops.run(1_000);
  expect(said(loops)).toEqual(["alive", "", 0, 1]);
  expect([loops.liveness.loops.use, loops.deadMs]).toEqual(["both", []]);
});

test.each([2, 3, 5])("multiplier %d: a dead way back alone never makes it dead", (multiplier) => {
  for (const fate of [FIRST_DEAD, ALTERNATE_DEAD]) {
    const loops = network(FINE, { multiplier });
    loops.fate = fate;
    expect(loops.run(2_000).deadMs).toEqual([]);
  }
});

test("a dead way out is as soon found as by one loop, whatever is the matter with the ways back", () => {
  const oneLoopMs = 20;
  expect(deadAfter(network(FINE), ALL_DEAD)).toBe(oneLoopMs);
  expect(deadAfter(network(FIRST_DEAD), ALL_DEAD)).toBe(oneLoopMs);
  expect(deadAfter(network(ALTERNATE_DEAD), ALL_DEAD)).toBe(oneLoopMs);
  expect(
    deadAfter(
      network((loop) => (loop === 0 ? 1 : 35)),
      ALL_DEAD,
    ),
  ).toBe(oneLoopMs);
});

test("a list that was dead comes back by the loop that answers", () => {
  const loops = network(FINE);
  loops.fate = ALL_DEAD;
  loops.run(500);
  expect(said(loops)).toEqual(["dead", "probes_missing", 0, 2]);
  loops.fate = FIRST_DEAD;
  loops.run(1_000);
  expect(said(loops).slice(0, 3)).toEqual(["alive", "", 1]);
  expect(loops.liveness.transitions).toBe(3);
});

test("an alternate that takes more intervals is only asked after: it would cost time", () => {
  const loops = network((loop) => (loop === 0 ? 1 : 35));
  expect([loops.liveness.loops.use, loops.deadMs]).toEqual(["first", []]);
  expect(loops.liveness.multiplier).toBe(3);
  expect(loops.watched).toBeLessThanOrEqual(6);
});

test("where the alternate is slow, a dead first way back costs one excursion, and no flapping", () => {
  const loops = network((loop) => (loop === 0 ? 1 : 35));
  loops.fate = (loop) => (loop === 0 ? undefined : 35);
  loops.run(3_000);
  expect(said(loops)).toEqual(["alive", "", 1, 3]);
  expect(loops.liveness.multiplier).toBe(6);
});

test("room for a longer loop makes no dead list alive: something has to come back", () => {
  const loops = network((loop) => (loop === 0 ? 1 : 35));
  const afterMs = deadAfter(loops, ALL_DEAD);
  expect(loops.deadMs).toHaveLength(1_000 - afterMs);
  expect(said(loops)).toEqual(["dead", "probes_missing", 0, 2]);
});

test("when the shorter loop is back, what is under way by the longer one is not missing", () => {
  const loops = network((loop) => (loop === 0 ? 1 : 35));
  loops.fate = (loop) => (loop === 0 ? undefined : 35);
  const before = loops.run(3_000).deadMs.length;
  loops.fate = (loop) => (loop === 0 ? 1 : 35);
  expect(loops.run(3_000).deadMs).toHaveLength(before);
  expect([loops.liveness.loops.use, loops.liveness.multiplier]).toEqual(["first", 3]);
});

test("probes of both loops that are under way are not missing", () => {
  const loops = network((loop) => (loop === 0 ? 52 : 55));
  expect([loops.liveness.loops.use, loops.liveness.multiplier]).toEqual(["both", 8]);
  expect(loops.liveness.state).toBe("alive");
  const before = loops.deadMs.length;
  loops.fate = (loop) => (loop === 0 ? undefined : 55);
  expect(loops.run(2_000).deadMs).toHaveLength(before);
  expect(said(loops).slice(0, 3)).toEqual(["alive", "", 1]);
});

test("loss that one way back has alone is not the path's; what both have is", () => {
  const bound = { maxLossPpm: 100_000 };
  const lossy = (loop: 0 | 1, atMs: number) => (loop === 0 && (atMs / 10) % 6 < 2 ? undefined : 1);
  const oneWay = network(FINE, bound);
  oneWay.fate = lossy;
  oneWay.run(3_000);
  expect([oneWay.liveness.state, oneWay.liveness.withheld]).toEqual(["alive", undefined]);
  const wayOut = network(FINE, bound);
  wayOut.fate = (_loop, atMs) => ((atMs / 10) % 5 === 0 ? undefined : 1);
  wayOut.run(3_000);
  expect(wayOut.liveness.withheld).toBe("loss");
  expect(wayOut.liveness.loops.lossPpm).toBe(200_000);
});

test("delay that one way back has alone is not the path's, nor that the alternate is longer; what both have is", () => {
  const bound = { maxDelayUs: 2_000 };
  const congested = network(FINE, bound);
  congested.fate = (loop) => (loop === 0 ? 8 : 1);
  congested.run(3_000);
  expect(congested.liveness.withheld).toBeUndefined();
  const longer = network((loop) => (loop === 0 ? 1 : 8), bound);
  longer.fate = (loop) => (loop === 0 ? undefined : 8);
  longer.run(3_000);
  expect([longer.liveness.withheld, longer.liveness.loops.meanUs]).toEqual([undefined, 1_000]);
  longer.fate = (loop) => (loop === 0 ? undefined : 13);
  longer.run(3_000);
  expect(longer.liveness.withheld).toBe("delay");
});
