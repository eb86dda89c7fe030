import { type Ipv6Address, parseIpv6, type Sid } from "@sextant/model";
import type { UplinkRoute } from "../reconcile/environment";
import { type IpRow, ipRows, textField } from "./ip-command";
import type { Link } from "./links";

/** A route as the kernel would choose it, before its device is known to be an uplink. */
interface Route {
  readonly device: string;
  readonly gateway: Ipv6Address | undefined;
}

/** Asks the kernel for the route to each segment; segments without one are absent. */
export type RouteLookup = (segments: readonly Sid[]) => Promise<ReadonlyMap<Sid, Route>>;

/** First segments are routers next to the host or SIDs inside few locators: far fewer than lists. */
const MAX_CACHED_ROUTES = 65_536;

/**
 * Next hops of first segments. A look-up costs a process, so answers are kept until `invalidate`, which the link and
 * route monitor and a slow tick call. When the cache is full it starts again empty.
 */
export class NextHops {
  #routes = new Map<Sid, Route | undefined>();

  constructor(private readonly lookup: RouteLookup = lookupRoutes) {}

  /** Drops every answer. */
  invalidate(): void {
    this.#routes = new Map();
  }

  /** Looks up what is not known yet, all at once. */
  async prepare(segments: Iterable<Sid>): Promise<void> {
    const routes = this.#routes;
    const unknown = [...new Set(segments)].filter((segment) => !routes.has(segment)).slice(0, MAX_CACHED_ROUTES);
    if (unknown.length === 0) return;
    if (routes.size + unknown.length > MAX_CACHED_ROUTES) routes.clear();
    const found = await this.lookup(unknown);
    for (const segment of unknown) routes.set(segment, found.get(segment));
  }

  /** The prepared answer, if it leaves through one of the uplinks. Undefined when there is no such route. */
  get(segment: Sid, uplinks: ReadonlyMap<string, Link>): UplinkRoute | undefined {
    const route = this.#routes.get(segment);
    const link = route === undefined ? undefined : uplinks.get(route.device);
    if (route === undefined || link === undefined) return undefined;
    return { nextHop: { ifindex: link.ifindex, gateway: route.gateway }, mtu: link.mtuBytes };
  }
}

/** One `ip` process for all segments. */
async function lookupRoutes(segments: readonly Sid[]): Promise<ReadonlyMap<Sid, Route>> {
  const rows = await ipRows(
    ["-6"],
    segments.map((segment) => `route get ${segment}`),
  );
  return routesFromRows(rows);
}

/** Reads `ip route get` rows: each names its destination, so rows of failed look-ups may be missing. */
export function routesFromRows(rows: readonly IpRow[]): Map<Sid, Route> {
  const routes = new Map<Sid, Route>();
  for (const row of rows) {
    const destination = parseIpv6(textField(row, "dst") ?? "");
    const device = textField(row, "dev");
    if (destination === undefined || device === undefined || textField(row, "type") !== undefined) continue;
    routes.set(destination as Sid, { device, gateway: parseIpv6(textField(row, "gateway") ?? "") });
  }
  return routes;
}
