import fc from "fast-check";
import { totalCost } from "../../packages/controller/src/compute/path-set";
import { edgeGoals } from "../../packages/controller/src/compute/edge-goals";
import { edgesAlong } from "../../packages/controller/src/compute/path-edges";
import { holds } from "../../packages/controller/src/pipeline/holds";
import { type IntentPlan, planIntent } from "../../packages/controller/src/pipeline/plan";
import { createSnapshot, type TopologySnapshot } from "../../packages/controller/src/topology/snapshot";
import { intentOf } from "../support/intent";
import { topologyOf } from "../support/network";

const ROUTERS = 7;
const HOSTS = ["h1", "h2"];

/** Metrics are small, so that detours are worth it, and paths of equal cost frequent. */
const metrics = fc.record({ igp: fc.integer({ min: 1, max: 9 }), delayUs: fc.integer({ min: 1, max: 9 }) });
const core = fc
  .array(fc.tuple(fc.nat({ max: ROUTERS - 1 }), fc.nat({ max: ROUTERS - 1 }), metrics), { minLength: 8, maxLength: 18 })
  .map((links) =>
    links
      .filter(([a, b]) => a !== b)
      .map(([a, b, own], i) => ({ name: `l${String(i).padStart(2, "0")}`, a: `r${a}`, b: `r${b}`, ...own })),
  );
const access = fc.array(fc.tuple(fc.nat({ max: ROUTERS - 1 }), metrics), { minLength: 1, maxLength: 2 });

function topologyWith(links: readonly unknown[], attached: readonly (readonly [number, object])[][]) {
  const routers = Array.from({ length: ROUTERS }, (_, i) => ({ name: `r${i}`, nodeId: i + 1 }));
  const hosts = attached.map((routersOf, i) => ({
    name: HOSTS[i],
    kind: "host",
    nodeId: 0x8000 + i,
    addresses: [`2001:db8::${i + 1}`],
    attachedTo: routersOf.map(([router, own], n) => ({ node: `r${router}`, name: `up-${i}-${n}`, ...own })),
  }));
  return topologyOf([...routers, ...hosts], links);
}

const asked = fc.record({
  objective: fc.constantFrom({ minimize: "delay" }, { minimize: "igp" }, [{ minimize: "hops" }, { minimize: "delay" }]),
  constraints: fc.constantFrom({}, {}, { maxHops: 4 }, { maxDelayMs: 0.016 }),
  protection: fc.record({ backups: fc.constantFrom(0, 1, 1, 1, 2), disjoint: fc.constantFrom("link", "node", "srlg") }),
  multipath: fc.record({ paths: fc.constantFrom(1, 1, 1, 2) }),
});

/** A little is broken when the plan is made; some of it is mended afterwards, and perhaps something else breaks. */
const scenario = fc.record({
  links: core,
  attached: fc.tuple(access, access),
  asked,
  then: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  mended: fc.nat(),
  breaks: fc.option(fc.nat(), { nil: undefined, freq: 3 }),
});

function costsOf(plan: IntentPlan, { flat }: TopologySnapshot): unknown {
  const goals = edgeGoals(flat, plan.intent.objective);
  return plan.policies.map(({ computed: { candidates, protection, noPath } }) => {
    const paths = candidates.flatMap((each) => [each, ...each.beside]);
    const along = paths.map((path) => ({ kind: "path" as const, edges: edgesAlong(flat, path), exact: true }));
    const what = { found: protection?.found, exemptions: protection?.exemptions, noPath: noPath?.reason };
    // Of several sets of equal cost either is right.
    return {
      ...what,
      paths: protection === undefined ? paths.map(({ links }) => links) : totalCost(flat, { goals }, along),
    };
  });
}

test("a plan that is said to hold is as good as the one that would be made now", () => {
  let held = 0;
  fc.assert(
    fc.property(scenario, ({ links, attached, asked: spec, then, mended, breaks }) => {
      const sound = createSnapshot(topologyWith(links, attached), 1);
      const edges = sound.flat.edgeFrom.length;
      const before = [...new Set(then.map((number) => number % edges))];
      const now = before.filter((_, i) => i !== mended % before.length);
      const without = (unusable: readonly number[]): TopologySnapshot => ({ ...sound, unusable: new Set(unusable) });
      const old = without(before);
      const next = without(breaks === undefined ? now : [...now, breaks % edges]);
      const plan = planIntent(intentOf(spec), old);
      if (!holds(plan, sound.flat, old.unusable, next.unusable)) return;
      held++;
      expect(costsOf(plan, sound)).toEqual(costsOf(planIntent(intentOf(spec), next), sound));
    }),
    { numRuns: 800 },
  );
  // It is there to save work.
  expect(held).toBeGreaterThan(50);
});
