import { directedLinkKey } from "@sextant/model";
import { ALL, type Domain, settled, START_MS } from "../testing/link-domain";

beforeEach(() => jest.useFakeTimers({ now: START_MS }));
afterEach(() => jest.useRealTimers());

test.each<[string, (domain: Domain) => void]>([
  ["are asked to probe slowly", ({ slow }) => slow.add("l2").add("l3")],
  ["cannot probe as fast as they are asked to", ({ keptUs }) => keptUs.set("l2", 1e6).set("l3", 1e6)],
])(
  "a broken link is found from those who noticed, while others still say alive as they %s; they are told",
  (_, slowDown) => {
    const domain = settled(...ALL);
    slowDown(domain);
    for (const host of ["l2", "l3"]) domain.report(host);
    domain.pair("r1", "m1");
    domain.report("r1");
    jest.advanceTimersByTime(5_000);
    domain.sent.length = 0;
    for (const host of ["l1", "r1"]) domain.report(host, "ab");
    jest.advanceTimersByTime(700);
    // Nobody who would have noticed says that it works.
    expect(domain.health.views.get("ab")?.state).toBe("down");
    expect(domain.broken).toEqual(["ab a", "ab b"]);
    expect(domain.sent.map(({ host }) => host).sort()).toEqual(["l1", "l2", "l3", "r1"]);
    for (const { down } of domain.sent) expect(down).toEqual([directedLinkKey("ab", "a")]);
    expect(domain.changes).toBe(1);
    expect(domain.reasons()).toContain("LinkDown ab");
    domain.health.stop();
  },
);

test("one host with one dead path cannot tell which link it is: suspected, told once, nothing is moved", () => {
  const domain = settled(["l1", "r1"]);
  domain.report("l1", "ab");
  jest.advanceTimersByTime(5_000);
  expect(domain.broken).toEqual([]);
  expect([...domain.health.views].map(([link, { state, suspicion }]) => [link, state, suspicion])).toEqual([
    ["ab", "suspected", 0.5],
    ["bd", "suspected", 0.5],
  ]);
  expect(domain.reasons().filter((reason) => reason.startsWith("LinkSuspected"))).toHaveLength(2);
  domain.report("l1");
  jest.advanceTimersByTime(1_000);
  expect(domain.health.views.size).toBe(0);
  domain.health.stop();
});

test("a host that alone sees everything dead is not taken for the network", () => {
  const domain = settled(...ALL);
  domain.report("l3", "ea");
  jest.advanceTimersByTime(5_000);
  expect(domain.broken.filter((name) => !name.startsWith("ea"))).toEqual([]);
  // Nobody else reaches r2, so it may as well be r2 that is cut off.
  const either = settled(...ALL);
  either.report("l2", "l2-a");
  jest.advanceTimersByTime(5_000);
  expect(either.broken).toEqual([]);
  expect([...either.health.views].map(([link, { suspicion }]) => [link, suspicion])).toEqual([
    ["l2-a", 0.5],
    ["r2-d", 0.5],
  ]);
  expect(either.reasons()).not.toContain("HostCutOff l2");
  const alone = settled(...ALL);
  alone.report("l1", "l1-a");
  jest.advanceTimersByTime(5_000);
  expect(alone.broken).toEqual([]);
  expect(alone.reasons().filter((reason) => reason.startsWith("Host"))).toEqual(["HostCutOff l1"]);
  expect(alone.health.views.get("l1-a")).toMatchObject({ state: "suspected", suspicion: 1 });
  for (const each of [domain, either, alone]) each.health.stop();
});

test("it is watched by lists that hosts keep, trusted again after probation, and for twice as long after a relapse", () => {
  const domain = settled(...ALL, ["r1", "m1"]);
  const breakIt = () => {
    for (const host of ["l1", "l2", "l3", "r1"]) domain.report(host, "ab");
    jest.advanceTimersByTime(1_000);
    expect(domain.broken).toEqual(["ab a", "ab b"]);
  };
  const mendIt = (untilMs: number) => {
    for (const host of ["l1", "l2", "l3", "r1"]) domain.report(host);
    jest.advanceTimersByTime(untilMs - 1_000);
    expect(domain.broken).not.toEqual([]);
    expect(domain.health.views.get("ab")?.state).toBe("probation");
    jest.advanceTimersByTime(2_000);
    expect(domain.broken).toEqual([]);
  };
  breakIt();
  expect([...domain.retained].filter(([, lists]) => lists.length > 0).map(([host]) => host)).toEqual([
    "l1",
    "l2",
    "l3",
  ]);
  domain.sent.length = 0;
  mendIt(5_000);
  expect([...domain.retained.values()].flat()).toEqual([]);
  expect(domain.sent.every(({ down }) => down.length === 0)).toBe(true);
  breakIt();
  mendIt(10_000);
  domain.health.stop();
});

test("one direction alone is called broken when the other is seen to work", () => {
  const domain = settled(...ALL, ["r1", "l1"], ["r2", "l2"], ["r1", "m1"], ["l1", "b"]);
  for (const host of ["l1", "l2", "l3", "r1", "r2"]) domain.report(host, "bd b");
  jest.advanceTimersByTime(2_000);
  expect(domain.broken).toEqual(["bd b"]);
  domain.health.stop();
});

test("who sees the other direction reports late, and nobody is left to prove the next link: it is the same link", () => {
  const domain = settled(...ALL, ["m1", "r1"], ["r1", "l1"], ["r2", "l2"]);
  for (const host of ["l1", "l2", "l3"]) domain.report(host, "ab");
  jest.advanceTimersByTime(1_000);
  expect(domain.broken).toEqual(["ab a"]);
  domain.reports.set("m1", undefined);
  domain.health.reported("m1");
  for (const host of ["r1", "r2"]) domain.report(host, "ab");
  jest.advanceTimersByTime(1_000);
  expect(domain.broken).toEqual(["ab a", "ab b"]);
  domain.health.stop();
});

test("a group that shares a risk is one failure, and each of its links comes back by itself", () => {
  const domain = settled(...ALL);
  for (const host of domain.lists.keys()) domain.report(host, "bd", "cd");
  jest.advanceTimersByTime(1_000);
  expect([...domain.health.views].map(([link, { state }]) => [link, state]).sort()).toEqual([
    ["bd", "down"],
    ["cd", "down"],
  ]);
  const messages = domain.events.filter(({ reason }) => reason === "LinkDown").map(({ message }) => message);
  expect(messages).toHaveLength(2);
  for (const message of messages) expect(message).toMatch(/^broken with all links of duct: /);

  // One of the two works again: it serves its probation alone, while the other has not begun.
  const hosts = [...domain.lists.keys()];
  for (let second = 0; second < 8; second++) {
    for (const host of hosts) domain.report(host, "cd");
    jest.advanceTimersByTime(1_000);
  }
  expect([...domain.health.views].map(([link, { state }]) => [link, state])).toEqual([["cd", "down"]]);
  for (let second = 0; second < 8; second++) {
    for (const host of hosts) domain.report(host);
    jest.advanceTimersByTime(1_000);
  }
  expect(domain.health.views.size).toBe(0);
  expect(domain.reasons().filter((reason) => /^Link(OnProbation|Up)/.test(reason))).toEqual(
    expect.arrayContaining(["LinkOnProbation bd", "LinkUp bd", "LinkOnProbation cd", "LinkUp cd"]),
  );
  expect([...domain.retained.values()].flat()).toEqual([]);
  domain.health.stop();
});

test("nobody is left to see it: it is tried again after five minutes", () => {
  const domain = settled(...ALL, ["r1", "m1"]);
  for (const host of ["l1", "l2", "l3", "r1"]) domain.report(host, "ab");
  jest.advanceTimersByTime(1_000);
  for (const host of domain.lists.keys()) {
    domain.reports.set(host, undefined);
    domain.health.reported(host);
  }
  jest.advanceTimersByTime(295_000);
  expect(domain.broken).toHaveLength(2);
  jest.advanceTimersByTime(10_000);
  expect(domain.broken).toEqual([]);
  domain.health.stop();
});

test("ten thousand transitions in a second are judged a few times, and the last state wins", () => {
  const domain = settled(...ALL, ["r1", "m1"]);
  for (let i = 0; i < 10_000; i++) {
    domain.report("l1", ...(i % 2 === 0 ? ["ab"] : []));
    if (i % 10 === 0) jest.advanceTimersByTime(1);
  }
  jest.advanceTimersByTime(10_000);
  expect(domain.broken).toEqual([]);
  expect(domain.health.views.size).toBe(0);
  domain.health.stop();
});
