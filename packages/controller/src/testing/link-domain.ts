import type { ListKey, Topology } from "@sextant/model";
import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import type { EventInput } from "../events/event";
import type { ListEntry } from "../pipeline/entries";
import { planIntent } from "../pipeline/plan";
import { createSnapshot, type TopologySnapshot } from "../topology/snapshot";
import { LinkHealth } from "../liveness/link-health";
import type { ListReport } from "../liveness/watched-lists";

const RATE = { intervalMs: 100, multiplier: 3 };
const SLOW = { intervalMs: 1_000, multiplier: 3 };
export const START_MS = 1_800_000_000_000;

/** Three hosts left, three right; the way over b is the shorter, the one over c the other. */
export const NET = network(`
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

/** A controller's part in the health of links: plans that stay as they are, hosts whose reports are set by hand. */
export class Domain {
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

/** With those pairs, everything reported alive for long. Needs fake timers. */
export function settled(...pairs: [string, string][]): Domain {
  const domain = new Domain();
  for (const [from, to] of pairs) domain.pair(from, to);
  jest.advanceTimersByTime(300);
  for (const host of domain.lists.keys()) domain.report(host);
  jest.advanceTimersByTime(10_000);
  expect(domain.broken).toEqual([]);
  return domain;
}

export const ALL: [string, string][] = [
  ["l1", "r1"],
  ["l2", "r2"],
  ["l3", "r3"],
  ["l1", "r3"],
];
