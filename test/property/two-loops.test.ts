// Two probe loops per list, whatever becomes of their ways back and of the way out.
import fc from "fast-check";
import { type Fate, TwoLoops } from "../support/two-loops";

const INTERVAL_MS = 10;
const PROBING = {
  intervalUs: INTERVAL_MS * 1_000,
  links: [],
  maxDelayUs: 500_000,
  maxLossPpm: 200_000,
  violationMs: 100,
};

/** How a way back is for a while: whether it loses all, what it loses of a hundred, and its round trip. */
const stretch = fc.record({
  forMs: fc.integer({ min: 10, max: 800 }),
  lostOfHundred: fc.constantFrom(0, 0, 30, 100, 100),
  roundTripMs: fc.integer({ min: 0, max: INTERVAL_MS - 1 }),
});
const stretches = fc.array(stretch, { minLength: 1, maxLength: 12 });
const multiplier = fc.integer({ min: 2, max: 10 });
const roundTrip = fc.integer({ min: 0, max: INTERVAL_MS - 1 });
const dice = fc.infiniteStream(fc.nat({ max: 99 }));

test("as long as one way back works all the time, the list is alive all the time, and without loss or delay to leave it for", () => {
  const which = fc.constantFrom<0 | 1>(0, 1);
  fc.assert(
    fc.property(multiplier, which, roundTrip, stretches, dice, (asked, steady, roundTripMs, all, luck) => {
      const loops = new TwoLoops({ ...PROBING, multiplier: asked }, () => roundTripMs).run(1_000);
      for (const { forMs, lostOfHundred, roundTripMs: otherMs } of all) {
        const other = () => (luck.next().value < lostOfHundred ? undefined : otherMs);
        loops.fate = (loop) => (loop === steady ? roundTripMs : other());
        loops.run(forMs);
      }
      const { state, withheld, transitions } = loops.liveness;
      expect([loops.deadMs, state, withheld, transitions]).toEqual([[], "alive", undefined, 1]);
      expect(loops.watched).toBeLessThanOrEqual(1 + loops.counted / 20);
    }),
    { numRuns: 300 },
  );
});

test("a dead way out is found in the time that one loop takes, and the list is used again when a way back brings a probe", () => {
  const ways = fc.constantFrom<Fate>(
    () => 1,
    (loop) => (loop === 0 ? 1 : undefined),
    (loop) => (loop === 1 ? 1 : undefined),
    (loop) => (loop === 0 ? 1 : 37),
  );
  fc.assert(
    fc.property(multiplier, ways, ways, fc.integer({ min: 1, max: 2_000 }), (asked, before, after, deadForMs) => {
      const loops = new TwoLoops({ ...PROBING, multiplier: asked }, before).run(2_000);
      const settled = loops.deadMs.length;
      loops.fate = () => undefined;
      loops.run(deadForMs + INTERVAL_MS * 11);
      // The probe that has just left counts; a multiplier of 2 is 3 with two ways back.
      const expectedMs = INTERVAL_MS * (Math.max(3, asked) - 1);
      expect(loops.deadMs[settled]).toBeLessThanOrEqual(2_000 + expectedMs);
      loops.fate = after;
      loops.run(2_000);
      expect(loops.liveness.state).toBe("alive");
      expect(loops.deadMs.at(-1)).toBeLessThan(loops.nowMs - 1_000);
    }),
    { numRuns: 200 },
  );
});
