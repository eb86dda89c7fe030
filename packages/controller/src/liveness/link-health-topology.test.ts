// A new topology while a link is broken, or as one breaks.
import { createSnapshot } from "../topology/snapshot";
import { ALL, type Domain, NET, settled, START_MS } from "../testing/link-domain";

beforeEach(() => jest.useFakeTimers({ now: START_MS }));
afterEach(() => jest.useRealTimers());

const WITHOUT_AB = { ...NET, links: NET.links.filter(({ name }) => name !== "ab") };
const views = (domain: Domain) => [...domain.health.views].map(([link, { state }]) => `${link} ${state}`);

function broken(): Domain {
  const domain = settled(...ALL, ["r1", "m1"]);
  for (const host of ["l1", "l2", "l3", "r1"]) domain.report(host, "ab");
  jest.advanceTimersByTime(1_000);
  expect(views(domain)).toEqual(["ab down"]);
  return domain;
}

test("a new topology has the broken link too: it stays broken and watched", () => {
  const domain = broken();
  const watching = [...domain.retained].map(([host, lists]) => [host, lists.map(({ entry }) => entry.key)]);
  domain.snapshot = createSnapshot(structuredClone(NET), 2);
  jest.advanceTimersByTime(1_000);
  expect(views(domain)).toEqual(["ab down"]);
  expect([...domain.retained].map(([host, lists]) => [host, lists.map(({ entry }) => entry.key)])).toEqual(watching);
  domain.health.stop();
});

test("a new topology does not have it: nothing is said of it; has it again: still broken, watched by the same, trusted after probation", () => {
  const domain = broken();
  const watching = structuredClone(domain.retained);
  domain.changeTo(WITHOUT_AB, ALL);
  jest.advanceTimersByTime(20_000);
  expect(domain.health.views.size).toBe(0);
  expect([...domain.retained.values()].flat()).toEqual([]);

  domain.changeTo(NET, ALL);
  jest.advanceTimersByTime(300);
  expect(views(domain)).toEqual(["ab down"]);
  expect(domain.retained).toEqual(watching);
  for (const host of domain.lists.keys()) domain.report(host);
  jest.advanceTimersByTime(1_000);
  expect(views(domain)).toEqual(["ab probation"]);
  jest.advanceTimersByTime(5_000);
  expect(domain.health.views.size).toBe(0);
  expect(domain.broken).toEqual([]);
  domain.health.stop();
});

test("a new topology does not have it for long: it is forgotten, without a word", () => {
  const domain = broken();
  domain.changeTo(WITHOUT_AB, ALL);
  domain.events.length = 0;
  jest.advanceTimersByTime(301_000);
  expect(domain.broken).toEqual([]);
  expect(domain.reasons().filter((reason) => reason.startsWith("Link"))).toEqual([]);
  domain.health.stop();
});

test("a new topology has links elsewhere, and the segments of who watched lead another way: they watch it by others", () => {
  const domain = broken();
  const before = domain.retained.get("l1")?.map(({ entry }) => entry.key);
  domain.changeTo({ ...NET, links: NET.links.map((link) => (link.name === "ab" ? costly(link) : link)) }, ALL);
  jest.advanceTimersByTime(300);
  const [now] = domain.retained.get("l1") ?? [];
  expect(before).not.toContain(now?.entry.key);
  expect(now?.loops.out.flatMap((edge) => domain.names(edge))).toContain("ab");
  domain.health.stop();
});

test("a new topology has lost the link as hosts noticed: what was dead until then blames nothing on the way around it", () => {
  const domain = settled(...ALL, ["r1", "m1"]);
  const hosts = ["l1", "l2", "l3"];
  for (const host of hosts) domain.report(host, "ab");
  domain.changeTo(WITHOUT_AB, ALL);
  jest.advanceTimersByTime(800);
  expect([domain.broken, views(domain)]).toEqual([[], []]);
  for (const host of hosts) domain.report(host);
  jest.advanceTimersByTime(10_000);
  expect(domain.reasons().filter((reason) => reason.startsWith("Link"))).toEqual([]);
  domain.health.stop();
});

test("where paths stay dead on the way around that a new topology gives them, what they cross now is broken too", () => {
  const domain = settled(...ALL, ["r1", "m1"], ["l1", "l2"], ["r1", "r2"]);
  const hosts = ["l1", "l2", "l3"];
  for (const host of hosts) domain.report(host, "ab");
  domain.changeTo(WITHOUT_AB, [...ALL, ["l1", "l2"], ["r1", "r2"]]);
  for (const host of [...hosts, "r1"]) domain.report(host, "ac", "ab");
  jest.advanceTimersByTime(5_000);
  expect(views(domain).some((view) => view.startsWith("ac "))).toBe(true);
  domain.health.stop();
});

function costly<T extends { aToB: { igp: number }; bToA: { igp: number } }>(link: T): T {
  return { ...link, aToB: { ...link.aToB, igp: 500 }, bToA: { ...link.bToA, igp: 500 } };
}
