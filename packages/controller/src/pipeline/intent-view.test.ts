import { intentOf } from "../../../../test/support/intent";
import { network, sidNames } from "../../../../test/support/network";
import { createSnapshot } from "../topology/snapshot";
import { intentView } from "./intent-view";
import { planIntent } from "./plan";

/*
 *  h1 ─ a ─ (b quick | c slow) ─ d ─ h2        h3 hangs off b
 */
const DIAMOND = network(`
h1: a
h2: d
h3: b
a-b igp=10 delayUs=1000 capacityMbps=100
b-d igp=10 delayUs=1000
a-c igp=10 delayUs=5000
c-d igp=10 delayUs=5000
`);

function viewOf(spec: Record<string, unknown>) {
  return intentView(planIntent(intentOf(spec), createSnapshot(DIAMOND, 1)));
}

function brief(conditions: readonly { type: string; status: string; reason: string }[]) {
  return conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);
}

test("the whole view of a sound intent", () => {
  const view = viewOf({ protection: { backups: 1 } });
  expect(view).toMatchObject({ name: "test", generation: 1, issues: [] });
  expect(brief(view.conditions)).toEqual([
    "Accepted=True Valid",
    "Computed=True PathFound",
    "Encoded=True Encoded",
    "Protected=True BackupsFound",
  ]);
  const [policy] = view.policies;
  expect(policy).toMatchObject({
    host: "h1",
    endpoint: "h2",
    exemptions: { links: ["h1-a", "h2-d"], nodes: ["a", "d"], srlgs: [] },
  });
  const [primary, backup] = policy?.candidates ?? [];
  expect(primary).toMatchObject({
    preference: 100,
    exact: true,
    nodes: ["h1", "a", "b", "d", "h2"],
    links: ["h1-a", "a-b", "b-d", "h2-d"],
    metrics: { delayUs: 2000, igp: 20, te: 20, hops: 4, jitterUs: 0, lossPpm: 0, bottleneckMbps: 100 },
  });
  expect(sidNames(DIAMOND, primary?.segmentLists[0]?.segments ?? [])).toEqual(["b"]);
  expect(backup).toMatchObject({ preference: 90, nodes: ["h1", "a", "c", "d", "h2"] });
  expect(backup?.metrics).not.toHaveProperty("bottleneckMbps");
});

test("the view survives JSON unchanged", () => {
  const view = viewOf({ constraints: { maxDelayMs: 1 } });
  expect(JSON.parse(JSON.stringify(view))).toEqual(view);
});

test.each<[string, Record<string, unknown>, string[]]>([
  [
    "no path",
    { constraints: { maxDelayMs: 1 } },
    ["Accepted=True Valid", "Computed=False NoPath", "Encoded=Unknown NoPath"],
  ],
  [
    "no backup",
    { to: { hosts: ["h3"] }, constraints: { maxDelayMs: 2 }, protection: {} },
    ["Accepted=True Valid", "Computed=True PathFound", "Encoded=True Encoded", "Protected=False NoDisjointBackup"],
  ],
  [
    "one policy of two without a path",
    { to: { hosts: ["h2", "h3"] }, constraints: { maxDelayMs: 1 } },
    ["Accepted=True Valid", "Computed=False NoPath", "Encoded=Unknown NoPath"],
  ],
  [
    "a source that has gone",
    { from: { hosts: ["h1", "ghost"] } },
    ["Accepted=True Valid", "Computed=False UnknownHost", "Encoded=True Encoded"],
  ],
  [
    "labels that match nobody any more",
    { from: { labels: { role: "none" } } },
    ["Accepted=True Valid", "Computed=False NothingSelected", "Encoded=False NothingSelected"],
  ],
])("conditions of %s", (_name, spec, expected) => {
  expect(brief(viewOf(spec).conditions)).toEqual(expected);
});

test("a path too long for the host stays visible without a list", () => {
  const short = {
    ...DIAMOND,
    nodes: DIAMOND.nodes.map((node) => (node.name === "h1" ? { ...node, maxSegments: 1 } : node)),
  };
  const spec = { objective: { minimize: "hops" }, constraints: { via: [{ node: "c" }, { node: "b" }] } };
  const view = intentView(planIntent(intentOf(spec), createSnapshot(short, 1)));
  expect(brief(view.conditions)).toContain("Encoded=False TooManySegments");
  expect(view.policies[0]?.candidates).toMatchObject([
    { nodes: ["h1", "a", "c", "a", "b", "d", "h2"], segmentLists: [] },
  ]);
});

test("a missing path says what to give up", () => {
  const [policy] = viewOf({ constraints: { maxDelayMs: 1 } }).policies;
  expect(policy?.noPath).toMatchObject({
    reason: "MaxDelay",
    relaxations: [{ drop: ["maxDelayMs"], reaches: { delayUs: 2000 } }],
  });
});
