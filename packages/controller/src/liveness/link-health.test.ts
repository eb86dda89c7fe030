import { directedLinkKey, type ListKey, type Topology } from "@sextant/model";
import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import type { EventInput } from "../events/event";
import type { ListEntry } from "../pipeline/entries";
import { planIntent } from "../pipeline/plan";
import { createSnapshot, type TopologySnapshot } from "../topology/snapshot";
import { LinkHealth } from "./link-health";
import type { ListReport } from "./watched-lists";

const RATE = { intervalMs: 100, multiplier: 3 };
const SLOW = { intervalMs: 1_000, multiplier: 3 };
const START_MS = 1_800_000_000_000;

/** Three hosts left, three right; the way over b is the shorter, the one over c the other. */
const NET = network(`
  l1: a
  l2: a
  l3: e
  m1: b
  r1: d
  r2: d
  r3: f
  e-a name=ea
  a-b name=ab
  b-d name=bd srlgs=duct
  a-c name=ac igp=20 delayUs=9000
  c-d name=cd igp=20 delayUs=9000 srlgs=duct
  d-f name=df
`);

beforeEach(() => jest.useFakeTimers({ now: START_MS }));
afterEach(() => jest.useRealTimers());

/** A controller's part in it: plans that stay as they are, hosts whose reports are set by hand. */
class Domain {
  snapshot: TopologySnapshot = createSnapshot(NET, 1);
  readonly lists = new Map<string, Map<ListKey, ListEntry>>();
  readonly reports = new Map<string, Map<ListKey, ListReport> | undefined>();
  readonly retained = new Map<string, readonly ListEntry[]>();
  readonly sent: { host: string; down: readonly bigint[] }[] = [];
  readonly events: EventInput[] = [];
  slow = new Set<string>();
  /** Intervals of hosts that refuse the one asked for. */
  readonly keptUs = new Map<string, number>();
  changes = 0;
  readonly health = new LinkHealth({
    snapshot: () => this.snapshot,
    listsOf: (host) =>
      new Map([
        ...(this.retained.get(host) ?? []).map((list) => [list.entry.key, list] as const),
        ...(this.lists.get(host) ?? []),
      ]),
    reportsOf: (host) => this.reports.get(host),
    rateOf: (host) => (this.slow.has(host) ? SLOW : RATE),
    retain: (host, lists) => this.retained.set(host, lists),
    send: (host, down) => this.sent.push({ host, down }),
    sink: { record: (event) => this.events.push(event) },
    nowMs: () => Date.now(),
    onChange: () => (this.changes += 1),
  });

  /** A primary over b and a backup over c from one host to another; both are alive. */
  pair(from: string, to: string): void {
    const spec = {
      from: { hosts: [from] },
      to: { hosts: [to] },
      objective: { minimize: "delay" },
      protection: { backups: 1 },
    };
    const { policies } = planIntent(intentOf(spec, `${from}-${to}`), this.snapshot);
    const lists = policies.flatMap(({ entries }) => entries.lists);
    const mine = this.lists.get(from) ?? new Map<ListKey, ListEntry>();
    for (const list of lists) mine.set(list.entry.key, list);
    this.lists.set(from, mine);
    this.health.listsChanged(from);
    this.health.connected(from);
  }

  /** What crosses links (of one direction where it has the form `link from`) is dead, and what does not is alive: reported at once. */
  report(host: string, ...broken: string[]): void {
    const nowMs = Date.now();
    const before = this.reports.get(host);
    const reports = [...(this.lists.get(host)?.values() ?? []), ...(this.retained.get(host) ?? [])].map(
      ({ entry, loops }) => {
        const hit = (edges: readonly number[]) =>
          edges.some((edge) => this.names(edge).some((name) => broken.includes(name)));
        const returns = loops.backs.map(hit);
        const isDead = hit(loops.out) || returns.every(Boolean);
        const deadReturns = isDead ? 0 : returns.reduce((bits, dead, i) => bits | (dead ? 1 << i : 0), 0);
        const state = isDead ? ("dead" as const) : ("alive" as const);
        const last = before?.get(entry.key);
        const sinceMs = last?.state === state ? last.sinceMs : nowMs;
        return [
          entry.key,
          {
            ...{ state, sinceMs, deadReturns, rareReturns: 0, roundTripUs: 0, reason: isDead ? "probes_missing" : "" },
            probeIntervalUs: this.keptUs.get(host) ?? 0,
          },
        ] as const;
      },
    );
    this.reports.set(host, new Map(reports));
    this.health.reported(host);
  }

  /** Another topology, and other plans by it. */
  changeTo(topology: Topology, pairs: readonly [string, string][]): void {
    this.snapshot = createSnapshot(structuredClone(topology), this.snapshot.version + 1, this.health.broken);
    this.lists.clear();
    for (const [from, to] of pairs) this.pair(from, to);
  }

  names(edge: number): string[] {
    const { linkNames, edgeLink, nodeNames, edgeFrom } = this.snapshot.flat;
    const link = linkNames[edgeLink[edge] as number] ?? "";
    return [link, `${link} ${nodeNames[edgeFrom[edge] as number] ?? ""}`];
  }

  get broken(): string[] {
    return this.health.broken.map(({ link, from }) => `${link} ${from}`).sort();
  }

  reasons(): string[] {
    return this.events.map(({ reason, object }) => `${reason} ${object}`);
  }
}

function settled(...pairs: [string, string][]): Domain {
  const domain = new Domain();
  for (const [from, to] of pairs) domain.pair(from, to);
  jest.advanceTimersByTime(300);
  for (const host of domain.lists.keys()) domain.report(host);
  jest.advanceTimersByTime(10_000);
  expect(domain.broken).toEqual([]);
  return domain;
}

const ALL: [string, string][] = [
  ["l1", "r1"],
  ["l2", "r2"],
  ["l3", "r3"],
  ["l1", "r3"],
];

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

describe("another topology", () => {
  const WITHOUT_AB = { ...NET, links: NET.links.filter(({ name }) => name !== "ab") };
  const views = (domain: Domain) => [...domain.health.views].map(([link, { state }]) => `${link} ${state}`);

  function broken(): Domain {
    const domain = settled(...ALL, ["r1", "m1"]);
    for (const host of ["l1", "l2", "l3", "r1"]) domain.report(host, "ab");
    jest.advanceTimersByTime(1_000);
    expect(views(domain)).toEqual(["ab down"]);
    return domain;
  }

  test("has the broken link too: it stays broken and watched", () => {
    const domain = broken();
    const watching = [...domain.retained].map(([host, lists]) => [host, lists.map(({ entry }) => entry.key)]);
    domain.snapshot = createSnapshot(structuredClone(NET), 2);
    jest.advanceTimersByTime(1_000);
    expect(views(domain)).toEqual(["ab down"]);
    expect([...domain.retained].map(([host, lists]) => [host, lists.map(({ entry }) => entry.key)])).toEqual(watching);
    domain.health.stop();
  });

  test("does not have it: nothing is said of it; has it again: still broken, watched by the same, trusted after probation", () => {
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

  test("does not have it for long: it is forgotten, without a word", () => {
    const domain = broken();
    domain.changeTo(WITHOUT_AB, ALL);
    domain.events.length = 0;
    jest.advanceTimersByTime(301_000);
    expect(domain.broken).toEqual([]);
    expect(domain.reasons().filter((reason) => reason.startsWith("Link"))).toEqual([]);
    domain.health.stop();
  });

  test("has links elsewhere, and the segments of who watched lead another way: they watch it by others", () => {
    const domain = broken();
    const before = domain.retained.get("l1")?.map(({ entry }) => entry.key);
    domain.changeTo({ ...NET, links: NET.links.map((link) => (link.name === "ab" ? costly(link) : link)) }, ALL);
    jest.advanceTimersByTime(300);
    const [now] = domain.retained.get("l1") ?? [];
    expect(before).not.toContain(now?.entry.key);
    expect(now?.loops.out.flatMap((edge) => domain.names(edge))).toContain("ab");
    domain.health.stop();
  });

  test("lost the link as hosts noticed: what was dead until then blames nothing on the way around it", () => {
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

  test("and if they stay dead there, what they cross now is broken too", () => {
    const domain = settled(...ALL, ["r1", "m1"], ["l1", "l2"], ["r1", "r2"]);
    const hosts = ["l1", "l2", "l3"];
    for (const host of hosts) domain.report(host, "ab");
    domain.changeTo(WITHOUT_AB, [...ALL, ["l1", "l2"], ["r1", "r2"]]);
    for (const host of [...hosts, "r1"]) domain.report(host, "ac", "ab");
    jest.advanceTimersByTime(5_000);
    expect(views(domain).some((view) => view.startsWith("ac "))).toBe(true);
    domain.health.stop();
  });
});

function costly<T extends { aToB: { igp: number }; bToA: { igp: number } }>(link: T): T {
  return { ...link, aToB: { ...link.aToB, igp: 500 }, bToA: { ...link.bToA, igp: 500 } };
}

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
