import { kernelKeyOf, type ListKey, type PathState } from "@sextant/model";
import { entries, list, policy } from "../../../../test/support/desired";
import type { ListObservation } from "../reconcile/data-plane";
import { observe, observePolicies, type PathMemory, pathState } from "./observe";

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

/** One list over several rounds, a second apart; gives the last round. */
function rounds(...observations: ListObservation[]) {
  let memory: ReadonlyMap<ListKey, PathMemory> = new Map();
  const results = observations.map((observation, index) => {
    const result = observe({
      memory,
      observations: new Map([[kernelKeyOf(a.key), observation]]),
      lists: [a.key, b.key, "domain"],
      unreachable: new Set(),
      probeMultiplier: 3,
      nowMs: 1_000 * index,
    });
    memory = result.memory;
    return result;
  });
  return results;
}

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
  test("reports lists that the kernel holds, with their age since the last change", () => {
    const [first, second, third] = rounds(seen(1n, 1n), seen(2n, 2n), seen(6n, 2n));
    expect(first?.transitions).toEqual([]);
    expect(second?.paths).toEqual([
      {
        list: a.key,
        state: "alive",
        stateAgeMs: 1_000,
        roundTripUs: 1_234,
        probesSent: 2n,
        probesReturned: 2n,
        lossPpm: 0,
        packets: 7n,
        bytes: 700n,
      },
    ]);
    expect(third?.transitions).toEqual([{ list: a.key, from: "alive", to: "dead" }]);
    expect(third?.paths[0]?.stateAgeMs).toBe(0);
  });

  test("a sender that stalls changes nothing but the age", () => {
    const [, last] = rounds(seen(5n, 4n), seen(5n, 4n));
    expect(last?.transitions).toEqual([]);
    expect(last?.paths[0]).toMatchObject({ state: "alive", stateAgeMs: 1_000 });
  });

  test("loss counts probes whose fate is known, over the last 100 of them", () => {
    const [, , , last] = rounds(seen(0n, 0n), seen(100n, 100n, 50n), seen(150n, 150n, 100n), seen(202n, 200n, 125n));
    expect(last?.paths[0]?.lossPpm).toBe(250_000);
  });

  test("probes still under way are not lost", () => {
    const [, last] = rounds(seen(0n, 0n), seen(10n, 8n));
    expect(last?.paths[0]?.lossPpm).toBe(0);
  });

  test("a dead path loses all", () => {
    const [, last] = rounds(seen(100n, 100n), seen(300n, 100n));
    expect(last?.paths[0]?.lossPpm).toBe(1_000_000);
  });

  test("counters that start again start the window again", () => {
    const [, last] = rounds(seen(100n, 50n), seen(1n, 1n));
    expect(last?.paths[0]?.lossPpm).toBe(0);
  });

  test("a list without a route is dead, whatever its counters say", () => {
    const observations = new Map([[kernelKeyOf(a.key), seen(9n, 9n)]]);
    const input = { memory: new Map(), observations, lists: [a.key], probeMultiplier: 3, nowMs: 0 };
    const states = (unreachable: ReadonlySet<ListKey>) =>
      observe({ ...input, unreachable }).paths.map(({ state }) => state);
    expect(states(new Set())).toEqual(["alive"]);
    expect(states(new Set([a.key]))).toEqual(["dead"]);
  });

  test("memory is of the lists at hand only", () => {
    const [last] = rounds(seen(1n, 1n)).slice(-1);
    expect([...(last?.memory.keys() ?? [])]).toEqual([a.key]);
  });
});

describe("policies", () => {
  test.each<[string, Partial<Record<"a" | "b", PathState>>, number]>([
    ["the first that lives", { a: "alive", b: "alive" }, 0],
    ["unproven is usable", { a: "unproven", b: "alive" }, 0],
    ["the next when the first is dead", { a: "dead", b: "unproven" }, 1],
    ["the next when the first is not in the kernel", { b: "alive" }, 1],
    ["none when all are dead", { a: "dead", b: "dead" }, -1],
    ["none when there is none", {}, -1],
  ])("active candidate: %s", (_, states, active) => {
    const held = entries(a, b, policy("video", [a, b]));
    const known = new Map(
      Object.entries(states).map(([name, state]) => [name === "a" ? a.key : b.key, { state }] as const),
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
