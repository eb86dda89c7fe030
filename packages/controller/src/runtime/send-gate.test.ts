import { SendGate } from "./send-gate";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("with nothing under way it opens at once", () => {
  const then = jest.fn();
  new SendGate(500).whenClear(then);
  expect(then).toHaveBeenCalledTimes(1);
});

test("it opens when the last one is out, once, for the latest that waits", () => {
  const gate = new SendGate(500);
  const [first, second] = [gate.enter(), gate.enter()];
  const [earlier, later] = [jest.fn(), jest.fn()];
  gate.whenClear(earlier);
  gate.whenClear(later);
  first();
  expect(later).not.toHaveBeenCalled();
  second();
  jest.advanceTimersByTime(1_000);
  expect([earlier, later].map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
});

test("one that is never out holds nobody up for longer than said, and nothing after it is stopped", () => {
  const gate = new SendGate(500);
  gate.enter();
  const then = jest.fn();
  gate.whenClear(then);
  jest.advanceTimersByTime(499);
  expect(then).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(then).toHaveBeenCalledTimes(1);
  gate.whenClear(then);
  gate.stop();
  jest.advanceTimersByTime(1_000);
  expect(then).toHaveBeenCalledTimes(1);
});
