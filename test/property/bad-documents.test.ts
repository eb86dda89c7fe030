import fc from "fast-check";
import { validateIntent } from "../../packages/controller/src/pipeline/validate";
import { compute } from "../../packages/controller/src/pipeline/compute";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import {
  type Issue,
  intentFromDocument,
  METRICS,
  parseDocumentValue,
  type Topology,
  topologyFromDocument,
} from "../../packages/model/src";
import { check } from "./fuzz";

/** Values that a generator, an exporter with a bug, or an attacker may write anywhere. */
const nasty = fc.constantFrom<unknown>(
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, -1, 0, 1, 1.5, 1e308, 2 ** 53, 2 ** 31],
  ...[null, true, "", "a", "h1", "0", "__proto__", "\u0000", [], {}, [[]], [null], { a: 1 }],
);

const topologySpec = {
  locatorBlock: "fcbb:bb00::/32",
  nodes: [
    { name: "a", nodeId: 1 },
    { name: "b", nodeId: 2 },
    { name: "c", nodeId: 3 },
    { name: "h1", kind: "host", attachedTo: "a", addresses: ["2001:db8::1"] },
    { name: "h2", kind: "host", attachedTo: ["b"], addresses: ["2001:db8::2"] },
  ],
  links: [
    {
      a: "a",
      b: "b",
      igp: 10,
      te: 5,
      delayUs: 100,
      jitterUs: 3,
      lossPpm: 10,
      capacityMbps: 100,
      utilisationPercent: 20,
    },
    { a: "a", b: "c", igp: 1, srlgs: ["s"], affinity: ["gold"], aToB: { igp: 4 } },
    { a: "c", b: "b", name: "second", delayUs: 7 },
  ],
};
const intentSpec = {
  from: { hosts: ["h1"] },
  to: { hosts: ["h2"] },
  objective: [{ minimize: { delay: 1, igp: 2 } }, { maximize: "bandwidth" }],
  constraints: {
    ...{ maxDelayMs: 50, maxJitterMs: 5, maxLossPercent: 1, maxIgp: 100, maxHops: 9, minBandwidthMbps: 1 },
    avoid: { nodes: [], links: [], srlgs: ["s"] },
    include: { nodes: ["b"], links: [], srlgs: [] },
    affinity: { any: [], all: [], none: ["gold"] },
    via: [{ node: "b" }],
  },
};

/** The value with some of its parts, at any depth, replaced, left out or doubled. */
function spoilt(value: unknown): fc.Arbitrary<unknown> {
  const places = placesOf(value);
  const change = fc.record({
    place: fc.constantFrom(...places),
    how: fc.constantFrom("replace" as const, "drop" as const, "double" as const),
    with: nasty,
  });
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce(
        (spoilt, { place, how, with: other }) => changed(spoilt, place, how, other),
        structuredClone(value),
      ),
    );
}

type Place = readonly (string | number)[];

function placesOf(value: unknown, at: Place = []): Place[] {
  if (value === null || typeof value !== "object") return [at];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const inside = entries.flatMap(([key, inner]) => placesOf(inner, [...at, key]));
  return at.length === 0 ? inside : [at, ...inside];
}

function changed(value: unknown, [key, ...rest]: Place, how: "replace" | "drop" | "double", other: unknown): unknown {
  if (key === undefined) return other;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, i): unknown[] => {
      if (i !== key) return [item];
      if (rest.length > 0) return [changed(item, rest, how, other)];
      return how === "drop" ? [] : how === "double" ? [item, item] : [other];
    });
  }
  const inner = (value as Record<string, unknown>)[key];
  const entries = Object.entries(value).filter(([name]) => name !== key || rest.length > 0 || how !== "drop");
  return Object.fromEntries(
    entries.map(([name, item]) => [name, name === key ? changed(inner, rest, how, other) : (item as unknown)]),
  );
}

const documentOf = (kind: string, spec: unknown) => ({
  apiVersion: "sextant.dev/v1",
  kind,
  metadata: { name: "x" },
  spec,
});

function readTopology(spec: unknown): Topology | { readonly issues: readonly Issue[] } {
  const { documents, issues } = parseDocumentValue("f", documentOf("Topology", spec));
  const [document] = documents;
  return document?.kind === "Topology" ? topologyFromDocument(document) : { issues };
}

function expectPlaced(issues: readonly Issue[]): void {
  expect(issues.length).toBeGreaterThan(0);
  for (const { path, message, at } of issues) {
    expect(path).not.toBe("");
    expect(message).not.toMatch(/undefined|\[object/);
    expect(at.line).toBeGreaterThan(0);
  }
}

test("a spoilt topology is refused at its place, or is a network whose every number is sound", () => {
  check(3_000, 8, spoilt(topologySpec), (spec) => {
    const topology = readTopology(spec);
    if ("issues" in topology) {
      expectPlaced(topology.issues);
      return;
    }
    const { flat } = createSnapshot(topology, 1);
    for (const metric of METRICS)
      expect(flat.cost[metric].every((cost) => Number.isSafeInteger(cost) && cost >= 0)).toBe(true);
    expect(flat.capacityMbps.every((capacity) => capacity >= 0)).toBe(true);
    expect(flat.edgeFrom.every((from, edge) => from !== flat.edgeTo[edge])).toBe(true);
  });
});

test("a spoilt intent is refused at its place, or computed without a wrong path", () => {
  const topology = readTopology(topologySpec);
  if ("issues" in topology) throw new Error("the test's own topology is broken");
  const snapshot = createSnapshot(topology, 1);
  check(3_000, 8, spoilt(intentSpec), (spec) => {
    const { documents, issues } = parseDocumentValue("f", documentOf("Intent", spec));
    const [document] = documents;
    if (document?.kind !== "Intent") {
      expectPlaced(issues);
      return;
    }
    const faults = validateIntent(document, topology);
    if (faults.length > 0) {
      expectPlaced(faults);
      return;
    }
    const intent = intentFromDocument(document, 1);
    const { maxHops = 255, maxDelayMs = 60_000 } = intent.constraints;
    for (const { candidates, noPath } of compute(intent, snapshot).policies) {
      expect(candidates.length > 0).toBe(noPath === undefined);
      for (const { metrics } of candidates) {
        expect(metrics.hops).toBeLessThanOrEqual(maxHops);
        expect(metrics.delayUs).toBeLessThanOrEqual(maxDelayMs * 1_000);
      }
    }
  });
});

test("65,536 shared-risk groups are groups like any others", () => {
  const groups = (link: number) => Array.from({ length: 64 }, (_, i) => `g${64 * link + i}`);
  const links = Array.from({ length: 1_024 }, (_, i) => ({ a: "a", b: "b", name: `l${i}`, srlgs: groups(i) }));
  const topology = readTopology({ ...topologySpec, links });
  if ("issues" in topology) throw new Error(JSON.stringify(topology.issues));
  const snapshot = createSnapshot(topology, 1);
  expect(snapshot.flat.srlgLinks.size).toBe(65_536);
  const spec = { ...intentSpec, objective: { minimize: "igp" }, constraints: { avoid: { srlgs: ["g0", "g64"] } } };
  const [document] = parseDocumentValue("f", documentOf("Intent", spec)).documents;
  if (document?.kind !== "Intent") throw new Error("the test's own intent is broken");
  expect(validateIntent(document, topology)).toEqual([]);
  const [policy] = compute(intentFromDocument(document, 1), snapshot).policies;
  expect(policy?.candidates[0]?.links).toEqual(["h1-a", "l10", "h2-b"]);
});
