import { parseDocuments, type Topology, topologyFromDocument } from "@sextant/model";
import { type IntentDocument, validateIntent } from "./validate";

/*
 *  desk-1 ── zrh ── gva ── studio-1
 *  desk-2 ────┘  fiber-7
 */
const TOPOLOGY = `
apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: small}
spec:
  locatorBlock: fcbb:bb00::/32
  algorithms: [{name: fast, id: 128, locatorBlock: "fcbb:cc00::/32", metric: delay}]
  nodes:
    - {name: zrh, nodeId: 1}
    - {name: gva, nodeId: 2}
    - {name: desk-1, kind: host, attachedTo: zrh, addresses: [2001:db8:a::1], labels: {role: desk}}
    - {name: desk-2, kind: host, attachedTo: zrh, addresses: [2001:db8:a::2], labels: {role: desk}}
    - {name: host.one, kind: host, attachedTo: gva, addresses: [2001:db8:b::2]}
    - {name: studio-1, kind: host, attachedTo: gva, addresses: [2001:db8:b::1]}
  links:
    - {a: zrh, b: gva, srlgs: [fiber-7], affinity: [gold]}
`;

function topology(): Topology {
  const document = parseDocuments("topology.yaml", TOPOLOGY).documents[0];
  if (document?.kind !== "Topology") throw new Error("the test's own topology is broken");
  const built = topologyFromDocument(document);
  if ("issues" in built) throw new Error("the test's own topology is broken");
  return built;
}

function intent(spec: string): IntentDocument {
  const text = `apiVersion: sextant.dev/v1\nkind: Intent\nmetadata: {name: test}\nspec:\n${spec}`;
  const parsed = parseDocuments("intents.yaml", text);
  const document = parsed.documents[0];
  if (document?.kind !== "Intent") throw new Error(`the test's own intent is broken: ${JSON.stringify(parsed.issues)}`);
  return document;
}

const ENDS = "  from: {hosts: [desk-1]}\n  to: {hosts: [studio-1]}\n  objective: {minimize: delay}\n";

test.each<[string, string, string[]]>([
  ["sound", ENDS, []],
  ["an algorithm that is defined", `${ENDS}  constraints: {algorithm: fast}\n`, []],
  [
    "an algorithm that is not",
    `${ENDS}  constraints: {algorithm: fats}\n`,
    ["unknown_reference spec.constraints.algorithm 8:17"],
  ],
  [
    "a prefix in an algorithm's block",
    '  from: {hosts: [desk-1]}\n  to: {prefixes: ["fcbb:cc00:1::/48"]}\n  objective: {minimize: igp}',
    ["conflict spec.to.prefixes[0] 6:19"],
  ],
  ["labels that match", "  from: {labels: {role: desk}}\n  to: {hosts: [studio-1]}\n  objective: {minimize: igp}", []],
  [
    "unknown hosts",
    "  from: {hosts: [desk-3]}\n  to: {hosts: [studio-1, nobody]}\n  objective: {minimize: igp}",
    ["unknown_reference spec.from.hosts[0] 5:18", "unknown_reference spec.to.hosts[1] 6:26"],
  ],
  [
    "a router as a host",
    "  from: {hosts: [zrh]}\n  to: {hosts: [gva]}\n  objective: {minimize: igp}",
    ["invalid_value spec.from.hosts[0] 5:18", "invalid_value spec.to.hosts[0] 6:16"],
  ],
  [
    "labels that nobody carries",
    "  from: {labels: {role: printer}}\n  to: {hosts: [studio-1]}\n  objective: {minimize: igp}",
    ["unknown_reference spec.from.labels 5:10"],
  ],
  [
    "a host to itself",
    "  from: {hosts: [desk-1]}\n  to: {hosts: [desk-1]}\n  objective: {minimize: igp}",
    ["conflict spec.to 6:3"],
  ],
  [
    "a prefix of segments",
    "  from: {hosts: [desk-1]}\n  to: {prefixes: ['fcbb:bb00:1::/48']}\n  objective: {minimize: igp}",
    ["conflict spec.to.prefixes[0] 6:19"],
  ],
  [
    "names alone",
    "  from: {hosts: [desk-1]}\n  to: {names: [{name: a.example, at: gva}]}\n  objective: {minimize: igp}",
    [],
  ],
  [
    "names at nobody, twice, and of a host",
    "  from: {hosts: [desk-1]}\n  to: {names: [{name: a.b, at: gav}, {name: a.b, at: gva}, {name: host.one, at: gva}]}\n  objective: {minimize: igp}",
    [
      "unknown_reference spec.to.names[0].at 6:28",
      "duplicate spec.to.names[1].name 6:39",
      "conflict spec.to.names[2].name 6:61",
    ],
  ],
  [
    "IPv4 prefixes by insertion",
    "  from: {hosts: [desk-1]}\n  to: {prefixes: ['2001:db8:c::/48', 192.0.2.0/24]}\n  objective: {minimize: igp}\n  mode: insert",
    ["conflict spec.to.prefixes[1] 6:38"],
  ],
  [
    "unknown names to avoid",
    `${ENDS}  constraints: {avoid: {nodes: [lon], links: [zrh-gav], srlgs: [fiber-8]}}`,
    [
      "unknown_reference spec.constraints.avoid.nodes[0] 8:33",
      "unknown_reference spec.constraints.avoid.links[0] 8:47",
      "unknown_reference spec.constraints.avoid.srlgs[0] 8:65",
    ],
  ],
  [
    "unknown names to include, a host, and what is avoided as well",
    `${ENDS}  constraints:\n    avoid: {links: [zrh-gva]}\n    include: {nodes: [lon, desk-2], links: [zrh-gva], srlgs: [fiber-8]}`,
    [
      "unknown_reference spec.constraints.include.nodes[0] 10:23",
      "conflict spec.constraints.include.links[0] 10:45",
      "unknown_reference spec.constraints.include.srlgs[0] 10:63",
      "invalid_value spec.constraints.include.nodes[1] 10:28",
    ],
  ],
  [
    "an affinity that no link has, and one both wanted and not",
    `${ENDS}  constraints: {affinity: {any: [silver], all: [gold], none: [gold]}}`,
    ["unknown_reference spec.constraints.affinity.any[0] 8:34", "conflict spec.constraints.affinity.all[0] 8:49"],
  ],
  [
    "via an unknown node, a host, an avoided node, and one twice",
    `${ENDS}  constraints: {avoid: {nodes: [gva]}, via: [{node: zhr}, {node: desk-2}, {node: gva}, {node: zrh}, {node: zrh}]}`,
    [
      "unknown_reference spec.constraints.via[0].node 8:47",
      "invalid_value spec.constraints.via[1].node 8:60",
      "conflict spec.constraints.via[2].node 8:76",
      "duplicate spec.constraints.via[4].node 8:102",
    ],
  ],
])("%s", (_name, spec, expected) => {
  const issues = validateIntent(intent(spec), topology());
  expect(issues.map((issue) => `${issue.code} ${issue.path} ${issue.at.line}:${issue.at.column}`)).toEqual(expected);
});

test.each([
  ["insert", ["conflict spec.mode"]],
  ["auto", []],
  ["usid", []],
])("where lists are signed, mode %s", (mode, expected) => {
  const signed = { ...topology(), signingKeyId: 1 };
  const issues = validateIntent(intent(`${ENDS}  mode: ${mode}\n`), signed);
  expect(issues.map(({ code, path }) => `${code} ${path}`)).toEqual(expected);
});

test("a slip names its nearest known name", () => {
  const [issue] = validateIntent(intent(`${ENDS}  constraints: {avoid: {links: [zrh-gav]}}`), topology());
  expect(issue?.message).toContain('"zrh-gva"');
});
