import { planLab } from "../plan";
import { testTopology } from "../testing/topology";
import { computeNextHops } from "./next-hops";
import { type NodeRoutes, routeChanges, routesOfNode } from "./routes";

//        n
//      /   \        all 10
//    w       e ── h
//      \   /
//        s
const plan = planLab("test", testTopology("w n s e h@e", "w-n:10 n-e:10 w-s:10 s-e:10"));

function routesOf(node: string, isUp: (link: string) => boolean = () => true): NodeRoutes {
  const source = plan.nodes.get(node);
  return source === undefined
    ? new Map()
    : routesOfNode(plan, source, [{ algorithm: undefined, nextHops: computeNextHops(plan.topology, isUp) }]);
}

test("a router has a route to each locator and address, over all next hops", () => {
  const routes = routesOf("w");
  expect([...routes.keys()].sort()).toEqual([
    "2001:db8:5::1/128",
    "fcbb:bb00:2::/48",
    "fcbb:bb00:3::/48",
    "fcbb:bb00:4::/48",
    "fcbb:bb00:5::/48",
  ]);
  const [viaNorth, viaSouth] = (plan.nodes.get("w")?.ends ?? []).map(({ peerAddress }) => peerAddress);
  expect(routes.get("fcbb:bb00:2::/48" as never)).toBe(
    `fcbb:bb00:2::/48 proto 187 src fcbb:bb00:1::1 via inet6 ${viaNorth ?? ""} dev to-n`,
  );
  expect(routes.get("2001:db8:5::1/128" as never)).toBe(
    `2001:db8:5::1/128 proto 187 src fcbb:bb00:1::1 nexthop via inet6 ${viaNorth ?? ""} dev to-n nexthop via inet6 ${viaSouth ?? ""} dev to-s`,
  );
});

test("a host sends from its own address and keeps room for headers", () => {
  expect(routesOf("h").get("fcbb:bb00:1::/48" as never)).toContain(" src 2001:db8:5::1 mtu lock 1500 via ");
});

test("only what differs is touched", () => {
  const changes = routeChanges(
    routesOf("w"),
    routesOf("w", (link) => link !== "w-n"),
  );
  // To s nothing changes; n, e and h (locator and address) now lead over s alone.
  expect(changes).toHaveLength(4);
  expect(changes.every((line) => line.startsWith("route replace ") && line.endsWith(" dev to-s"))).toBe(true);
});

test("what cannot be reached any more is removed", () => {
  const changes = routeChanges(
    routesOf("n"),
    routesOf("n", (link) => link !== "h-e"),
  );
  expect(changes.sort()).toEqual(["route del 2001:db8:5::1/128 proto 187", "route del fcbb:bb00:5::/48 proto 187"]);
});

test("the same routes need no change", () => {
  expect(routeChanges(routesOf("w"), routesOf("w"))).toEqual([]);
});
