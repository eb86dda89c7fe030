import type { Goal } from "../intent";
import { intentFromDocument, serviceFromDocument } from "./intent-from-document";
import { parseDocuments, type ParsedDocument } from "./parse";

function only(text: string): ParsedDocument {
  const { documents, issues } = parseDocuments("f.yaml", text);
  expect(issues).toEqual([]);
  const [document] = documents;
  if (document === undefined) throw new Error("no document");
  return document;
}

function intent(spec: string) {
  const document = only(`apiVersion: sextant.dev/v1\nkind: Intent\nmetadata: {name: web}\nspec: ${spec}\n`);
  if (document.kind !== "Intent") throw new Error(document.kind);
  return intentFromDocument(document, 7);
}

const ends = 'from: {hosts: [a]}, to: {prefixes: ["2001:db8::/32"]}, objective: {minimize: te}';

test("what was not asked for is absent, not undefined", () => {
  expect(intent(`{${ends}}`)).toStrictEqual({
    name: "web",
    generation: 7,
    order: 0,
    priority: 100,
    from: { hosts: ["a"], labels: {} },
    to: { hosts: [], labels: {}, prefixes: ["2001:db8::/32"], names: [] },
    application: { sources: [], sourcePorts: [], ports: [] },
    objective: [{ kind: "sum", weights: { te: 1 } }],
    constraints: {
      avoid: { nodes: [], links: [], srlgs: [] },
      include: { nodes: [], links: [], srlgs: [] },
      affinity: { any: [], all: [], none: [] },
      via: [],
    },
    protection: { backups: 0, disjoint: "link" },
    onNoPath: "route",
    mode: "auto",
    pin: "loose",
    multipath: { paths: 1, weights: "equal", spread: { kind: "flow" } },
    bidirectional: false,
  });
});

test("what was asked for is all there", () => {
  const spec = `{${ends}, application: {cgroup: apps/web, protocol: 6, ports: [80]},
  constraints: {maxDelayMs: 1.5, maxHops: 4, minBandwidthMbps: 10, via: [{node: x}]}}`;
  expect(intent(spec)).toMatchObject({
    application: { cgroup: "apps/web", protocol: 6, ports: [{ first: 80, last: 80 }] },
    constraints: { maxDelayMs: 1.5, maxHops: 4, minBandwidthMbps: 10, via: [{ node: "x" }] },
  });
});

test.each([
  ["{mbps: 40}", { mbps: 40, setupPriority: 7, holdPriority: 7 }],
  ["{mbps: measured, setupPriority: 3}", { mbps: "measured", setupPriority: 3, holdPriority: 3 }],
  ["{mbps: 0.5, setupPriority: 3, holdPriority: 0}", { mbps: 0.5, setupPriority: 3, holdPriority: 0 }],
])("reservation %s: it is held as it is set up, unless it says otherwise", (text, reservation) => {
  expect(intent(`{${ends}, reservation: ${text}}`).reservation).toEqual(reservation);
});

test.each<[string, Goal[]]>([
  ["{minimize: loss}", [{ kind: "sum", weights: { loss: 1 } }]],
  ["{minimize: {delay: 2, igp: 100}}", [{ kind: "sum", weights: { delay: 2, igp: 100 } }]],
  ["{minimize: utilisation}", [{ kind: "bottleneck", of: "utilisation" }]],
  [
    "[{maximize: bandwidth}, {minimize: hops}]",
    [
      { kind: "bottleneck", of: "bandwidth" },
      { kind: "sum", weights: { hops: 1 } },
    ],
  ],
])("objective %s", (text, expected) => {
  expect(intent(`{${ends.replace("{minimize: te}", text)}}`).objective).toStrictEqual(expected);
});

test("an application may ask for anything at once", () => {
  const spec = `{${ends}, application: {systemdUnit: web.service, user: 33, executable: /usr/bin/nginx, dscp: af41,
  protocol: sctp, sources: [10.0.0.0/8, "2001:db8::/32"], sourcePorts: ["1000-2000"], ports: [1]}}`;
  expect(intent(spec).application).toStrictEqual({
    systemdUnit: "web.service",
    user: "33",
    executable: "/usr/bin/nginx",
    dscp: 34,
    protocol: 132,
    sources: ["10.0.0.0/8", "2001:db8::/32"],
    sourcePorts: [{ first: 1_000, last: 2_000 }],
    ports: [{ first: 1, last: 1 }],
  });
});

test.each([
  ["{paths: 4}", { paths: 4, weights: "equal", spread: { kind: "flow" } }],
  ["{paths: 2, spread: flowlet}", { paths: 2, weights: "equal", spread: { kind: "flowlet", gapUs: 500 } }],
  [
    "{paths: 2, weights: capacity, spread: flowlet, flowletGapUs: 90}",
    { paths: 2, weights: "capacity", spread: { kind: "flowlet", gapUs: 90 } },
  ],
  ["{paths: 32, spread: packet, flowletGapUs: 90}", { paths: 32, weights: "equal", spread: { kind: "packet" } }],
])("multipath %s", (text, expected) => {
  expect(intent(`{${ends}, multipath: ${text}}`).multipath).toStrictEqual(expected);
});

test.each([
  ["{probeIntervalMs: 3.3, multiplier: 4}", { probeIntervalMs: 3.3, multiplier: 4, violationMs: 1_000 }],
  ["{maxLossPercent: 0.5, violationMs: 100}", { maxLossPercent: 0.5, violationMs: 100 }],
])("liveness %s", (text, expected) => {
  expect(intent(`{${ends}, liveness: ${text}}`).liveness).toStrictEqual(expected);
});

test.each([
  ["probeIntervalMs: 0.9"],
  ["probeIntervalMs: 60001"],
  ["multiplier: 1"],
  ["multiplier: 2.5"],
  ["multiplier: 11"],
  ["maxLossPercent: 101"],
  ["violationMs: 99"],
  ["interval: 10"],
])("liveness {%s}: one issue, at the value or the unknown field", (text) => {
  const header = "apiVersion: sextant.dev/v1\nkind: Intent\nmetadata: {name: web}";
  const { issues } = parseDocuments("f.yaml", `${header}\nspec: {${ends},\n  liveness: {${text}}}\n`);
  expect(issues).toMatchObject([{ at: { file: "f.yaml", line: 5 } }]);
});

test("a name is one whatever its case", () => {
  const text = ends.replace("{prefixes", "{names: [{name: Video.Example.NET, at: lon}], prefixes");
  expect(intent(`{${text}}`).to.names).toEqual([{ name: "video.example.net", at: "lon" }]);
});

test("a service keeps its instances in order", () => {
  const document = only(
    "apiVersion: sextant.dev/v1\nkind: Service\nmetadata: {name: fw}\nspec: {type: firewall, instances: [{name: b, node: n}, {name: a, node: n}]}\n",
  );
  const service = document.kind === "Service" ? serviceFromDocument(document) : undefined;
  expect(service).toEqual({
    name: "fw",
    type: "firewall",
    instances: [
      { name: "b", node: "n", state: "up" },
      { name: "a", node: "n", state: "up" },
    ],
  });
});
