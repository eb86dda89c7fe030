// Whatever a path does: the last one is never denied, damping releases, memory is bounded.
import fc from "fast-check";
import { kernelKeyOf } from "@sextant/model";
import { Liveness, type LivenessInput } from "../../packages/agent/src/liveness/liveness";
import { activeCandidate } from "../../packages/agent/src/pipeline/observe";
import type { ListDemand, ProbeCounters, TcpCounters } from "../../packages/agent/src/reconcile/data-plane";
import { list, policy } from "../support/desired";

const LISTS = [list(1), list(2), list(3)];
const KEYS = LISTS.map(({ key }) => key);
const SETTINGS = { probeIntervalMs: 10, probeMultiplier: 3, reportIntervalMs: 1_000 };
const LINKS = [1n, 2n, 3n];
/** Longer than any reason can outlast its cause: a path that TCP has left again and again is tried after five minutes. */
const CALM_MS = 310_000;

/** A stretch of rounds: which probes return, where TCP loses, which links are said to be broken, whether the clock stands still. */
const stretch = fc.record({
  rounds: fc.integer({ min: 1, max: 40 }),
  returns: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  tcpLoses: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  down: fc.subarray(LINKS),
  stepMs: fc.constantFrom<number[]>(0, 10, 10, 500),
  roundTripNs: fc.constantFrom<bigint[]>(100_000n, 15_000_000n),
});

type Round = Omit<typeof stretch extends fc.Arbitrary<infer Stretch> ? Stretch : never, "rounds">;

const NO_TCP: TcpCounters = { sent: 0, sentAgain: 0, cameTwice: 0, roundTrips: 0, roundTripUs: 0, riseUs: 0 };
const NONE_LOST = [false, false, false];

class Host {
  readonly liveness = new Liveness();
  readonly demands = new Map<bigint, ListDemand>();
  counters: ProbeCounters[] = KEYS.map(() => ({ sent: 0n, returned: 0n, returnedCount: 0n, roundTripNs: 0n }));
  tcp: TcpCounters[] = KEYS.map(() => ({ ...NO_TCP }));
  nowMs = 0;

  round({ returns, tcpLoses, down, stepMs, roundTripNs }: Round): void {
    this.nowMs += stepMs;
    this.counters = this.counters.map((before, i) => {
      const sent = before.sent + 1n;
      if (returns[i] !== true) return { ...before, sent };
      return { sent, returned: sent, returnedCount: before.returnedCount + 1n, roundTripNs };
    });
    this.tcp = this.tcp.map(({ sent, sentAgain, roundTrips, riseUs, ...more }, i) => ({
      ...more,
      sent: sent + 60,
      sentAgain: sentAgain + (tcpLoses[i] === true ? 6 : 0),
      roundTrips: roundTrips + 8,
      riseUs: riseUs + (tcpLoses[i] === true ? 8 * 20_000 : 0),
    }));
    const bounds = { maxDelayUs: 5_000, maxLossPpm: 50_000, violationMs: 50 };
    const probing: LivenessInput["probing"] = new Map(
      KEYS.map((key, i) => [key, { intervalUs: 10_000, multiplier: 3, links: [LINKS[i] ?? 0n], ...bounds }]),
    );
    const { demands } = this.liveness.observe({
      observations: new Map(KEYS.map((key, i) => [kernelKeyOf(key), this.counters[i] ?? ZERO])),
      tcp: new Map(KEYS.map((key, i) => [kernelKeyOf(key), this.tcp[i] ?? NO_TCP])),
      lists: KEYS,
      unreachable: new Set(),
      probing,
      settings: SETTINGS,
      downLinks: new Set(down),
      actual: undefined,
      nowMs: this.nowMs,
    });
    for (const [key, demand] of demands) this.demands.set(key, demand);
  }
}

const ZERO: ProbeCounters = { sent: 0n, returned: 0n, returnedCount: 0n, roundTripNs: 0n };

test("as long as one list is not dead a policy has a candidate; what is withheld is released; memory is bounded", () => {
  fc.assert(
    fc.property(fc.array(stretch, { minLength: 1, maxLength: 20 }), (stretches) => {
      const host = new Host();
      const wanted = policy("video", LISTS);
      for (const { rounds, ...round } of stretches) {
        for (let i = 0; i < rounds; i++) {
          host.round(round);
          const { lists } = host.liveness;
          const anyAlive = [...lists.values()].some(({ state }) => state !== "dead");
          expect(activeCandidate(wanted, lists) !== -1).toBe(anyAlive);
        }
      }
      for (const { fates, delays } of [...host.liveness.lists.values()].flatMap(({ loops }) => loops.all)) {
        expect(fates.size).toBeLessThanOrEqual(101);
        expect(delays.size).toBeLessThanOrEqual(32);
      }
      for (const { tcp } of host.liveness.lists.values()) expect(tcp.window.size).toBeLessThanOrEqual(64);
      const calm = {
        returns: [true, true, true],
        tcpLoses: NONE_LOST,
        down: [],
        stepMs: CALM_MS / 200,
        roundTripNs: 100_000n,
      };
      for (let i = 0; i < 200; i++) host.round(calm);
      for (const { state, reason } of host.liveness.lists.values()) expect([state, reason]).toEqual(["alive", ""]);
      for (const { withheld } of host.demands.values()) expect(withheld).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});
