import { addressPrefix, type FlexibleAlgorithm, type IpPrefix, isIpv4, nodeLocator } from "@sextant/model";
import type { LabNode, LabPlan } from "../plan";
import type { NextHopTable } from "./next-hops";

/** Routing protocol number that marks the lab's routes: the one iproute2 calls isis. */
const ROUTE_PROTOCOL = 187;
/**
 * What a host's own packets may measure, on links of 9000: a segment list always fits on top. It stands for the operator's MTU
 * planning (RFC 8754 section 5.3).
 */
const HOST_ROUTE_MTU = 1_500;

/** Routes of one node: what follows `route replace`, by prefix. */
export type NodeRoutes = ReadonlyMap<IpPrefix, string>;

/** Next hops of plain routing, or of a flexible algorithm. */
export interface RoutingTable {
  readonly algorithm: FlexibleAlgorithm | undefined;
  readonly nextHops: NextHopTable;
}

/**
 * The routes of a node over all equal-cost next hops: by plain routing to every other node's locator, addresses and prefixes, by each
 * flexible algorithm to the routers' locators of that algorithm. IPv4 is routed through the same IPv6 neighbours (RFC 5549): links have
 * no IPv4 addresses.
 */
export function routesOfNode(plan: LabPlan, source: LabNode, tables: readonly RoutingTable[]): NodeRoutes {
  const routes = new Map<IpPrefix, string>();
  const ends = new Map(source.ends.map((end) => [end.link, end]));
  for (const { algorithm, nextHops } of tables) {
    for (const [destination, hops] of nextHops.get(source.node.name) ?? []) {
      const over = hops.flatMap(({ link }) => ends.get(link) ?? []);
      const steps = over.map((end) => `via inet6 ${end.peerAddress} dev ${end.interfaceName}`);
      const tail = steps.length === 1 ? steps.join("") : steps.map((step) => `nexthop ${step}`).join(" ");
      for (const prefix of prefixesOf(plan, destination, algorithm)) {
        routes.set(prefix, `${prefix} ${attributesOf(source, isIpv4(prefix))} ${tail}`);
      }
    }
  }
  return routes;
}

/** Lines for `ip -batch` that turn one set of routes into another; only what differs is touched. */
export function routeChanges(before: NodeRoutes, after: NodeRoutes): string[] {
  const gone = [...before.keys()].filter((prefix) => !after.has(prefix));
  const changed = [...after].filter(([prefix, route]) => before.get(prefix) !== route);
  return [
    ...changed.map(([, route]) => `route replace ${route}`),
    ...gone.map((prefix) => `route del ${prefix} proto ${ROUTE_PROTOCOL}`),
  ];
}

/** A node's packets leave with its first address of the family. */
function attributesOf({ node, loopback }: LabNode, ipv4: boolean): string {
  const own = loopback.find((address) => isIpv4(address) === ipv4);
  const source = own === undefined ? [] : [`src ${own}`];
  // IPv6 alone adapts routes to the device's MTU, and a lock there keeps off that and nothing else; in IPv4 it would also clear DF.
  const mtu = node.kind === "host" ? [`mtu ${ipv4 ? "" : "lock "}${HOST_ROUTE_MTU}`] : [];
  return [`proto ${ROUTE_PROTOCOL}`, ...source, ...mtu].join(" ");
}

/** Hosts have no SIDs in flexible algorithms: what takes headers off there knows the plain ones only. */
function prefixesOf(plan: LabPlan, name: string, algorithm: FlexibleAlgorithm | undefined): readonly IpPrefix[] {
  const destination = plan.nodes.get(name);
  if (destination === undefined) return [];
  const { kind, nodeId, locator, addresses, prefixes } = destination.node;
  if (algorithm !== undefined) return kind === "router" ? [nodeLocator(algorithm.locatorBlock, nodeId)] : [];
  return [locator, ...addresses.map(addressPrefix), ...prefixes];
}
