import type { TcpCounters } from "../reconcile/data-plane";
import { TcpWindow } from "./tcp-window";

const NONE: TcpCounters = { sent: 0, sentAgain: 0, cameTwice: 0, roundTrips: 0, roundTripUs: 0, riseUs: 0 };

/** Looks four times a second. */
class Looks {
  readonly window = new TcpWindow();
  nowMs = 0;
  totals = NONE;

  constructor() {
    this.window.add(NONE, 0);
  }

  /** So many looks, each with this much more. */
  add(looks: number, more: Partial<TcpCounters>): this {
    for (let look = 0; look < looks; look++) {
      const keys = Object.keys(NONE) as (keyof TcpCounters)[];
      const sums = keys.map((key) => [key, this.totals[key] + (more[key] ?? 0)]);
      this.totals = Object.fromEntries(sums);
      this.nowMs += 250;
      this.window.add(this.totals, this.nowMs);
    }
    return this;
  }
}

test.each<[string, Partial<TcpCounters>, number | undefined]>([
  ["nothing was sent again", { sent: 200 }, 0],
  ["one in twenty was", { sent: 200, sentAgain: 10 }, 50_000],
  ["what came twice was not lost", { sent: 200, sentAgain: 10, cameTwice: 6 }, 20_000],
  ["more came twice than was sent again in that time", { sent: 200, cameTwice: 3 }, 0],
  ["too few segments to tell", { sent: 2, sentAgain: 2 }, undefined],
])("loss: %s", (_, more, lossPpm) => {
  expect(new Looks().add(20, more).window.measured.lossPpm).toBe(lossPpm);
});

test("loss is of the last two seconds, where these are enough", () => {
  const looks = new Looks().add(40, { sent: 100, sentAgain: 20 }).add(8, { sent: 100 });
  expect(looks.window.measured.lossPpm).toBe(0);
});

test("where they are not, it reaches back as far as it takes, ten seconds at most", () => {
  const looks = new Looks().add(12, { sent: 10, sentAgain: 1 });
  expect(looks.window.measured.lossPpm).toBe(100_000);
  expect(looks.add(4, { sent: 1 }).window.measured.lossPpm).toBeCloseTo(1e6 * (10 / 104), 0);
  expect(looks.add(40, { sent: 1 }).window.measured.lossPpm).toBeUndefined();
});

test("a list that no connection uses any more has nothing to say after ten seconds", () => {
  const looks = new Looks().add(40, { sent: 100, sentAgain: 10, roundTrips: 10, roundTripUs: 10_000 });
  expect(looks.add(20, {}).window.measured.lossPpm).toBe(100_000);
  expect(looks.add(40, {}).window.measured).toEqual({ lost: 0 });
  expect(looks.window.size).toBe(1);
});

test("round trips: their mean, and how much longer than the least", () => {
  const looks = new Looks().add(8, { roundTrips: 5, roundTripUs: 10_000, riseUs: 2_500 });
  expect(looks.window.measured).toMatchObject({ roundTripUs: 2_000, riseUs: 500 });
});

test("totals that went backwards begin anew", () => {
  const looks = new Looks().add(20, { sent: 100, sentAgain: 50 });
  looks.totals = NONE;
  expect(looks.add(10, { sent: 100 }).window.measured.lossPpm).toBe(0);
});

test("what is kept is bounded, however often it is looked at", () => {
  const window = new TcpWindow();
  for (let nowMs = 0; nowMs < 5_000; nowMs++) window.add({ ...NONE, sent: nowMs }, nowMs);
  expect(window.size).toBe(64);
});
