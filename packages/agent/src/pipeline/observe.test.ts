import { kernelKeyOf, type PathState } from "@sextant/model";
import { entries, list, policy } from "../../../../test/support/desired";
import type { ListObservation } from "../reconcile/data-plane";
import { ListLiveness } from "../liveness/list-liveness";
import { probingOfHost } from "../liveness/list-probing";
import { pathState } from "../liveness/path-state";
import { observe, observePolicies, type UsableFacts } from "./observe";

const seen = (sent: bigint, returned: bigint, returnedCount = returned): ListObservation => ({
  sent,
  returned,
  returnedCount,
  roundTripNs: 1_234_567n,
  packets: 7n,
  bytes: 700n,
});
const a = list(1);
const b = list(2);

describe("state of a path", () => {
  test.each<[string, ListObservation, PathState]>([
    ["nothing sent", seen(0n, 0n), "unproven"],
    ["sent, nothing back yet", seen(2n, 0n), "unproven"],
    ["the multiplier reached without a return", seen(3n, 0n), "dead"],
    ["all back", seen(3n, 3n), "alive"],
    ["two outstanding", seen(10n, 8n), "alive"],
    ["three outstanding", seen(10n, 7n), "dead"],
    ["out of order: the highest counts", seen(10n, 9n, 2n), "alive"],
    ["counters that wrapped", seen(1n, 0xffff_ffff_ffff_ffffn), "alive"],
    ["counters that wrapped, dead", seen(2n, 0xffff_ffff_ffff_ffffn), "dead"],
  ])("%s", (_, observation, expected) => {
    expect(pathState(observation, 3)).toBe(expected);
  });
});

describe("observe", () => {
  const judged = () => {
    const one = new ListLiveness(0);
    const probing = probingOfHost({ probeIntervalMs: 10, probeMultiplier: 3, reportIntervalMs: 1_000 });
    for (const [nowMs, counters] of [seen(1n, 1n), seen(2n, 2n), seen(6n, 2n), seen(7n, 7n, 3n)].entries())
      one.observe({ counters, tcp: undefined, unreachable: false, linkDown: false, probing, nowMs });
    return one;
  };

  test("what is judged beside what is counted", () => {
    expect(observe(new Map([[a.key, judged()]]), new Map([[kernelKeyOf(a.key), seen(7n, 7n, 3n)]]), 1_003)).toEqual([
      {
        list: a.key,
        state: "alive",
        reason: "hold_up",
        withheld: true,
        deadReturns: 0,
        rareReturns: 0,
        transitions: 2,
        stateAgeMs: 1_000,
        roundTripUs: 1_234,
        meanRoundTripUs: 1_234,
        jitterUs: 0,
        probesSent: 7n,
        probesReturned: 3n,
        lossPpm: 0,
        tcp: { sent: 0, sentAgain: 0, cameTwice: 0, roundTripUs: undefined },
        packets: 7n,
        bytes: 700n,
      },
    ]);
  });

  test("a list that the kernel no longer counts is left out", () => {
    expect(observe(new Map([[a.key, judged()]]), new Map(), 0)).toEqual([]);
  });
});

const factsOf = (state: PathState | "withheld"): UsableFacts =>
  state === "withheld" ? { state: "alive", withheld: "loss" } : { state, withheld: undefined };

describe("policies", () => {
  test.each<[string, Partial<Record<"a" | "b", PathState | "withheld">>, number]>([
    ["the first that lives", { a: "alive", b: "alive" }, 0],
    ["unproven is usable", { a: "unproven", b: "alive" }, 0],
    ["the next when the first is dead", { a: "dead", b: "unproven" }, 1],
    ["the next when the first is not in the kernel", { b: "alive" }, 1],
    ["none when all are dead", { a: "dead", b: "dead" }, -1],
    ["none when there is none", {}, -1],
    ["the next when the first is withheld", { a: "withheld", b: "alive" }, 1],
    ["the first when all that lives is withheld", { a: "withheld", b: "dead" }, 0],
  ])("active candidate: %s", (_, states, active) => {
    const held = entries(a, b, policy("video", [a, b]));
    const known = new Map(
      Object.entries(states).map(([name, state]) => [name === "a" ? a.key : b.key, factsOf(state)] as const),
    );
    const candidates = [
      { packets: 4n, bytes: 600n },
      { packets: 1n, bytes: 100n },
    ];
    const counters = new Map([[kernelKeyOf(policy("video", []).key), candidates]]);
    expect(observePolicies(held, counters, known)).toEqual([
      { policy: "policy/video/h", packets: 5n, bytes: 700n, activeCandidate: active, candidates },
    ]);
  });
});
