import fc from "fast-check";
import type { Intent } from "@sextant/model";
import { admit, type Admitted, type AdmissionInputs } from "../../packages/controller/src/bandwidth/admission";
import { PlanMemory } from "../../packages/controller/src/bandwidth/plan-memory";
import { edgesAlong } from "../../packages/controller/src/compute/path-edges";
import type { PlannedCandidate } from "../../packages/controller/src/pipeline/plan";
import { createSnapshot, type TopologySnapshot } from "../../packages/controller/src/topology/snapshot";
import { intentOf } from "../support/intent";
import { check } from "./fuzz";
import { randomNetwork, topologyFor } from "./random-network";

const BEST = 0;
const WORST = 7;

/** Few sizes and priorities, so that they collide. */
const wish = fc
  .record({
    from: fc.constantFrom("h1", "h2"),
    mbps: fc.constantFrom(1, 3, 4, 5, 6, 50, 100),
    setup: fc.integer({ min: 0, max: 3 }),
    better: fc.integer({ min: 0, max: 2 }),
    backups: fc.constantFrom(0, 0, 1),
    paths: fc.constantFrom(1, 1, 1, 2),
    minimize: fc.constantFrom("delay", "igp", "hops"),
  })
  .map(({ from, mbps, setup, better, backups, paths, minimize }) => ({
    from: { hosts: [from] },
    to: { hosts: [from === "h1" ? "h2" : "h1"] },
    objective: { minimize },
    protection: { backups },
    multipath: { paths },
    reservation: { mbps, setupPriority: setup, holdPriority: Math.max(0, setup - better) },
  }));

const intentsOf = (specs: readonly object[]): Intent[] =>
  specs.map((spec, i) => ({ ...intentOf({ ...spec }, `i${i}`), order: i + 1 }));

const scenario = fc.record({
  network: randomNetwork(4, 6),
  specs: fc.array(wish, { minLength: 1, maxLength: 7 }),
  dead: fc.array(fc.nat({ max: 30 }), { maxLength: 3 }),
});

const inputsOf = (intents: readonly Intent[], snapshot: TopologySnapshot): AdmissionInputs => ({
  intents,
  snapshot,
  lacking: new Map(),
  measured: () => 0,
});

/** What each policy has got, in words; equal for equal answers. */
const told = ({ plans }: Admitted): [name: string, policies: unknown][] =>
  [...plans].map(([name, { policies }]) => [
    name,
    policies.map(({ candidates, reservation, computed }) => [
      candidates.map(({ lists }) => lists.map(({ path }) => [path.links, path.weight])),
      reservation,
      computed.noPath?.message,
    ]),
  ]);

const encodedPaths = ({ lists }: PlannedCandidate) =>
  lists.flatMap(({ path, encoded }) => (encoded.kind === "encoded" ? path : []));

/** Mbit/s on each edge of those with that hold priority or a better one, counted from the plans alone. */
function loads({ plans }: Admitted, { flat }: TopologySnapshot, worst: number): Map<number, number> {
  const load = new Map<number, number>();
  for (const { policies } of plans.values()) {
    for (const { reservation, candidates } of policies) {
      if (reservation?.admitted !== true || reservation.holdPriority > worst) continue;
      const paths = candidates.map(encodedPaths).find((each) => each.length > 0) ?? [];
      const total = paths.reduce((sum, { weight }) => sum + weight, 0);
      for (const path of paths) {
        const part = (reservation.mbps * path.weight) / total;
        for (const edge of edgesAlong(flat, path)) load.set(edge, (load.get(edge) ?? 0) + part);
      }
    }
  }
  return load;
}

test("no link is promised more than it has, and the ledger holds what the plans say", () => {
  check(400, 4, scenario, ({ network, specs }) => {
    const snapshot = createSnapshot(topologyFor(network), 1);
    const admitted = admit(inputsOf(intentsOf(specs), snapshot));
    expect(admitted.failed).toEqual([]);
    for (let priority = BEST; priority <= WORST; priority++) {
      const load = loads(admitted, snapshot, priority);
      snapshot.flat.capacityMbps.forEach((capacity, edge) => {
        const mbps = load.get(edge) ?? 0;
        expect(mbps).toBeLessThanOrEqual(capacity + 1e-6);
        expect(admitted.ledger.leftMbps(edge, priority)).toBeCloseTo(capacity - mbps, 3);
      });
    }
  });
});

test("neither the order of documents in memory nor what was before changes the answer", () => {
  check(300, 4, scenario, ({ network, specs, dead }) => {
    const whole = createSnapshot(topologyFor(network), 1);
    const unusable = new Set(dead.map((edge) => edge % Math.max(1, whole.flat.edgeFrom.length)));
    const broken: TopologySnapshot = { ...whole, version: 2, unusable };
    const intents = intentsOf(specs);
    const expected = told(admit(inputsOf(intents, broken)));
    const memory = new PlanMemory();
    for (const [some, snapshot] of [
      [intents.slice(1), whole],
      [intents, whole],
      [intents.slice(0, 2), broken],
    ] as const) {
      admit(inputsOf(some, snapshot), memory);
    }
    const after = told(admit(inputsOf(intents.toReversed(), broken), memory));
    expect(new Map(after.map((row) => [row[0], row]))).toEqual(new Map(expected.map((row) => [row[0], row])));
    const again = told(admit(inputsOf(intents, broken), memory));
    expect(again).toEqual(expected);
    // Others go, and leave room where everything else is as it was.
    const fewer = intents.slice(1);
    expect(told(admit(inputsOf(fewer, broken), memory))).toEqual(told(admit(inputsOf(fewer, broken))));
  });
});

test("who is refused finds no path with enough left for its setup priority", () => {
  check(300, 4, scenario, ({ network, specs }) => {
    const snapshot = createSnapshot(topologyFor(network), 1);
    const admitted = admit(inputsOf(intentsOf(specs), snapshot));
    for (const { policies, intent } of admitted.plans.values()) {
      for (const { reservation, computed } of policies) {
        if (reservation === undefined || reservation.admitted || intent.multipath.paths > 1) continue;
        // Preempted too often, or no header holds the path: not a matter of bandwidth.
        if (computed.noPath === undefined || computed.noPath.message.includes("pre-empted")) continue;
        const { setupPriority, mbps } = reservation;
        const isOpen = (edge: number) => admitted.ledger.leftMbps(edge, setupPriority) >= mbps;
        expect(reaches(snapshot, computed.host, computed.egress ?? "", isOpen)).toBe(false);
      }
    }
  });
});

test("a worse hold priority alone costs nobody its place to a worse setup priority", () => {
  check(200, 3, scenario, ({ network, specs }) => {
    const snapshot = createSnapshot(topologyFor(network), 1);
    const admitted = admit(inputsOf(intentsOf(specs), snapshot));
    const setupOf = (name: string) => admitted.plans.get(name)?.policies[0]?.reservation?.setupPriority ?? WORST;
    for (const { policies } of admitted.plans.values()) {
      for (const { reservation } of policies) {
        if (reservation?.preemptedBy === undefined) continue;
        expect(setupOf(reservation.preemptedBy)).toBeLessThan(reservation.holdPriority);
      }
    }
  });
});

test("less important intents change nothing for more important ones", () => {
  check(200, 3, scenario, ({ network, specs }) => {
    const snapshot = createSnapshot(topologyFor(network), 1);
    // Each holds as it sets up.
    const intents = intentsOf(specs).map((intent) => {
      const { mbps = 0, setupPriority = WORST } = intent.reservation ?? {};
      return { ...intent, reservation: { mbps, setupPriority, holdPriority: setupPriority } };
    });
    const all = admit(inputsOf(intents, snapshot));
    for (let priority = BEST; priority < WORST; priority++) {
      const important = intents.filter(({ reservation }) => reservation.setupPriority <= priority);
      const names = new Set(important.map(({ name }) => name));
      const among = told(all).filter(([name]) => names.has(name));
      expect(told(admit(inputsOf(important, snapshot)))).toEqual(among);
    }
  });
});

/** Plain search over nodes, hosts only at the ends. */
function reaches({ flat }: TopologySnapshot, from: string, to: string, isOpen: (edge: number) => boolean): boolean {
  const start = flat.nodeIndex.get(from) ?? -1;
  const seen = new Set([start]);
  for (const node of seen) {
    if (flat.isHost[node] === 1 && node !== start) continue;
    flat.edgeFrom.forEach((source, edge) => {
      if (source === node && isOpen(edge)) seen.add(flat.edgeTo[edge] as number);
    });
  }
  return seen.has(flat.nodeIndex.get(to) ?? -2);
}
