import { parseDocumentValue, type Sid, sidInBlock, type Topology, topologyFromDocument } from "@sextant/model";
import { stringify } from "yaml";

/** Fields of a spec, as they stand in a document. */
type Fields = Readonly<Record<string, unknown>>;

/**
 * Builds a topology from a few lines, through the real document format. A line is a host with its routers, a link with
 * fields, or a router without links; other routers exist by being mentioned. They are numbered in order of name.
 *
 *     h1: a b          host h1 attached to routers a and b
 *     h1: a(igp=5)     fields of the access link
 *     a-b igp=10 delayUs=3000 srlgs=x,y name=second
 *     island
 *
 * `more` are further fields of its spec.
 */
export function network(text: string, more: Fields = {}): Topology {
  const { nodes, links } = elementsOf(text);
  return topologyOf(nodes, links, more);
}

/** The same as a document: YAML, to be read with others. */
export function networkYaml(text: string, more: Fields = {}): string {
  const { nodes, links } = elementsOf(text);
  return stringify(documentOf(nodes, links, more));
}

/** A topology from plain node and link values, as they stand in a document, with more fields of its spec. Throws when they are not sound. */
export function topologyOf(nodes: readonly unknown[], links: readonly unknown[], more: Fields = {}): Topology {
  const parsed = parseDocumentValue("test", documentOf(nodes, links, more));
  const [document] = parsed.documents;
  const topology = document?.kind === "Topology" ? topologyFromDocument(document) : { issues: parsed.issues };
  if ("issues" in topology) throw new Error(`the test's own topology is broken: ${JSON.stringify(topology.issues)}`);
  return topology;
}

function documentOf(nodes: readonly unknown[], links: readonly unknown[], more: Fields): Fields {
  return {
    apiVersion: "sextant.dev/v1",
    kind: "Topology",
    metadata: { name: "test" },
    spec: { locatorBlock: "fcbb:bb00::/32", nodes, links, ...more },
  };
}

function elementsOf(text: string): { readonly nodes: readonly Fields[]; readonly links: readonly Fields[] } {
  const hosts: { name: string; attachedTo: Record<string, unknown>[] }[] = [];
  const links: Record<string, unknown>[] = [];
  const alone: string[] = [];
  for (const line of text.split("\n").map((raw) => raw.replace(/#.*/, "").trim())) {
    const host = /^(\S+):\s*(.*)$/.exec(line);
    if (host !== null) hosts.push({ name: host[1] ?? "", attachedTo: attachments(host[2] ?? "") });
    else if (line.includes("-")) links.push(linkOf(line));
    else if (line !== "") alone.push(line);
  }
  const routers = new Set<unknown>([
    ...alone,
    ...links.flatMap((link) => [link["a"], link["b"]]),
    ...hosts.flatMap((host) => host.attachedTo.map((access) => access["node"])),
  ]);
  const nodes = [
    ...[...routers]
      .sort()
      .map((name, i) => ({ name, nodeId: i + 1, prefixes: [`2001:db8:${(i + 1).toString(16)}::/48`] })),
    ...hosts.map((host, i) => ({
      ...host,
      kind: "host",
      nodeId: 0x8000 + i,
      addresses: [`2001:db8:ffff::${(i + 1).toString(16)}`],
    })),
  ];
  return { nodes, links };
}

/**
 * SIDs by what they stand for: `a` for the End SID of a, `a>a-b` for a's adjacency over link a-b, `a=name` for a binding of
 * a; `fast:a` for one of algorithm fast. */
export function sidNames(topology: Topology, sids: readonly Sid[]): string[] {
  const names = new Map<Sid, string>(topology.nodes.map((node) => [node.sid, node.name]));
  for (const link of topology.links) {
    for (const { adjacencySid, from } of [link.aToB, link.bToA]) names.set(adjacencySid, `${from}>${link.name}`);
  }
  for (const { sid, node, name } of topology.bindings) names.set(sid, `${node}=${name}`);
  const plain = [...names];
  for (const { name: algorithm, locatorBlock } of topology.algorithms) {
    for (const [sid, name] of plain) names.set(sidInBlock(locatorBlock, sid), `${algorithm}:${name}`);
  }
  return sids.map((sid) => names.get(sid) ?? `unknown ${sid}`);
}

function attachments(text: string): Record<string, unknown>[] {
  return [...text.matchAll(/([^\s(]+)(?:\(([^)]*)\))?/g)].map((match) => ({
    node: match[1],
    ...fields(match[2] ?? ""),
  }));
}

function linkOf(line: string): Record<string, unknown> {
  const [ends = "", ...rest] = line.split(/\s+/);
  const [a, b] = ends.split("-");
  return { a, b, ...fields(rest.join(" ")) };
}

function fields(text: string): Record<string, unknown> {
  return Object.fromEntries(
    text.split(/\s+/).flatMap((pair): [string, unknown][] => {
      const [key = "", value = ""] = pair.split("=");
      if (key === "") return [];
      if (key === "srlgs" || key === "affinity") return [[key, value.split(",")]];
      return [[key, /^[\d.]+$/.test(value) ? Number(value) : value]];
    }),
  );
}
