import { hostPrefix, type Ipv6Prefix } from "@sextant/model";
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
export type NodeRoutes = ReadonlyMap<Ipv6Prefix, string>;

/** The routes of a node to every other node's locator, addresses and prefixes, over all equal-cost next hops. */
export function routesOfNode(plan: LabPlan, source: LabNode, table: NextHopTable): NodeRoutes {
  const routes = new Map<Ipv6Prefix, string>();
  const ends = new Map(source.ends.map((end) => [end.link, end]));
  const own = source.loopback[0];
  const attributes = [
    `proto ${ROUTE_PROTOCOL}`,
    ...(own === undefined ? [] : [`src ${own}`]),
    ...(source.node.kind === "host" ? [`mtu ${HOST_ROUTE_MTU}`] : []),
  ].join(" ");
  for (const [destination, hops] of table.get(source.node.name) ?? []) {
    const steps = hops.flatMap(({ link }) => {
      const end = ends.get(link);
      return end === undefined ? [] : [`via ${end.peerAddress} dev ${end.interfaceName}`];
    });
    const tail = steps.length === 1 ? steps.join("") : steps.map((step) => `nexthop ${step}`).join(" ");
    for (const prefix of prefixesOf(plan, destination)) routes.set(prefix, `${prefix} ${attributes} ${tail}`);
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

function prefixesOf(plan: LabPlan, name: string): readonly Ipv6Prefix[] {
  const destination = plan.nodes.get(name);
  if (destination === undefined) return [];
  const { locator, addresses, prefixes } = destination.node;
  return [locator, ...addresses.map(hostPrefix), ...prefixes];
}
