import { DownLinks } from "./down-links";

test("the last word holds, in a session for ever, without one for a minute", () => {
  const down = new DownLinks();
  expect([...down.at(0)]).toEqual([]);
  down.tell([1n, 2n]);
  down.tell([2n, 3n]);
  expect([...down.at(1e9)]).toEqual([2n, 3n]);
  down.sessionLost(1_000);
  down.sessionLost(50_000);
  expect([...down.at(60_999)]).toEqual([2n, 3n]);
  expect([...down.at(61_000)]).toEqual([]);
});

test("a new session keeps what is known until it says otherwise", () => {
  const down = new DownLinks();
  down.tell([1n]);
  down.sessionLost(0);
  down.tell([1n]);
  expect([...down.at(100_000)]).toEqual([1n]);
  down.tell([]);
  expect([...down.at(100_000)]).toEqual([]);
});
