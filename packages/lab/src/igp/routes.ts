import { addressPrefix, type IpPrefix, isIpv4 } from "@sextant/model";
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

/**
 * The routes of a node to every other node's locator, addresses and prefixes, over all equal-cost next hops. IPv4 is routed
 * through the same IPv6 neighbours (RFC 5549): links have no IPv4 addresses.
 */
export function routesOfNode(plan: LabPlan, source: LabNode, table: NextHopTable): NodeRoutes {
  const routes = new Map<IpPrefix, string>();
  const ends = new Map(source.ends.map((end) => [end.link, end]));
  for (const [destination, hops] of table.get(source.node.name) ?? []) {
    const over = hops.flatMap(({ link }) => ends.get(link) ?? []);
    for (const prefix of prefixesOf(plan, destination)) {
      const steps = over.map((end) => `via inet6 ${end.peerAddress} dev ${end.interfaceName}`);
      const tail = steps.length === 1 ? steps.join("") : steps.map((step) => `nexthop ${step}`).join(" ");
      routes.set(prefix, `${prefix} ${attributesOf(source, isIpv4(prefix))} ${tail}`);
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

function prefixesOf(plan: LabPlan, name: string): readonly IpPrefix[] {
  const destination = plan.nodes.get(name);
  if (destination === undefined) return [];
  const { locator, addresses, prefixes } = destination.node;
  return [locator, ...addresses.map(addressPrefix), ...prefixes];
}
