import { blocksOf } from "../algorithm-topology";
import { addressPrefix, type IpPrefix, ipPrefixCovers, isIpv6Address, isIpv6Prefix } from "../ip";
import { type Ipv6Prefix, prefixParts } from "../ipv6-prefix";
import { isRoutableAddress } from "../ipv6";
import { firstIssues, type Issue, type IssueCode, MAX_ISSUES } from "../issue";
import {
  ADJACENCY_FUNCTION_MAX,
  ADJACENCY_FUNCTION_MIN,
  adjacencySid,
  BLOCK_BITS,
  DECAPSULATION_FUNCTION,
  decapsulationSid,
  DERIVED_NODE_ID_MIN,
  NODE_ID_MAX,
  nodeLocator,
  nodeSid,
} from "../sid";
import { assignStableNumbers } from "../stable-hash";
import type { Link, LinkDirection, Topology, TopologyNode } from "../topology";
import { bindingFunctions, buildBindings, checkBindings } from "./bindings-from-document";
import { buildAlgorithms, checkAlgorithms } from "./algorithms-from-document";
import { didYouMean } from "./nearest-name";
import { type FieldPath, formatPath } from "./field-path";
import type { ParsedDocument } from "./parse";
import { MAX_HOST_PREFIXES, type TopologySpec } from "./schema";

type TopologyDocument = Extract<ParsedDocument, { kind: "Topology" }>;
type NodeSpec = TopologySpec["nodes"][number];
type LinkSpec = TopologySpec["links"][number];

/** Metric of a backbone link that states none. */
const DEFAULT_IGP = 10;

/** A link as declared, from `links` or from a host's `attachedTo`. */
interface DeclaredLink {
  readonly spec: LinkSpec;
  readonly name: string;
  readonly path: FieldPath;
  readonly defaultIgp: number;
}

/** Builds the domain topology, deriving ids and SIDs; every inconsistency is reported at once. */
export function topologyFromDocument(document: TopologyDocument): Topology | { readonly issues: readonly Issue[] } {
  const { spec } = document;
  const issues: Issue[] = [];
  const report: Report = (code, path, message) => {
    if (issues.length > MAX_ISSUES) return;
    const text = typeof message === "string" ? message : message();
    issues.push({ code, path: formatPath(path), message: text, at: document.locate(path) });
  };

  if (prefixParts(spec.locatorBlock).length !== BLOCK_BITS) {
    report("invalid_value", ["spec", "locatorBlock"], `must be a /${BLOCK_BITS} (F3216), got ${spec.locatorBlock}`);
    return { issues };
  }
  if (!isRoutableAddress(prefixParts(spec.locatorBlock).address)) {
    report("invalid_value", ["spec", "locatorBlock"], `${spec.locatorBlock} cannot be routed: use a unicast block`);
    return { issues };
  }
  const declared = declaredLinks(spec);
  checkNodes(spec, report);
  checkLinks(spec, declared, report);
  checkHostPrefixes(spec, report);
  checkAlgorithms(spec, report);
  checkBindings(spec, declared, report);
  if (issues.length > 0) return { issues: firstIssues(issues) };

  const nodes = buildNodes(spec);
  const links = buildLinks(spec, nodes, declared);
  const { locatorBlock, signing } = spec;
  const signingKeyId = signing?.keyId;
  const algorithms = buildAlgorithms(spec);
  return {
    name: document.name,
    locatorBlock,
    algorithms,
    hostPrefixes: hostPrefixes(spec),
    signingKeyId,
    nodes,
    links,
    bindings: buildBindings(spec, nodes, links),
  };
}

/** A message that takes time to make is made when it is told. */
type Report = (code: IssueCode, path: FieldPath, message: string | (() => string)) => void;

function declaredLinks(spec: TopologySpec): DeclaredLink[] {
  const backbone = spec.links.map((link, i): DeclaredLink => {
    return {
      spec: link,
      name: link.name ?? `${link.a}-${link.b}`,
      path: ["spec", "links", i],
      defaultIgp: DEFAULT_IGP,
    };
  });
  const access = spec.nodes.flatMap((node, i) => {
    const { attachedTo } = node;
    const list = attachedTo === undefined ? [] : Array.isArray(attachedTo) ? attachedTo : [attachedTo];
    return list.map((entry, j): DeclaredLink => {
      const { node: router, ...rest } =
        typeof entry === "string" ? { node: entry, srlgs: [], affinity: [], state: "up" as const } : entry;
      const path: FieldPath = ["spec", "nodes", i, "attachedTo", ...(Array.isArray(attachedTo) ? [j] : [])];
      return {
        spec: { a: node.name, b: router, ...rest },
        name: rest.name ?? `${node.name}-${router}`,
        path,
        defaultIgp: 0,
      };
    });
  });
  return [...backbone, ...access];
}

function checkNodes(spec: TopologySpec, report: Report): void {
  const names = new Map<string, number>();
  const ids = new Map<number, string>();
  const prefixes = new Map<IpPrefix, string>();
  spec.nodes.forEach((node, i) => {
    const path: FieldPath = ["spec", "nodes", i];
    if (names.has(node.name)) report("duplicate", [...path, "name"], `node "${node.name}" is declared twice`);
    names.set(node.name, i);
    const owner = node.nodeId === undefined ? undefined : ids.get(node.nodeId);
    if (owner !== undefined)
      report("duplicate", [...path, "nodeId"], `nodeId ${node.nodeId ?? ""} already belongs to "${owner}"`);
    if (node.nodeId !== undefined) ids.set(node.nodeId, node.name);
    if (node.kind === "router" && node.nodeId === undefined)
      report("missing_field", [...path, "nodeId"], "missing: a router needs a nodeId");
    if (node.kind === "router" && node.attachedTo !== undefined) {
      report(
        "invalid_value",
        [...path, "attachedTo"],
        "only hosts are attached: declare a router's links under spec.links",
      );
    }
    if (node.kind === "router" && node.decapsulates === true) {
      report("invalid_value", [...path, "decapsulates"], "only hosts take outer headers off: leave it out for routers");
    }
    if (node.kind === "host" && !node.addresses.some(isIpv6Address)) {
      const but = node.addresses.length === 0 ? "" : ", also for its IPv4: probes and outer headers start from it";
      report("missing_field", [...path, "addresses"], `missing: a host needs an IPv6 address${but}`);
    }
    checkPrefixes(spec, node, path, prefixes, report);
  });
}

/** Declared, or what the hosts own. */
function hostPrefixes(spec: TopologySpec): Ipv6Prefix[] {
  const owned = spec.nodes.flatMap((node) =>
    node.kind === "host" ? ownedPrefixes(node).flatMap(({ prefix }) => (isIpv6Prefix(prefix) ? prefix : [])) : [],
  );
  return [...new Set(spec.hostPrefixes ?? owned)].sort();
}

function checkHostPrefixes(spec: TopologySpec, report: Report): void {
  const { hostPrefixes: declared } = spec;
  if (declared === undefined) {
    const count = hostPrefixes(spec).length;
    const message = `hosts own ${count} prefixes, more than ${MAX_HOST_PREFIXES}: declare spec.hostPrefixes that cover them`;
    if (count > MAX_HOST_PREFIXES) report("too_large", ["spec", "nodes"], message);
    return;
  }
  spec.nodes.forEach((node, i) => {
    for (const { field, index, prefix } of node.kind === "host" ? ownedPrefixes(node) : []) {
      if (!isIpv6Prefix(prefix) || declared.some((outer) => ipPrefixCovers(outer, prefix))) continue;
      report("conflict", ["spec", "nodes", i, field, index], `${prefix} is in none of spec.hostPrefixes`);
    }
  });
}

interface OwnedPrefix {
  readonly field: "addresses" | "prefixes";
  readonly index: number;
  readonly prefix: IpPrefix;
}

function ownedPrefixes(node: NodeSpec): OwnedPrefix[] {
  return [
    ...node.addresses.map((address, index) => ({ field: "addresses", index, prefix: addressPrefix(address) }) as const),
    ...node.prefixes.map((prefix, index) => ({ field: "prefixes", index, prefix }) as const),
  ];
}

function checkPrefixes(
  spec: TopologySpec,
  node: NodeSpec,
  path: FieldPath,
  seen: Map<IpPrefix, string>,
  report: Report,
): void {
  for (const { field, index, prefix } of ownedPrefixes(node)) {
    const at = [...path, field, index];
    const owner = seen.get(prefix);
    if (owner !== undefined) report("duplicate", at, `${prefix} already belongs to "${owner}"`);
    seen.set(prefix, node.name);
    for (const block of blocksOf(spec)) {
      if (ipPrefixCovers(block, prefix) || ipPrefixCovers(prefix, block))
        report("conflict", at, `${prefix} overlaps the locator block ${block}`);
    }
  }
}

function checkLinks(spec: TopologySpec, links: readonly DeclaredLink[], report: Report): void {
  const nodes = new Map(spec.nodes.map((node) => [node.name, node]));
  const names = new Map<string, DeclaredLink>();
  const functions = new Set<string>();
  const attached = new Set<string>();
  for (const { spec: link, name, path } of links) {
    const inBackbone = path[1] === "links";
    for (const end of ["a", "b"] as const) {
      const at = inBackbone ? [...path, end] : end === "b" ? path : undefined;
      if (at !== undefined && !nodes.has(link[end])) {
        report("unknown_reference", at, () => `unknown node "${link[end]}"${didYouMean(link[end], nodes.keys())}`);
      }
    }
    if (link.a === link.b) report("invalid_value", path, `joins "${link.a}" to itself`);
    const kinds = [nodes.get(link.a)?.kind, nodes.get(link.b)?.kind];
    if (kinds[0] === "host" && kinds[1] === "host")
      report("invalid_value", path, "joins two hosts: a host hangs off routers only");
    if (kinds[0] === "host") attached.add(link.a);
    if (kinds[1] === "host") attached.add(link.b);
    if (names.has(name)) report("duplicate", path, `link "${name}" is declared twice: give parallel links a name`);
    names.set(name, { spec: link, name, path, defaultIgp: 0 });
    for (const [end, side] of [
      ["a", "aToB"],
      ["b", "bToA"],
    ] as const) {
      const value = link[side]?.adjacencyFunction;
      if (value === undefined) continue;
      const key = `${link[end]} ${value}`;
      if (functions.has(key))
        report(
          "duplicate",
          [...path, side, "adjacencyFunction"],
          `"${link[end]}" already uses function 0x${value.toString(16)}`,
        );
      functions.add(key);
    }
  }
  spec.nodes.forEach((node, i) => {
    if (node.kind === "host" && !attached.has(node.name)) {
      report("missing_field", ["spec", "nodes", i, "attachedTo"], `host "${node.name}" is attached to no router`);
    }
  });
}

function buildNodes(spec: TopologySpec): TopologyNode[] {
  const explicit = new Set(spec.nodes.flatMap((node) => node.nodeId ?? []));
  const unnumbered = spec.nodes.filter((node) => node.nodeId === undefined).map((node) => node.name);
  const derived = assignStableNumbers(unnumbered, DERIVED_NODE_ID_MIN, NODE_ID_MAX, explicit);
  const allAlgorithms = spec.algorithms.map(({ name }) => name);
  return spec.nodes.map((node) => {
    const { name, kind, nodeId: written, labels, addresses, prefixes, decapsulates, maxSegments } = node;
    const nodeId = written ?? derived.get(name) ?? 0;
    const locator = nodeLocator(spec.locatorBlock, nodeId);
    const isEnd = kind === "host" && decapsulates !== false;
    return {
      name,
      kind,
      nodeId,
      locator,
      sid: nodeSid(spec.locatorBlock, nodeId),
      labels,
      addresses,
      prefixes,
      decapsulationSid: isEnd ? decapsulationSid(spec.locatorBlock, nodeId) : undefined,
      maxSegments,
      algorithms: node.algorithms ?? allAlgorithms,
    };
  });
}

function buildLinks(spec: TopologySpec, nodes: readonly TopologyNode[], declared: readonly DeclaredLink[]): Link[] {
  const functions = adjacencyFunctions(nodes, declared, bindingFunctions(spec));
  const ids = new Map(nodes.map((node) => [node.name, node.nodeId]));
  return declared.map(({ spec: link, name, defaultIgp }) => {
    const side = (from: string, to: string, override: LinkSpec["aToB"] = {}): LinkDirection => {
      const merged = { ...link, ...override };
      const igp = merged.igp ?? defaultIgp;
      return {
        from,
        to,
        igp,
        te: merged.te ?? igp,
        delayUs: merged.delayUs ?? 0,
        jitterUs: merged.jitterUs ?? 0,
        lossPpm: merged.lossPpm ?? 0,
        capacityMbps: merged.capacityMbps ?? Number.MAX_SAFE_INTEGER,
        utilisationPercent: merged.utilisationPercent ?? 0,
        adjacencySid: adjacencySid(spec.locatorBlock, ids.get(from) ?? 0, functions.get(`${from} ${name}`) ?? 0),
      };
    };
    const { a, b, state, srlgs, affinity } = link;
    return { name, a, b, state, aToB: side(a, b, link.aToB), bToA: side(b, a, link.bToA), srlgs, affinity };
  });
}

/** Function bits per `node link`: as declared, else derived from the link's name among the node's links; `bound` are taken. */
function adjacencyFunctions(
  nodes: readonly TopologyNode[],
  declared: readonly DeclaredLink[],
  bound: ReadonlyMap<string, readonly number[]>,
): Map<string, number> {
  const explicit = new Map<string, Map<string, number>>(nodes.map((node) => [node.name, new Map()]));
  const derived = new Map<string, string[]>(nodes.map((node) => [node.name, []]));
  for (const { spec: link, name } of declared) {
    for (const [node, value] of [
      [link.a, link.aToB?.adjacencyFunction],
      [link.b, link.bToA?.adjacencyFunction],
    ] as const) {
      if (value === undefined) derived.get(node)?.push(name);
      else explicit.get(node)?.set(name, value);
    }
  }
  const functions = new Map<string, number>();
  for (const node of nodes) {
    const own = explicit.get(node.name) ?? new Map<string, number>();
    const taken = new Set([...own.values(), ...(bound.get(node.name) ?? []), DECAPSULATION_FUNCTION]);
    const rest = assignStableNumbers(
      derived.get(node.name) ?? [],
      ADJACENCY_FUNCTION_MIN,
      ADJACENCY_FUNCTION_MAX,
      taken,
    );
    for (const [link, value] of [...own, ...rest]) functions.set(`${node.name} ${link}`, value);
  }
  return functions;
}
