import { TcpBound } from "./tcp-bound";

const BOUND = { max: 10, violationMs: 1_000 };

/** Judges ten times a second. */
class Judge {
  readonly bound = new TcpBound();
  nowMs = 0;

  /** Whether it is left after so long of this value. */
  after(durationMs: number, value: number | undefined): boolean {
    const endMs = this.nowMs + durationMs;
    let isLeft = false;
    while (this.nowMs < endMs) {
      this.nowMs += 100;
      isLeft = this.bound.judge(value, BOUND, this.nowMs);
    }
    return isLeft;
  }

  /** How long it is left alone once nothing is heard of it. */
  heldMs(): number {
    const startMs = this.nowMs;
    while (this.after(100, undefined)) if (this.nowMs - startMs > 1e6) throw new Error("for ever");
    return this.nowMs - startMs;
  }
}

test("left when the bound is violated for the stated time, not before", () => {
  const judge = new Judge();
  expect([judge.after(1_000, 11), judge.after(100, 11)]).toEqual([false, true]);
});

test("too little traffic to tell: not left", () => {
  expect(new Judge().after(60_000, undefined)).toBe(false);
});

test("left, it falls silent: it is tried again after ten seconds, and twice as long after each relapse, five minutes at most", () => {
  const judge = new Judge();
  const held = Array.from({ length: 7 }, () => {
    judge.after(1_100, 11);
    return Math.round(judge.heldMs() / 1_000);
  });
  expect(held).toEqual([10, 20, 40, 80, 160, 300, 300]);
});

test("a minute in use, and the next time is no relapse", () => {
  const judge = new Judge();
  judge.after(1_100, 11);
  judge.heldMs();
  judge.after(60_000, 1);
  judge.after(1_100, 11);
  expect(Math.round(judge.heldMs() / 1_000)).toBe(10);
});

test("what is still on it keeps it left as long as the bound is violated", () => {
  const judge = new Judge();
  judge.after(1_100, 11);
  expect(judge.after(120_000, 11)).toBe(true);
  expect(judge.after(60_000, 9.5)).toBe(true);
  expect([judge.after(1_900, 8), judge.after(300, 8)]).toEqual([true, false]);
});

test("without a bound nothing is left", () => {
  const judge = new Judge();
  judge.after(1_100, 11);
  expect(judge.bound.judge(11, undefined, judge.nowMs)).toBe(false);
});
