import type { Intent } from "@sextant/model";
import { selectHosts } from "../topology/select-hosts";
import type { TopologySnapshot } from "../topology/snapshot";

/** One source host and one endpoint of an intent: what a policy is made for. */
export interface Pair {
  readonly host: string;
  /** Name of a host, or a prefix. */
  readonly endpoint: string;
  /** Node where the path ends; undefined when no node of the topology reaches the endpoint. */
  readonly egress: string | undefined;
}

/**
 * All pairs of an intent: by source host, then host endpoints by name, then prefixes. A host is never its own endpoint, and a
 * host that a selector names but the topology does not have is an endpoint without egress.
 */
export function pairsOf(intent: Pick<Intent, "from" | "to">, snapshot: TopologySnapshot): Pair[] {
  const { topology, prefixes } = snapshot;
  const found = selectHosts(intent.to, topology).map((node) => node.name);
  const missing = unknownHosts(intent.to.hosts, snapshot).map((name) => ({ endpoint: name, egress: undefined }));
  const targets = [
    ...[...found.map((name) => ({ endpoint: name, egress: name })), ...missing].sort(byEndpoint),
    ...[...new Set(intent.to.prefixes)]
      .sort()
      .map((prefix) => ({ endpoint: prefix, egress: prefixes.ownerOf(prefix) })),
  ];
  return selectHosts(intent.from, topology).flatMap(({ name: host }) =>
    targets.filter(({ egress }) => egress !== host).map((target) => ({ host, ...target })),
  );
}

/** Names that are no host of the topology, each once, in order. */
export function unknownHosts(names: readonly string[], snapshot: TopologySnapshot): string[] {
  return [...new Set(names)].filter((name) => snapshot.nodes.get(name)?.kind !== "host").sort();
}

function byEndpoint(a: { readonly endpoint: string }, b: { readonly endpoint: string }): number {
  return a.endpoint < b.endpoint ? -1 : 1;
}
