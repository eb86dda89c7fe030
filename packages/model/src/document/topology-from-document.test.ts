import { parseDocuments } from "./parse";
import { topologyFromDocument } from "./topology-from-document";

/** Reads a topology from the lines of its spec; the first of them is line 5 of the file. */
function read(spec: string) {
  const text = `apiVersion: sextant.dev/v1\nkind: Topology\nmetadata: {name: t}\nspec:\n${spec}`;
  const { documents, issues } = parseDocuments("t.yaml", text);
  expect(issues).toEqual([]);
  const [document] = documents;
  if (document?.kind !== "Topology") throw new Error("not a topology");
  return topologyFromDocument(document);
}

function topology(spec: string) {
  const result = read(spec);
  if ("issues" in result) throw new Error(JSON.stringify(result.issues));
  return result;
}

function problems(spec: string) {
  const result = read(spec);
  const issues = "issues" in result ? result.issues : [];
  return issues.map(({ at, code, path }) => `${at.line}:${at.column} ${code} ${path}`);
}

const two = `  locatorBlock: fcbb:bb00::/32
  nodes:
    - {name: r1, nodeId: 1}
    - {name: r2, nodeId: 2}
    - {name: h, kind: host, nodeId: 0x100, attachedTo: r1, addresses: ["2001:db8::1"]}
`;
const twoAndLinks = `${two}  links:\n`;

describe("sound topologies", () => {
  test("ids, locators and SIDs follow from the numbers", () => {
    const { nodes } = topology(two);
    expect(nodes).toMatchObject([
      { name: "r1", nodeId: 1, locator: "fcbb:bb00:1::/48", sid: "fcbb:bb00:1::", maxSegments: 10 },
      { name: "r2", nodeId: 2 },
      { name: "h", kind: "host", nodeId: 0x100, sid: "fcbb:bb00:100::", addresses: ["2001:db8::1"] },
    ]);
  });

  test("hosts of both families are ends of outer headers, unless they say that they are not", () => {
    const { nodes, hostPrefixes, signingKeyId } = topology(
      `${two.replace('"2001:db8::1"', '"2001:db8::1", 192.0.2.1').replace("attachedTo: r1,", "attachedTo: r1, prefixes: [10.0.0.0/8],")}    - {name: g, kind: host, nodeId: 0x101, attachedTo: r1, addresses: ["2001:db8::2"], decapsulates: false}
  signing: {keyId: 4294967295}\n`,
    );
    expect(nodes.map(({ decapsulationSid }) => decapsulationSid)).toEqual([
      undefined,
      undefined,
      "fcbb:bb00:100:ff46::",
      undefined,
    ]);
    expect(nodes[2]).toMatchObject({ addresses: ["2001:db8::1", "192.0.2.1"], prefixes: ["10.0.0.0/8"] });
    expect(hostPrefixes).toEqual(["2001:db8::1/128", "2001:db8::2/128"]);
    expect(signingKeyId).toBe(4_294_967_295);
  });

  test("no adjacency has the function of decapsulation, whatever a link is called", () => {
    const links = Array.from({ length: 8_190 }, (_, i) => `    - {a: r1, b: r2, name: l${i}}\n`);
    const sids = topology(twoAndLinks + links.join("")).links.map(({ bToA }) => bToA.adjacencySid);
    expect(new Set(sids).size).toBe(8_191);
    expect(sids).not.toContain("fcbb:bb00:2:ff46::");
  });

  test("metrics: stated hold both ways, a direction overrides, te follows igp, capacity is unlimited", () => {
    const { links } = topology(
      `${twoAndLinks}    - {a: r1, b: r2, igp: 7, delayUs: 300, aToB: {igp: 9, lossPpm: 5}, bToA: {te: 1, capacityMbps: 10}}\n`,
    );
    expect(links[0]).toMatchObject({
      name: "r1-r2",
      aToB: { from: "r1", to: "r2", igp: 9, te: 9, delayUs: 300, lossPpm: 5, capacityMbps: Number.MAX_SAFE_INTEGER },
      bToA: { from: "r2", to: "r1", igp: 7, te: 1, delayUs: 300, lossPpm: 0, capacityMbps: 10 },
    });
  });

  test("an access link costs nothing unless it says otherwise, a backbone link 10", () => {
    const { links } = topology(`${twoAndLinks}    - {a: r1, b: r2}\n`);
    expect(links.map((link) => [link.name, link.aToB.igp, link.bToA.igp])).toEqual([
      ["r1-r2", 10, 10],
      ["h-r1", 0, 0],
    ]);
  });

  test("a host may hang off several routers, each link with its own values", () => {
    const { links } = topology(
      two.replace("attachedTo: r1", "attachedTo: [r1, {node: r2, igp: 3, name: second, state: down}]"),
    );
    expect(links.map(({ name, a, b, state, aToB }) => [name, a, b, state, aToB.igp])).toEqual([
      ["h-r1", "h", "r1", "up", 0],
      ["second", "h", "r2", "down", 3],
    ]);
  });

  test("adjacency SIDs: declared or derived from the link's name, unique per node, unmoved by other links", () => {
    const declared = "    - {a: r1, b: r2, name: one, aToB: {adjacencyFunction: 0xe001}}\n";
    const alone = topology(twoAndLinks + declared).links;
    const more = topology(`${twoAndLinks}${declared}    - {a: r2, b: r1, name: another}\n`).links;
    expect(alone[0]?.aToB.adjacencySid).toBe("fcbb:bb00:1:e001::");
    expect(more[0]).toEqual(alone[0]);
    const sids = more.flatMap((link) => [link.aToB.adjacencySid, link.bToA.adjacencySid]);
    expect(new Set(sids).size).toBe(6);
    expect(sids.every((sid) => /^fcbb:bb00:(1|2|100):[ef][0-9a-f]{3}::$/.test(sid))).toBe(true);
  });

  test("a host without nodeId keeps its derived one when other hosts come", () => {
    const host = (name: string, n: number) =>
      `    - {name: ${name}, kind: host, attachedTo: r1, addresses: ["2001:db8::${n}"]}\n`;
    const start = "  locatorBlock: fcbb:bb00::/32\n  nodes:\n    - {name: r1, nodeId: 1}\n";
    const find = (spec: string) => topology(spec).nodes.find((node) => node.name === "h1")?.nodeId;
    const id = find(start + host("h1", 1));
    expect(id).toBeGreaterThanOrEqual(0x8000);
    expect(find(start + host("h0", 2) + host("h1", 1) + host("h2", 3))).toBe(id);
  });
});

describe("inconsistencies are reported together", () => {
  test.each([
    [
      "block that is multicast",
      "  locatorBlock: ff00::/32\n  nodes: [{name: r, nodeId: 1}]\n",
      ["5:3 invalid_value spec.locatorBlock"],
    ],
    [
      "block length",
      "  locatorBlock: fcbb:bb00::/40\n  nodes: [{name: r, nodeId: 1}]\n",
      ["5:3 invalid_value spec.locatorBlock"],
    ],
    ["duplicate name", two.replace("name: r2", "name: r1"), ["8:8 duplicate spec.nodes[1].name"]],
    ["duplicate id", two.replace("nodeId: 2", "nodeId: 1"), ["8:18 duplicate spec.nodes[1].nodeId"]],
    ["router without id", two.replace(", nodeId: 2", ""), ["8:7 missing_field spec.nodes[1].nodeId"]],
    [
      "router attached",
      two.replace("nodeId: 2", "nodeId: 2, attachedTo: r1"),
      ["8:29 invalid_value spec.nodes[1].attachedTo"],
    ],
    [
      "host without address",
      two.replace(', addresses: ["2001:db8::1"]', ""),
      ["9:7 missing_field spec.nodes[2].addresses"],
    ],
    ["host with IPv4 alone", two.replace('"2001:db8::1"', "192.0.2.1"), ["9:60 missing_field spec.nodes[2].addresses"]],
    [
      "router that decapsulates",
      two.replace("nodeId: 2", "nodeId: 2, decapsulates: true"),
      ["8:29 invalid_value spec.nodes[1].decapsulates"],
    ],
    [
      "IPv4 prefix twice",
      two.replace("nodeId: 2", "nodeId: 2, prefixes: [10.0.0.0/8, 10.0.0.0/8]"),
      ["8:52 duplicate spec.nodes[1].prefixes[1]"],
    ],
    ["host attached to nothing", two.replace("attachedTo: r1, ", ""), ["9:7 missing_field spec.nodes[2].attachedTo"]],
    [
      "host attached to an unknown router",
      two.replace("attachedTo: r1", "attachedTo: r9"),
      ["9:44 unknown_reference spec.nodes[2].attachedTo"],
    ],
    [
      "address twice",
      two.replace("nodeId: 2", 'nodeId: 2, addresses: ["2001:db8::1"]'),
      ["9:72 duplicate spec.nodes[2].addresses[0]"],
    ],
    [
      "address in the block",
      two.replace("2001:db8::1", "fcbb:bb00:9::1"),
      ["9:72 conflict spec.nodes[2].addresses[0]"],
    ],
    [
      "prefix around the block",
      two.replace("nodeId: 2", 'nodeId: 2, prefixes: ["::/0"]'),
      ["8:40 conflict spec.nodes[1].prefixes[0]"],
    ],
    ["unknown node", `${twoAndLinks}    - {a: r1, b: r3}\n`, ["11:15 unknown_reference spec.links[0].b"]],
    ["link to itself", `${twoAndLinks}    - {a: r1, b: r1}\n`, ["11:7 invalid_value spec.links[0]"]],
    ["link twice", `${twoAndLinks}    - {a: r1, b: r2}\n    - {a: r1, b: r2}\n`, ["12:7 duplicate spec.links[1]"]],
    [
      "adjacency function twice",
      `${twoAndLinks}    - {a: r1, b: r2, aToB: {adjacencyFunction: 0xe000}}\n    - {a: r2, b: r1, name: x, bToA: {adjacencyFunction: 0xe000}}\n`,
      ["12:38 duplicate spec.links[1].bToA.adjacencyFunction"],
    ],
    [
      "two at once",
      `${twoAndLinks.replace("nodeId: 2", "nodeId: 1")}    - {a: r1, b: r3}\n`,
      ["8:18 duplicate spec.nodes[1].nodeId", "11:15 unknown_reference spec.links[0].b"],
    ],
  ])("%s", (_, spec, expected) => {
    expect(problems(spec)).toEqual(expected);
  });

  test("two hosts are not joined directly", () => {
    const text = twoAndLinks.replace(
      "  links:",
      '    - {name: g, kind: host, attachedTo: r1, addresses: ["2001:db8::2"]}\n  links:',
    );
    expect(problems(`${text}    - {a: h, b: g}\n`)).toEqual(["12:7 invalid_value spec.links[0]"]);
  });
});

describe("prefixes that the domain's sources come from", () => {
  test("are what the hosts own when none are declared", () => {
    expect(topology(two).hostPrefixes).toEqual(["2001:db8::1/128"]);
  });

  test("are the declared ones otherwise, and must hold what every host owns", () => {
    expect(topology(`${two}  hostPrefixes: ["2001:db8::/32"]\n`).hostPrefixes).toEqual(["2001:db8::/32"]);
    expect(problems(`${two}  hostPrefixes: ["2001:db9::/32"]\n`)).toEqual(["9:72 conflict spec.nodes[2].addresses[0]"]);
  });

  test("more than the hosts' maps hold ask for a declaration", () => {
    const hosts = Array.from(
      { length: 4_096 },
      (_, i) => `    - {name: h${i}, kind: host, attachedTo: r1, addresses: ["2001:db8::${(i + 2).toString(16)}"]}\n`,
    );
    expect(problems(two + hosts.join(""))).toEqual(["6:3 too_large spec.nodes"]);
  });
});
