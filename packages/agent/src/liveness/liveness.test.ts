import { kernelKeyOf, type PathState } from "@sextant/model";
import { list } from "../../../../test/support/desired";
import type { ListDemand, ProbeCounters, TcpCounters } from "../reconcile/data-plane";
import type { ListProbing } from "./list-probing";
import { Liveness, type LivenessInput } from "./liveness";

const A = list(1).key;
const SETTINGS = { probeIntervalMs: 10, probeMultiplier: 3, reportIntervalMs: 1_000 };
const PROBING: ListProbing = {
  intervalUs: 10_000,
  multiplier: 3,
  links: [7n],
  maxDelayUs: undefined,
  maxLossPpm: undefined,
  violationMs: 100,
};

/** One list, probed every 10 ms. */
class OneList {
  readonly liveness = new Liveness();
  nowMs = 0;
  counters: ProbeCounters = { sent: 0n, returned: 0n, returnedCount: 0n, roundTripNs: 0n };
  tcp: TcpCounters = { sent: 0, sentAgain: 0, cameTwice: 0, roundTrips: 0, roundTripUs: 0, riseUs: 0 };
  kernel: ListDemand | undefined;
  readonly said: string[] = [];

  /** A round: a probe goes, and comes back or not. */
  round(returns: boolean, given: Partial<LivenessInput> = {}, roundTripNs = 1_000_000n): this {
    const sent = this.counters.sent + 1n;
    const { returnedCount } = this.counters;
    this.counters = returns
      ? { sent, returned: sent, returnedCount: returnedCount + 1n, roundTripNs }
      : { ...this.counters, sent };
    return this.look(given);
  }

  look(given: Partial<LivenessInput> = {}): this {
    this.nowMs += 10;
    const { transitions, demands } = this.liveness.observe({
      observations: new Map([[kernelKeyOf(A), this.counters]]),
      tcp: undefined,
      lists: [A],
      unreachable: new Set(),
      probing: new Map([[A, PROBING]]),
      settings: SETTINGS,
      downLinks: new Set(),
      actual: undefined,
      nowMs: this.nowMs,
      ...given,
    });
    this.kernel = demands.get(kernelKeyOf(A)) ?? this.kernel;
    this.said.push(...transitions.map(({ from, to, reason }) => `${from} ${to} ${reason}`.trim()));
    return this;
  }

  rounds(count: number, returns: boolean, given?: Partial<LivenessInput>, roundTripNs?: bigint): this {
    for (let i = 0; i < count; i++) this.round(returns, given, roundTripNs);
    return this;
  }

  get state(): PathState | undefined {
    return this.liveness.lists.get(A)?.state;
  }

  get withheld(): string | undefined {
    return this.liveness.lists.get(A)?.withheld;
  }
}

const bounded = (bounds: Partial<ListProbing>) => ({ probing: new Map([[A, { ...PROBING, ...bounds }]]) });

test("down at once, up after the hold-up time, every change with its reason", () => {
  const one = new OneList().rounds(5, true).rounds(3, false);
  expect([one.state, one.withheld]).toEqual(["dead", "hold_up"]);
  one.round(true);
  expect([one.state, one.kernel?.withheld]).toEqual(["alive", "hold_up"]);
  one.rounds(10, true);
  expect([one.state, one.kernel?.withheld]).toEqual(["alive", undefined]);
  expect(one.said).toEqual(["alive dead probes_missing", "dead alive hold_up", "alive alive"]);
});

test("a sender that stalls changes nothing, however long", () => {
  const one = new OneList().rounds(5, true);
  one.counters = { ...one.counters, sent: one.counters.sent + 2n };
  for (let i = 0; i < 1_000; i++) one.look();
  expect([one.state, one.said]).toEqual(["alive", []]);
});

test("a list that flaps is damped, and released within a minute of its last death", () => {
  const one = new OneList().rounds(5, true);
  for (let i = 0; i < 40; i++) one.rounds(3, false).rounds(12, true);
  expect(one.withheld).toBe("flapping");
  one.nowMs += 60_000;
  expect(one.round(true).withheld).toBeUndefined();
});

test("three deaths in a row are no flapping yet", () => {
  const one = new OneList().rounds(5, true);
  for (let i = 0; i < 3; i++) one.rounds(3, false).rounds(12, true);
  expect(one.withheld).toBeUndefined();
});

test("loss beyond the bound, for the stated time; back with a margin, after twice that time", () => {
  const bound = bounded({ maxLossPpm: 100_000 });
  const one = new OneList().rounds(100, true, bound);
  for (let i = 0; i < 50; i++) one.round(i % 2 === 0, bound);
  expect([one.state, one.withheld]).toEqual(["alive", "loss"]);
  one.rounds(90, true, bound);
  expect(one.withheld).toBe("loss");
  one.rounds(100, true, bound);
  expect(one.withheld).toBeUndefined();
});

test("half of the loop's mean delay beyond the bound", () => {
  const bound = bounded({ maxDelayUs: 5_000 });
  const one = new OneList().rounds(100, true, bound, 9_000_000n);
  expect(one.withheld).toBeUndefined();
  one.rounds(100, true, bound, 11_000_000n);
  expect(one.withheld).toBe("delay");
  one.rounds(100, true, bound, 9_500_000n);
  expect(one.withheld).toBe("delay");
  one.rounds(100, true, bound, 8_000_000n);
  expect(one.withheld).toBeUndefined();
});

/** Seconds of TCP on a list that is probed every ten milliseconds: so much is sent, and sent again, every quarter of one. */
function tcpFor(one: OneList, seconds: number, bounds: Partial<ListProbing>, more: Partial<TcpCounters>): OneList {
  for (let quarter = 0; quarter < 4 * seconds; quarter++) {
    for (const key of Object.keys(one.tcp) as (keyof TcpCounters)[])
      one.tcp = { ...one.tcp, [key]: one.tcp[key] + (more[key] ?? 0) };
    one.round(true, { ...bounded(bounds), tcp: new Map([[kernelKeyOf(A), one.tcp]]) });
    one.rounds(24, true, bounded(bounds));
  }
  return one;
}

test("TCP loses more than the bound where probes lose nothing: left for that, and tried again some time after", () => {
  const bounds = { maxLossPpm: 20_000, violationMs: 1_000 };
  const one = tcpFor(new OneList(), 5, bounds, { sent: 100, sentAgain: 1 });
  expect(one.withheld).toBeUndefined();
  tcpFor(one, 5, bounds, { sent: 100, sentAgain: 10 });
  expect([one.state, one.withheld, one.liveness.lists.get(A)?.witness]).toEqual(["alive", "loss", "tcp"]);
  expect(tcpFor(one, 5, bounds, {}).withheld).toBe("loss");
  expect(tcpFor(one, 11, bounds, {}).withheld).toBeUndefined();
});

test("a few segments that TCP lost are no loss yet, whatever share they are", () => {
  const bounds = { maxLossPpm: 20_000, violationMs: 1_000 };
  const one = tcpFor(new OneList(), 5, bounds, { sent: 10 });
  one.tcp = { ...one.tcp, sentAgain: 4 };
  expect(tcpFor(one, 5, bounds, { sent: 10 }).withheld).toBeUndefined();
  one.tcp = { ...one.tcp, sentAgain: 10 };
  expect(tcpFor(one, 5, bounds, { sent: 10 }).withheld).toBe("loss");
});

test("TCP's delay is the shortest loop of probes and what round trips have grown by, half of both", () => {
  const bounds = { maxDelayUs: 5_000, violationMs: 1_000 };
  const roundTrip = { roundTrips: 10, roundTripUs: 300_000 };
  const one = tcpFor(new OneList(), 5, bounds, { ...roundTrip, riseUs: 80_000 });
  expect(one.withheld).toBeUndefined();
  tcpFor(one, 5, bounds, { ...roundTrip, riseUs: 100_000 });
  expect([one.withheld, one.liveness.lists.get(A)?.witness]).toEqual(["delay", "tcp"]);
});

test("what probes have seen of a delay themselves is not counted twice", () => {
  const bounds = bounded({ maxDelayUs: 5_000, violationMs: 1_000 });
  const one = new OneList().rounds(100, true, bounds, 2_000_000n).rounds(100, true, bounds, 8_000_000n);
  const tcp = { sent: 0, sentAgain: 0, cameTwice: 0, roundTrips: 100, roundTripUs: 800_000, riseUs: 600_000 };
  one.look({ ...bounds, tcp: new Map([[kernelKeyOf(A), one.tcp]]) });
  one.look({ ...bounds, tcp: new Map([[kernelKeyOf(A), tcp]]) });
  expect(one.rounds(400, true, bounds, 8_000_000n).withheld).toBeUndefined();
});

test("what was lost while it was dead does not count as loss afterwards", () => {
  const bound = bounded({ maxLossPpm: 10_000 });
  const one = new OneList().rounds(50, true, bound).rounds(200, false, bound).rounds(30, true, bound);
  expect([one.state, one.withheld]).toEqual(["alive", undefined]);
});

test("a link known to be broken withholds the lists that cross it, until it is no longer named", () => {
  const one = new OneList().rounds(5, true).round(true, { downLinks: new Set([7n]) });
  expect([one.state, one.withheld]).toEqual(["alive", "link_down"]);
  expect(one.round(true, { downLinks: new Set([8n]) }).withheld).toBeUndefined();
});

test("probes that are under way at any time are not missing: the multiplier grows with the round trip", () => {
  const one = new OneList().rounds(40, true, {}, 52_000_000n);
  expect(one.kernel).toEqual({ withheld: undefined, multiplier: 8 });
});

test("a list without a route is dead, whatever its counters say", () => {
  const one = new OneList().rounds(5, true).look({ unreachable: new Set([A]) });
  expect([one.state, one.liveness.lists.get(A)?.reason]).toEqual(["dead", "no_route"]);
});

test("what someone else asked of a list in the kernel is put right", () => {
  const one = new OneList().rounds(20, true);
  one.look({ actual: new Map([[kernelKeyOf(A), { withheld: "loss", multiplier: 200 }]]) });
  expect(one.kernel).toEqual({ withheld: undefined, multiplier: undefined });
});

test("a list that is gone is forgotten; what is kept of one is bounded", () => {
  const one = new OneList().rounds(5_000, true);
  const known = one.liveness.lists.get(A);
  expect([known?.loops.first.fates.size, known?.loops.first.delays.size]).toEqual([101, 32]);
  one.look({ lists: [] });
  expect(one.liveness.lists.size).toBe(0);
});

test("a way back that dies or comes back alone is news, though no state changes", () => {
  const liveness = new Liveness();
  const look = (round: number, isAlternateBack: boolean, deadSince: number) => {
    const own = BigInt(Math.ceil(round / 2));
    const returned = isAlternateBack ? own : BigInt(deadSince);
    const loop = (last: bigint) => ({ sent: own, returned: last, returnedCount: last, roundTripNs: 1_000_000n });
    const loops = [loop(own), loop(returned)] as const;
    const sent = BigInt(round);
    const counters: ProbeCounters = { sent, returned: sent, returnedCount: sent, roundTripNs: 1_000_000n, loops };
    const { transitions, returnsChanged } = liveness.observe({
      observations: new Map([[kernelKeyOf(A), counters]]),
      tcp: undefined,
      lists: [A],
      unreachable: new Set(),
      probing: new Map([[A, PROBING]]),
      settings: SETTINGS,
      downLinks: new Set(),
      actual: undefined,
      nowMs: round * 10,
    });
    return { transitions: transitions.length, returnsChanged, deadReturns: liveness.lists.get(A)?.deadReturns };
  };
  const quiet = { transitions: 0, returnsChanged: false };
  for (let round = 1; round <= 20; round++) expect(look(round, true, 0)).toEqual({ ...quiet, deadReturns: 0 });
  const dying = Array.from({ length: 40 }, (_, i) => look(21 + i, false, 10));
  expect(dying.filter(({ returnsChanged }) => returnsChanged)).toEqual([
    { transitions: 0, returnsChanged: true, deadReturns: 2 },
  ]);
  const back = Array.from({ length: 20 }, (_, i) => look(61 + i, true, 0));
  expect(back.filter(({ returnsChanged }) => returnsChanged)).toEqual([
    { transitions: 0, returnsChanged: true, deadReturns: 0 },
  ]);
});

test.each([
  ["as long as the first: both take turns", 1_000_000n, 0],
  ["longer by more than an interval: it is only asked after", 25_000_000n, 2],
])("a second way back that is %s", (_, alternateNs, rareReturns) => {
  const liveness = new Liveness();
  for (let round = 1; round <= 20; round++) {
    const sent = BigInt(round);
    const counted = (roundTripNs: bigint) => ({ sent, returned: sent, returnedCount: sent, roundTripNs });
    const counters: ProbeCounters = { ...counted(1_000_000n), loops: [counted(1_000_000n), counted(alternateNs)] };
    liveness.observe({
      observations: new Map([[kernelKeyOf(A), counters]]),
      tcp: undefined,
      lists: [A],
      unreachable: new Set(),
      probing: new Map([[A, PROBING]]),
      settings: SETTINGS,
      downLinks: new Set(),
      actual: undefined,
      nowMs: round * 10,
    });
  }
  expect(liveness.lists.get(A)?.loops.rareReturns).toBe(rareReturns);
});
