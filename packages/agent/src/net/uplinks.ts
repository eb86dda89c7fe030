import { BLOCK_BITS, type Ipv6Prefix, ipv6FromBytes, ipv6ToBytes, type Sid } from "@sextant/model";
import { type IpRow, ipRows, textField } from "./ip-command";

/** Routes that lead nowhere do not make an interface an uplink. */
const DEAD_ROUTE_TYPES = new Set(["local", "blackhole", "unreachable", "prohibit", "throw", "anycast", "multicast"]);

/** The /32 blocks that SIDs belong to (F3216, RFC 9800 section 6.1), each once. */
export function blocksOf(sids: readonly Sid[]): Ipv6Prefix[] {
  return [...new Set(sids.map(blockOf))];
}

function blockOf(sid: Sid): Ipv6Prefix {
  const bytes = ipv6ToBytes(sid).map((byte, index) => (index < BLOCK_BITS / 8 ? byte : 0));
  return `${ipv6FromBytes(bytes)}/${BLOCK_BITS}` as Ipv6Prefix;
}

/**
 * Names of the interfaces that carry a route to the SIDs of the block: those of every route inside it, and those of the
 * longest route that covers it (the default route when there is none longer). Sorted.
 */
export async function findUplinks(block: Ipv6Prefix): Promise<string[]> {
  const [inside, covering] = await Promise.all([
    ipRows(["-6", "route", "show", "to", "root", block]),
    ipRows(["-6", "route", "show", "to", "match", block]),
  ]);
  return uplinkNames(inside, covering);
}

/** The decision of `findUplinks` on the rows that `ip` gave. */
export function uplinkNames(inside: readonly IpRow[], covering: readonly IpRow[]): string[] {
  const longest = Math.max(-1, ...covering.map(routeLength));
  const rows = [...inside, ...covering.filter((row) => routeLength(row) === longest)];
  const names = rows.filter((row) => !DEAD_ROUTE_TYPES.has(textField(row, "type") ?? "unicast")).flatMap(deviceNames);
  return [...new Set(names)].filter((name) => name !== "lo").sort();
}

/** The device of a route, or those of each of its next hops. */
function deviceNames(row: IpRow): string[] {
  const nextHops = Array.isArray(row["nexthops"]) ? (row["nexthops"] as IpRow[]) : [];
  return [row, ...nextHops].flatMap((hop) => textField(hop, "dev") ?? []);
}

function routeLength(row: IpRow): number {
  const destination = textField(row, "dst") ?? "default";
  if (destination === "default") return 0;
  const slash = destination.indexOf("/");
  return slash < 0 ? 128 : Number(destination.slice(slash + 1));
}
