import type { Intent, IpPrefix } from "@sextant/model";
import { selectHosts } from "../topology/select-hosts";
import type { TopologySnapshot } from "../topology/snapshot";

/** Where traffic goes: a host, a prefix, or a DNS name with the node behind which its addresses lie. */
export interface Endpoint {
  readonly kind: "host" | "prefix" | "name";
  /** Name of a host, a prefix, or a DNS name. */
  readonly endpoint: string;
  /** Node where the path ends; undefined when no node of the topology reaches the endpoint. */
  readonly egress: string | undefined;
}

/** One source host and one endpoint of an intent: what a policy is made for. */
export interface Pair extends Endpoint {
  readonly host: string;
  /** `return`: the way back of a bidirectional intent, from the host that answers to the one that asked. */
  readonly direction: "forward" | "return";
  /** Of the way back: the endpoints behind `host` that answer; empty for the way there. */
  readonly answers: readonly Endpoint[];
}

/** Of the way there. */
const NO_ANSWERS: readonly Endpoint[] = [];

type Selection = Pick<Intent, "from" | "to" | "bidirectional">;

/**
 * All pairs of an intent: by source host, then host endpoints by name, then prefixes, then DNS names; after them the ways back.
 * A host is never its own endpoint, and a host that a selector names but the topology does not have is an endpoint without
 * egress.
 */
export function pairsOf(intent: Selection, snapshot: TopologySnapshot): Pair[] {
  const targets = endpointsOf(intent, snapshot);
  const forward = selectHosts(intent.from, snapshot.topology).flatMap(({ name: host }) =>
    targets
      .filter(({ egress }) => egress !== host)
      .map(({ kind, endpoint, egress }): Pair => {
        return { host, kind, endpoint, egress, direction: "forward", answers: NO_ANSWERS };
      }),
  );
  return intent.bidirectional ? [...forward, ...returnPairs(forward, snapshot)] : forward;
}

/** Names that are no host of the topology, each once, in order. */
export function unknownHosts(names: readonly string[], snapshot: TopologySnapshot): string[] {
  const isUnknown = (name: string) => snapshot.nodes.get(name)?.kind !== "host";
  return names.some(isUnknown) ? [...new Set(names)].filter(isUnknown).sort() : [];
}

/** `alice to bob`, and for the way back `bob to alice, return`. */
export function pairName({ host, endpoint, direction }: Pick<Pair, "host" | "endpoint" | "direction">): string {
  return `${host} to ${endpoint}${direction === "return" ? ", return" : ""}`;
}

function endpointsOf({ to }: Selection, snapshot: TopologySnapshot): Endpoint[] {
  const { topology, prefixes, nodes } = snapshot;
  const found = selectHosts(to, topology).map(({ name }) => hostEndpoint(name, name));
  const missing = unknownHosts(to.hosts, snapshot).map((name) => hostEndpoint(name, undefined));
  // Most intents name hosts alone.
  if (missing.length + to.prefixes.length + to.names.length === 0) return found;
  return [
    ...[...found, ...missing].sort(byEndpoint),
    ...[...new Set(to.prefixes)].sort().map(
      (prefix: IpPrefix): Endpoint => ({
        kind: "prefix",
        endpoint: prefix,
        egress: prefixes.ownerOf(prefix),
      }),
    ),
    ...to.names
      .map(({ name, at }): Endpoint => ({ kind: "name", endpoint: name, egress: nodes.has(at) ? at : undefined }))
      .sort(byEndpoint),
  ];
}

function hostEndpoint(name: string, egress: string | undefined): Endpoint {
  return { kind: "host", endpoint: name, egress };
}

/** One for each host that answers and host that asked, whatever number of endpoints lies behind the first. */
function returnPairs(forward: readonly Pair[], snapshot: TopologySnapshot): Pair[] {
  const pairs = new Map<string, Pair & { readonly answers: Endpoint[] }>();
  for (const { host: asker, kind, endpoint, egress } of forward) {
    // Behind a router nobody is there to steer the answer.
    if (egress === undefined || snapshot.nodes.get(egress)?.kind !== "host") continue;
    const key = `${egress} ${asker}`;
    const pair = pairs.get(key) ?? {
      host: egress,
      ...hostEndpoint(asker, asker),
      direction: "return" as const,
      answers: [],
    };
    pair.answers.push({ kind, endpoint, egress });
    pairs.set(key, pair);
  }
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
}

function byEndpoint(a: Endpoint, b: Endpoint): number {
  return a.endpoint < b.endpoint ? -1 : 1;
}
