import {
  addressPrefix,
  type DesiredMatch,
  type Intent,
  type IpPrefix,
  ipPrefixCovers,
  isIpv4,
  type TopologyNode,
} from "@sextant/model";
import type { Endpoint, Pair } from "../compute/endpoints";
import type { TopologySnapshot } from "../topology/snapshot";

const NO_NAMES: readonly string[] = [];

type Asked = Pick<Intent, "application">;

/**
 * Which packets the policy of a pair takes. There: the application's, to what the endpoint is. Back: those that answer them, so
 * ports and ends change places; what is asked of sockets (and the code point, which answers need not have) stays with the host
 * that asked.
 */
export function matchOf({ application }: Asked, pair: Pair, snapshot: TopologySnapshot): DesiredMatch {
  const { cgroup, systemdUnit, container, user, executable, protocol, dscp, sources, sourcePorts, ports } = application;
  const destinations = destinationsOf(pair, snapshot);
  // In the order of their names, as they are hashed.
  if (pair.direction === "forward") {
    return {
      cgroup,
      container,
      destinations,
      dnsNames: pair.kind === "name" ? [pair.endpoint] : NO_NAMES,
      dscp,
      executable,
      ports,
      protocol,
      sourcePorts,
      sources,
      systemdUnit,
      user,
    };
  }
  return {
    cgroup: undefined,
    container: undefined,
    destinations: within(destinations, sources),
    dnsNames: NO_NAMES,
    dscp: undefined,
    executable: undefined,
    ports: sourcePorts,
    protocol,
    sourcePorts: ports,
    sources: [...new Set(pair.answers.flatMap((endpoint) => answering(endpoint, snapshot)))].sort(),
    systemdUnit: undefined,
    user: undefined,
  };
}

type Owner = Pick<TopologyNode, "addresses" | "prefixes">;

/** All policies to a host share one array: there may be very many. */
const destinationsOfHosts = new WeakMap<Owner, readonly IpPrefix[]>();

/** Prefixes that packets of a host's endpoint go to: its addresses and what lies behind it. */
export function hostDestinations(node: Owner): readonly IpPrefix[] {
  const known = destinationsOfHosts.get(node);
  if (known !== undefined) return known;
  const found = [...new Set([...node.addresses.map(addressPrefix), ...node.prefixes])].sort();
  destinationsOfHosts.set(node, found);
  return found;
}

/** Families that packets of a match can have; those behind a DNS name are not known beforehand. */
export function familiesOf({ destinations, sources, dnsNames }: DesiredMatch): { ipv4: boolean; ipv6: boolean } {
  const has = (prefixes: readonly IpPrefix[], ipv4: boolean) => prefixes.some((prefix) => isIpv4(prefix) === ipv4);
  const possible = (ipv4: boolean) =>
    (dnsNames.length > 0 || has(destinations, ipv4)) && (sources.length === 0 || has(sources, ipv4));
  return { ipv4: possible(true), ipv6: possible(false) };
}

/** A host that is gone leaves nothing to match, and the addresses of a name are found by the source host. */
function destinationsOf({ kind, endpoint }: Endpoint, snapshot: TopologySnapshot): readonly IpPrefix[] {
  switch (kind) {
    case "host": {
      const node = snapshot.nodes.get(endpoint);
      return node === undefined ? [] : hostDestinations(node);
    }
    case "prefix":
      return [endpoint as IpPrefix];
    case "name":
      return [];
  }
}

/** Where the answers of an endpoint come from: a name's, from anything that its host owns. */
function answering(endpoint: Endpoint, snapshot: TopologySnapshot): readonly IpPrefix[] {
  const node = snapshot.nodes.get(endpoint.egress ?? "");
  if (endpoint.kind === "name" && node !== undefined) return hostDestinations(node);
  return destinationsOf(endpoint, snapshot);
}

/** The parts of `prefixes` that lie in `filter`; all of them when it is empty. */
function within(prefixes: readonly IpPrefix[], filter: readonly IpPrefix[]): readonly IpPrefix[] {
  if (filter.length === 0) return prefixes;
  const parts = prefixes.flatMap((prefix) =>
    filter.flatMap((allowed) => {
      if (ipPrefixCovers(allowed, prefix)) return prefix;
      return ipPrefixCovers(prefix, allowed) ? allowed : [];
    }),
  );
  return [...new Set(parts)].sort();
}
