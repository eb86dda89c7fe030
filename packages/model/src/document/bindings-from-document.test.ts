import { topologyOf } from "../../../../test/support/network";
import { parseDocumentValue } from "./parse";
import { topologyFromDocument } from "./topology-from-document";

/*  a ─ b ═ c ─ d   b-c twice, and h behind a  */
const NODES = [
  { name: "a", nodeId: 1 },
  { name: "b", nodeId: 2, maxSegments: 2 },
  { name: "c", nodeId: 3 },
  { name: "d", nodeId: 4 },
  { name: "h", kind: "host", nodeId: 0x8000, attachedTo: "a", addresses: ["2001:db8::1"] },
];
const LINKS = [
  { a: "a", b: "b", aToB: { adjacencyFunction: 0xe111 } },
  { a: "b", b: "c" },
  { a: "b", b: "c", name: "second" },
  { a: "c", b: "d", aToB: { adjacencyFunction: 0xe003 }, bToA: { adjacencyFunction: 0xe004 } },
];
const DETOUR = { name: "detour", node: "a", function: 0xe100, path: ["a-b", "second", "c-d"] };

function problems(bindings: readonly object[]): string[] {
  const spec = { locatorBlock: "fcbb:bb00::/32", nodes: NODES, links: LINKS, bindings };
  const value = { apiVersion: "sextant.dev/v1", kind: "Topology", metadata: { name: "t" }, spec };
  const { documents, issues } = parseDocumentValue("test", value);
  const topology = documents[0]?.kind === "Topology" ? topologyFromDocument(documents[0]) : { issues };
  return "issues" in topology ? topology.issues.map(({ code, path }) => `${code} ${path}`) : [];
}

test("a binding SID is its links' adjacency SIDs, and the end where the outer header comes off", () => {
  const back = { name: "back", node: "d", function: 0xe100, path: ["c-d", "second"] };
  const { bindings, links } = topologyOf(NODES, LINKS, { bindings: [DETOUR, back] });
  const second = links.find(({ name }) => name === "second");
  expect(bindings).toEqual([
    {
      name: "back",
      node: "d",
      sid: "fcbb:bb00:4:e100::",
      path: [
        { link: "c-d", from: "d" },
        { link: "second", from: "c" },
      ],
      end: "b",
      segments: ["fcbb:bb00:4:e004::", second?.bToA.adjacencySid, "fcbb:bb00:2:ff46::"],
    },
    {
      name: "detour",
      node: "a",
      sid: "fcbb:bb00:1:e100::",
      path: [
        { link: "a-b", from: "a" },
        { link: "second", from: "b" },
        { link: "c-d", from: "c" },
      ],
      end: "d",
      segments: ["fcbb:bb00:1:e111::", second?.aToB.adjacencySid, "fcbb:bb00:3:e003::", "fcbb:bb00:4:ff46::"],
    },
  ]);
});

test.each<[string, object[], string[]]>([
  ["one that leads on", [DETOUR], []],
  ["a name twice", [DETOUR, { ...DETOUR, function: 0xe101 }], ["duplicate spec.bindings[1].name"]],
  ["a function twice", [DETOUR, { ...DETOUR, name: "again" }], ["duplicate spec.bindings[1].function"]],
  ["the function of an adjacency", [{ ...DETOUR, function: 0xe111 }], ["duplicate spec.bindings[0].function"]],
  ["the function of decapsulation", [{ ...DETOUR, function: 0xff46 }], ["invalid_value spec.bindings[0].function"]],
  ["a function below the local block", [{ ...DETOUR, function: 0xdfff }], ["out_of_range spec.bindings[0].function"]],
  ["an unknown node", [{ ...DETOUR, node: "x" }], ["unknown_reference spec.bindings[0].node"]],
  ["a host", [{ ...DETOUR, node: "h", path: ["h-a"] }], ["invalid_value spec.bindings[0].node"]],
  ["an unknown link", [{ ...DETOUR, path: ["a-b", "b-x"] }], ["unknown_reference spec.bindings[0].path[1]"]],
  ["links that do not join", [{ ...DETOUR, path: ["a-b", "c-d"] }], ["conflict spec.bindings[0].path[1]"]],
  ["a first link elsewhere", [{ ...DETOUR, path: ["b-c"] }], ["conflict spec.bindings[0].path[0]"]],
  ["links to a host", [{ ...DETOUR, path: ["a-b", "a-b", "h-a"] }], ["invalid_value spec.bindings[0].path[2]"]],
  ["no links", [{ ...DETOUR, path: [] }], ["out_of_range spec.bindings[0].path"]],
  [
    "more links than the router can put on",
    [{ ...DETOUR, node: "b", path: ["b-c", "c-d"] }],
    ["conflict spec.bindings[0].path"],
  ],
])("%s", (_name, bindings, found) => {
  expect(problems(bindings)).toEqual(found);
});

test("derived functions of adjacencies keep off those of bindings", () => {
  const free = topologyOf(NODES, LINKS).links.find(({ name }) => name === "second")?.aToB.adjacencySid ?? "";
  const taken = parseInt(free.split(":")[3] ?? "", 16);
  const { links, bindings } = topologyOf(NODES, LINKS, {
    bindings: [{ name: "first", node: "b", function: taken, path: ["second"] }],
  });
  expect(bindings[0]?.sid).toBe(free);
  expect(links.flatMap(({ aToB, bToA }) => [aToB.adjacencySid, bToA.adjacencySid])).not.toContain(free);
});
