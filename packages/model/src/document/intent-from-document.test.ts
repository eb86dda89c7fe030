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
    priority: 100,
    from: { hosts: ["a"], labels: {} },
    to: { hosts: [], labels: {}, prefixes: ["2001:db8::/32"] },
    application: { ports: [] },
    objective: { minimize: "te" },
    constraints: { avoid: { nodes: [], links: [], srlgs: [] }, via: [] },
    protection: { backups: 0, disjoint: "link" },
    onNoPath: "route",
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

test("a service keeps its instances in order", () => {
  const document = only(
    "apiVersion: sextant.dev/v1\nkind: Service\nmetadata: {name: fw}\nspec: {type: firewall, instances: [{name: b, node: n}, {name: a, node: n}]}\n",
  );
  const service = document.kind === "Service" ? serviceFromDocument(document) : undefined;
  expect(service).toEqual({
    name: "fw",
    type: "firewall",
    instances: [
      { name: "b", node: "n" },
      { name: "a", node: "n" },
    ],
  });
});
