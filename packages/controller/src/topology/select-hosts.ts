import type { HostSelector, Topology, TopologyNode } from "@sextant/model";

type Nodes = Topology["nodes"];

/** Hosts of a list of nodes by name, in order of name. Kept as long as the list is. */
const hostsOfNodes = new WeakMap<Nodes, ReadonlyMap<string, TopologyNode>>();

/**
 * The hosts that a selector means: those it names and those that carry all its labels, in order of name. No names and no
 * labels select nothing. Names that are no host are left out; `validateIntent` reports them.
 */
export function selectHosts(selector: HostSelector, { nodes }: Pick<Topology, "nodes">): TopologyNode[] {
  const hosts = hostsByName(nodes);
  const [only] = selector.hosts;
  if (only !== undefined && selector.hosts.length === 1 && isEmpty(selector.labels)) {
    const host = hosts.get(only);
    return host === undefined ? [] : [host];
  }
  const labels = Object.entries(selector.labels);
  if (labels.length === 0) return [...new Set(selector.hosts)].sort().flatMap((name) => hosts.get(name) ?? []);
  const names = new Set(selector.hosts);
  return [...hosts.values()].filter((node) => names.has(node.name) || hasLabels(node, labels));
}

function hostsByName(nodes: Nodes): ReadonlyMap<string, TopologyNode> {
  const kept = hostsOfNodes.get(nodes);
  if (kept !== undefined) return kept;
  const hosts = nodes.filter(({ kind }) => kind === "host").sort((a, b) => (a.name < b.name ? -1 : 1));
  const byName = new Map(hosts.map((node) => [node.name, node]));
  hostsOfNodes.set(nodes, byName);
  return byName;
}

/** Most selectors name one host: they are seen without a list. */
function isEmpty(labels: Readonly<Record<string, string>>): boolean {
  for (const _ in labels) return false;
  return true;
}

function hasLabels(node: TopologyNode, labels: readonly (readonly [string, string])[]): boolean {
  return labels.every(([key, value]) => node.labels[key] === value);
}
