import type { EventInput, RecordedEvent } from "./event";
import { EventLog } from "./event-log";

const START_MS = 1_000_000;
let nowMs = START_MS;
beforeEach(() => {
  nowMs = START_MS;
});

const logOf = (total = 1_000, perObject = 50) => new EventLog(() => nowMs, { total, perObject });
const event = (object: string, reason: string, fields: Partial<EventInput> = {}): EventInput => {
  return { kind: "Path", object, reason, message: "m", ...fields };
};
const told = (events: readonly RecordedEvent[]) => events.map(({ object, reason, count }) => [object, reason, count]);

test("events come in the order in which they happened, each with its time", () => {
  const log = logOf();
  log.record(event("a", "PathDead"));
  nowMs += 5;
  log.record(event("b", "PathDead", { atMs: START_MS + 3 }));
  expect(log.read()).toMatchObject([
    { object: "a", firstMs: START_MS, lastMs: START_MS, count: 1, severity: "normal", host: undefined },
    { object: "b", firstMs: START_MS + 3, lastMs: START_MS + 3 },
  ]);
});

test("nothing happens in the future", () => {
  const log = logOf();
  log.record(event("a", "PathDead", { atMs: START_MS + 9_999 }));
  expect(log.read()).toMatchObject([{ lastMs: START_MS }]);
});

describe("equal events", () => {
  test("within a short time are counted on the one there is, which is then the newest", () => {
    const log = logOf();
    for (const reason of ["PathDead", "PathAlive", "PathDead"]) {
      log.record(event("a", reason));
      nowMs += 1_000;
    }
    const [alive, dead] = log.read();
    expect(told(log.read())).toEqual([
      ["a", "PathAlive", 1],
      ["a", "PathDead", 2],
    ]);
    expect(dead).toMatchObject({ firstMs: START_MS, lastMs: START_MS + 2_000 });
    expect(dead?.id).toBeLessThan(alive?.id ?? 0);
  });

  test.each([
    ["a long time later", "a", 20_000, "m"],
    ["of another object", "b", 0, "m"],
    ["that say something else", "a", 0, "n"],
  ])("are two %s", (_what, object, laterMs, message) => {
    const log = logOf();
    log.record(event("a", "PathDead"));
    nowMs += laterMs;
    log.record(event(object, "PathDead", { message }));
    expect(log.read()).toMatchObject([{ count: 1 }, { count: 1 }]);
  });
});

describe("bounds", () => {
  test("the oldest of an object makes room for its newest, and others stay", () => {
    const log = logOf(100, 3);
    log.record(event("quiet", "PathDead"));
    for (let i = 0; i < 10; i++) log.record(event("busy", `R${i}`));
    expect(told(log.read())).toEqual([
      ["quiet", "PathDead", 1],
      ["busy", "R7", 1],
      ["busy", "R8", 1],
      ["busy", "R9", 1],
    ]);
  });

  test("the oldest of all makes room for the newest", () => {
    const log = logOf(3);
    for (let i = 0; i < 10; i++) log.record(event(`o${i}`, "PathDead"));
    expect(log.size).toBe(3);
    expect(log.read().map(({ object }) => object)).toEqual(["o7", "o8", "o9"]);
  });

  test("a message is cut", () => {
    const log = logOf();
    log.record(event("a", "PathDead", { message: "x".repeat(100_000) }));
    expect(log.read()[0]?.message).toHaveLength(512);
  });

  test("ten seconds of 10,000 transitions each leave two events per path, and the last one of each is its state", () => {
    const log = new EventLog(() => nowMs);
    const paths = 200;
    for (let i = 0; i < 100_000; i++) {
      nowMs = START_MS + Math.floor(i / 10);
      log.record(event(`p${i % paths}`, Math.floor(i / paths) % 2 === 0 ? "PathDead" : "PathAlive"));
    }
    const events = log.read();
    expect(events).toHaveLength(2 * paths);
    const last = new Map(events.map(({ object, reason }) => [object, reason]));
    expect([...new Set(last.values())]).toEqual(["PathAlive"]);
    expect(events.reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
  });

  test("a storm over more objects than fit keeps the newest of them", () => {
    const log = new EventLog(() => nowMs);
    for (let i = 0; i < 50_000; i++) log.record(event(`p${i}`, "PathDead"));
    expect(log.size).toBe(10_000);
    expect(log.read({ limit: 1 })).toMatchObject([{ object: "p49999" }]);
    expect(log.read()[0]).toMatchObject({ object: "p40000" });
  });
});

describe("reading", () => {
  const log = logOf();
  beforeAll(() => {
    nowMs = START_MS;
    for (const [object, atMs] of [
      ["a", START_MS - 30],
      ["b", START_MS - 20],
      ["c", START_MS - 10],
    ] as const) {
      log.record(event(object, "PathDead", { atMs }));
    }
  });

  test.each([
    ["everything", {}, ["a", "b", "c"]],
    ["the newest", { limit: 2 }, ["b", "c"]],
    ["since a moment", { sinceMs: START_MS - 20 }, ["b", "c"]],
    ["what matches", { matches: ({ object }: RecordedEvent) => object !== "b" }, ["a", "c"]],
  ])("%s", (_what, query, expected) => {
    expect(log.read(query).map(({ object }) => object)).toEqual(expected);
  });

  test("goes on after a revision", () => {
    const [, second] = log.read();
    expect(log.read({ after: second?.revision ?? 0 }).map(({ object }) => object)).toEqual(["c"]);
    expect(log.read({ after: log.revision })).toEqual([]);
  });

  test("a reader that waits is called once, however much happens", () => {
    const own = logOf();
    let calls = 0;
    own.onNext(() => (calls += 1));
    for (let i = 0; i < 5; i++) own.record(event(`o${i}`, "PathDead"));
    expect(calls).toBe(1);
    own.onNext(() => (calls += 1))();
    own.record(event("a", "PathDead"));
    expect(calls).toBe(1);
  });

  test("revisions of a restarted controller are above those of the last one", () => {
    const first = logOf();
    for (let i = 0; i < 500; i++) first.record(event("a", `R${i}`));
    nowMs += 1;
    expect(logOf().revision).toBeGreaterThan(first.revision);
  });
});
