import fc from "fast-check";
import { type Catalog, EMPTY_CATALOG, loadCatalog } from "../../packages/controller/src/pipeline/catalog";
import type { DocumentRecord } from "../../packages/controller/src/pipeline/document-record";
import {
  type LackingFeatures,
  lackingOf,
  NOTHING_LACKING,
  withLacking,
} from "../../packages/controller/src/pipeline/features";
import { foundationOf } from "../../packages/controller/src/pipeline/holds";
import { type IntentPlan, planIntent, type PlannedPolicy } from "../../packages/controller/src/pipeline/plan";
import { PlanSet } from "../../packages/controller/src/runtime/plan-set";
import { Plans } from "../../packages/controller/src/runtime/plans";
import type { DirectedLink } from "../../packages/controller/src/topology/directed-link";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import { packPlans, unpackPlan } from "../../packages/controller/src/workers/packed-plans";
import { type RandomNetwork, randomNetwork } from "./random-network";

const MAX_LINKS = 15;
const NAMES = ["a", "b", "c", "d", "e"];
const HOSTS = ["h1", "h2"];

const MAX_BINDINGS = 4;
/** Functions that are derived for adjacencies are seldom among the last ones. */
const FIRST_BINDING = 0xff00;
const ALGORITHMS = [
  { name: "fast", id: 128, locatorBlock: "fcbb:cc00::/32", metric: "delay" },
  { name: "common", id: 129, locatorBlock: "fcbb:dd00::/32", metric: "te", exclude: ["gold"] },
];

/** Sums of any of these, each up to twice, all differ: no two sets of links cost the same, so there is one answer to every question. */
const metricOf = (rank: number) => 3 ** rank;

/** Access links first, so that every host has one; each metric is another order of the links. */
function documentOf({ routers, hosts, links }: RandomNetwork, shift: number): DocumentRecord {
  const kept = [...links].sort((a, b) => Number(b.a.startsWith("h")) - Number(a.a.startsWith("h"))).slice(0, MAX_LINKS);
  const turned = (rank: number, by: number) => metricOf((rank * 7 + by) % MAX_LINKS);
  const nodes = [
    ...routers.map((name, i) => ({ name, nodeId: i + 1 })),
    ...hosts.map((name, i) => ({ name, kind: "host", nodeId: 0x8000 + i, addresses: [`2001:db8::${i + 1}`] })),
  ];
  const core = kept.filter(({ a }) => !a.startsWith("h"));
  const spec = {
    locatorBlock: "fcbb:bb00::/32",
    algorithms: ALGORITHMS,
    nodes,
    links: kept.map(({ name, a, b, srlgs, affinity, capacityMbps }, i) => {
      const metrics = { igp: turned(i, shift), te: turned(i, shift + 4), delayUs: turned(i, shift + 9) };
      return { name, a, b, ...metrics, srlgs, affinity, capacityMbps };
    }),
    bindings: core.slice(0, MAX_BINDINGS).map(({ name, a, b }, i) => {
      const onward = core.find((other) => other.name !== name && other.a === b);
      const path = onward === undefined ? [name] : [name, onward.name];
      return { name: `via-${name}`, node: a, function: FIRST_BINDING + i, path };
    }),
  };
  return { kind: "Topology", name: "t", labels: {}, spec, generation: 1 };
}

type Event =
  | { readonly kind: "links"; readonly broken: readonly number[] }
  | { readonly kind: "intent"; readonly name: string; readonly spec: Record<string, unknown> }
  | { readonly kind: "delete"; readonly name: string }
  | { readonly kind: "agent"; readonly host: string; readonly features: readonly string[] }
  | { readonly kind: "topology"; readonly shift: number };

const spec = fc
  .record({
    turned: fc.boolean(),
    minimize: fc.constantFrom("delay", "igp", "te", "hops"),
    constraints: fc.constantFrom(
      {},
      {},
      { maxHops: 3 },
      { avoid: { nodes: ["r1"] } },
      { maxDelayMs: 100 },
      { algorithm: "fast" },
      { algorithm: "common" },
      { affinity: { any: ["gold"] } },
      { minBandwidthMbps: 50 },
      { via: [{ node: "r1" }] },
      { include: { nodes: ["r0"] } },
    ),
    protection: fc.constantFrom(
      {},
      { backups: 1, disjoint: "link" },
      { backups: 2, disjoint: "link" },
      { backups: 1, disjoint: "node" },
      { backups: 1, disjoint: "srlg" },
    ),
    paths: fc.constantFrom(1, 1, 1, 2, 3),
    bidirectional: fc.boolean(),
    mode: fc.constantFrom("auto", "encap", "usid"),
    pin: fc.constantFrom("loose", "loose", "strict"),
    reservation: fc.option(
      fc.record({
        mbps: fc.constantFrom(3, 4, 6, 60),
        setupPriority: fc.constantFrom(0, 3, 7),
        holdPriority: fc.constantFrom(0, 3, 7),
      }),
      { freq: 2 },
    ),
  })
  .map(({ turned, minimize, paths, reservation, ...rest }) => ({
    from: { hosts: [turned ? "h2" : "h1"] },
    to: { hosts: [turned ? "h1" : "h2"] },
    objective: { minimize },
    multipath: { paths },
    ...(reservation === null ? {} : { reservation: held(reservation) }),
    ...rest,
  }));

/** A hold priority is never worse than the setup priority. */
function held({ setupPriority, holdPriority, mbps }: Record<"setupPriority" | "holdPriority" | "mbps", number>) {
  return { mbps, setupPriority, holdPriority: Math.min(setupPriority, holdPriority) };
}

const events = fc.array(
  fc.oneof(
    // Either direction of a link, a few at a time: each event is all that is broken from then on.
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("links" as const),
        broken: fc.uniqueArray(fc.nat({ max: 2 * MAX_LINKS - 1 }), { maxLength: 4 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("intent" as const), name: fc.constantFrom(...NAMES), spec }),
    },
    fc.record({ kind: fc.constant("delete" as const), name: fc.constantFrom(...NAMES) }),
    fc.record({
      kind: fc.constant("agent" as const),
      host: fc.constantFrom(...HOSTS),
      features: fc.subarray(["insert", "encap", "alternate-returns"]),
    }),
    fc.record({ kind: fc.constant("topology" as const), shift: fc.nat({ max: MAX_LINKS - 1 }) }),
  ),
  { minLength: 2, maxLength: 12 },
);

interface Situation {
  readonly catalog: Catalog;
  readonly lacking: LackingFeatures;
  readonly unusable: readonly DirectedLink[];
}

function after(now: Situation, event: Event, network: RandomNetwork): Situation {
  const { catalog } = now;
  switch (event.kind) {
    case "links":
      return { ...now, unusable: event.broken.flatMap((number) => directionOf(catalog, number)) };
    case "intent": {
      const order = NAMES.indexOf(event.name);
      const record = { kind: "Intent", name: event.name, labels: {}, spec: event.spec, generation: 1, order } as const;
      return {
        ...now,
        catalog: { ...catalog, intents: catalog.intents.with(loadCatalog([record], "t").intents) },
      };
    }
    case "delete":
      return {
        ...now,
        catalog: { ...catalog, intents: catalog.intents.without([event.name]) },
      };
    case "agent":
      return { ...now, lacking: withLacking(now.lacking, event.host, lackingOf(event.features)) };
    case "topology": {
      const { topology } = loadCatalog([documentOf(network, event.shift)], "t");
      return { ...now, catalog: { ...catalog, topology } };
    }
  }
}

function directionOf({ topology }: Catalog, number: number): DirectedLink[] {
  const link = topology?.value.links[number >> 1];
  if (link === undefined) return [];
  return [{ link: link.name, from: number % 2 === 0 ? link.aToB.from : link.bToA.from }];
}

/** What separates two plans: of a protected policy all links with how often they are crossed, as where paths meet they can be told apart in more than one way. */
function gist(plan: IntentPlan | undefined): unknown {
  return plan?.policies.map(({ computed, mode, candidates, reservation }: PlannedPolicy) => {
    const lists = candidates.flatMap((candidate) => candidate.lists);
    const { host, endpoint, direction, protection, noPath } = computed;
    // Without a reservation a reason may speak of the links that were broken when it was found.
    const reason = reservation === undefined ? noPath === undefined : noPath;
    const common = { host, endpoint, direction, mode, reservation, reason, exemptions: protection?.exemptions };
    if (protection === undefined)
      return { ...common, lists: lists.map(({ path, encoded }) => [path.links, path.weight, encoded]) };
    const encoded = lists.map((list) => list.encoded.kind).sort();
    return { ...common, encoded, links: lists.flatMap(({ path }) => path.links).sort() };
  });
}

function planned(situation: Situation): Plans {
  const plans = new Plans();
  plans.refresh(situation);
  return plans;
}

/** Does what is left a little at a time. */
function settle(plans: Plans, situation: Situation): void {
  while (plans.refresh({ ...situation, budgetMs: 0.001 }).left > 0);
}

const scenario = fc.record({
  network: randomNetwork(5, 8),
  all: events,
  pauses: fc.infiniteStream(fc.boolean()),
});
const nothing: Situation = { catalog: EMPTY_CATALOG, lacking: NOTHING_LACKING, unusable: [] };

test("plans that were kept are those that a controller would make that knows nothing but what is", () => {
  fc.assert(
    fc.property(scenario, ({ network, all, pauses }) => {
      const plans = new Plans();
      const begin = after(nothing, { kind: "topology", shift: 0 }, network);
      const now = [...all].reduce((situation, event) => {
        const next = after(situation, event, network);
        const ahead = pauses.next().value === true;
        while (ahead && plans.prepare({ ...next, budgetMs: 0 }));
        // Often other things happen before all is done.
        plans.refresh({ ...next, budgetMs: pauses.next().value === true ? 0 : 0.001 });
        if (pauses.next().value === true) settle(plans, next);
        return next;
      }, begin);
      settle(plans, now);
      const fresh = planned(now);
      expect(plans.bandwidth.uses).toEqual(fresh.bandwidth.uses);
      for (const name of NAMES) expect([name, gist(plans.of(name))]).toEqual([name, gist(fresh.of(name))]);
    }),
    { numRuns: 130 },
  );
});

test("plans of what was searched elsewhere are those made at once", () => {
  fc.assert(
    fc.property(scenario, ({ network, all }) => {
      const begin = after(nothing, { kind: "topology", shift: 0 }, network);
      const now = all.reduce((situation, event) => after(situation, event, network), begin);
      const { snapshot } = planned({ ...now, catalog: { ...now.catalog, intents: EMPTY_CATALOG.intents } });
      if (snapshot === undefined) throw new Error("a topology has a snapshot");
      const intents = [...now.catalog.intents.values()].map(({ value }) => value);
      const elsewhere = createSnapshot(snapshot.topology, 1, now.unusable);
      const packed = structuredClone(packPlans(intents, elsewhere, now.lacking));
      const plans = intents.map((intent, i) => unpackPlan(packed, i, intent, snapshot, now.lacking));
      expect(plans).toEqual(intents.map((intent) => planIntent(intent, snapshot, now.lacking)));
    }),
    { numRuns: 200 },
  );
});

test("a set of plans finds them by edge, host and what could not be used as one that looks at all of them", () => {
  fc.assert(
    fc.property(scenario, ({ network, all }) => {
      const begin = after(nothing, { kind: "topology", shift: 0 }, network);
      const graph = planned(begin).snapshot?.flat;
      if (graph === undefined) throw new Error("a topology has a graph");
      const set = new PlanSet(graph);
      const held = new Map<string, { plan: IntentPlan; unusable: ReadonlySet<number> }>();
      let situation = begin;
      for (const event of all.filter(({ kind }) => kind !== "topology")) {
        situation = after(situation, event, network);
        const plans = planned(situation);
        const names = event.kind === "links" ? NAMES : NAMES.slice(0, 2);
        for (const name of names) {
          expect(set.drop(name)).toBe(held.get(name)?.plan);
          held.delete(name);
          const plan = plans.of(name);
          const unusable = plans.snapshot?.unusable ?? new Set();
          if (plan === undefined) continue;
          set.keep(plan, unusable);
          held.set(name, { plan, unusable });
        }
      }
      const namesWhere = (holds: (plan: IntentPlan, unusable: ReadonlySet<number>) => boolean) =>
        [...held]
          .filter(([, { plan, unusable }]) => holds(plan, unusable))
          .map(([name]) => name)
          .sort();
      graph.edgeFrom.forEach((_, edge) => {
        expect([...set.standingOn(edge)].sort()).toEqual(
          namesWhere((plan) => foundationOf(plan, graph).includes(edge)),
        );
        expect([...set.madeWithout(edge)].sort()).toEqual(namesWhere((_plan, unusable) => unusable.has(edge)));
      });
      for (const host of HOSTS) {
        const ends = (plan: IntentPlan) =>
          plan.policies.some(({ computed }) => computed.host === host || computed.egress === host);
        expect([...set.endingAt(host)].sort()).toEqual(namesWhere(ends));
      }
    }),
    { numRuns: 100 },
  );
});
