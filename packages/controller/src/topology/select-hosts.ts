import type { HostSelector, Topology, TopologyNode } from "@sextant/model";

/**
 * The hosts that a selector means: those it names and those that carry all its labels, in order of name. No names and no
 * labels select nothing. Names that are no host are left out; `validateIntent` reports them.
 */
export function selectHosts(selector: HostSelector, topology: Pick<Topology, "nodes">): TopologyNode[] {
  const names = new Set(selector.hosts);
  const labels = Object.entries(selector.labels);
  return topology.nodes
    .filter((node) => node.kind === "host" && (names.has(node.name) || hasLabels(node, labels)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function hasLabels(node: TopologyNode, labels: readonly (readonly [string, string])[]): boolean {
  return labels.length > 0 && labels.every(([key, value]) => node.labels[key] === value);
}
