import { Resolver } from "node:dns/promises";
import { type IpAddress, parseIp, unmappedAddress, isIpv4 } from "@sextant/model";

/** Time for one server and attempt, and attempts. */
const QUERY_TIMEOUT_MS = 2_000;
const QUERY_TRIES = 2;

/** What a name server said of a name in one family. */
export type DnsAnswer =
  | { readonly kind: "addresses"; readonly addresses: readonly IpAddress[]; readonly ttlMs: number }
  /** It says that there is no such name, or no such record: an answer too. */
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly detail: string };

export type DnsFamily = "A" | "AAAA";

/** Asks for the addresses of a name in one family. Never rejects. */
export type DnsQuery = (name: string, family: DnsFamily) => Promise<DnsAnswer>;

/**
 * Queries these servers, `ADDR` or `ADDR:PORT`, or, where none is given, those of /etc/resolv.conf. A resolver for each query
 * reads that file anew, and has no cache that answers instead of a server when a name is to be renewed before it expires.
 */
export function dnsQuery(servers: readonly string[]): DnsQuery {
  return async (name, family) => {
    try {
      const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
      if (servers.length > 0) resolver.setServers(servers);
      const records = await (family === "A"
        ? resolver.resolve4(name, { ttl: true })
        : resolver.resolve6(name, { ttl: true }));
      const addresses = records.flatMap(({ address }) => usable(address) ?? []);
      const ttlMs = 1_000 * Math.min(...records.map(({ ttl }) => ttl));
      return addresses.length === 0 ? { kind: "none" } : { kind: "addresses", addresses, ttlMs };
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
      return code === "ENOTFOUND" || code === "ENODATA" ? { kind: "none" } : { kind: "failed", detail: code };
    }
  };
}

/** Addresses that no packet leaves the host for are no destinations. */
function usable(text: string): IpAddress | undefined {
  const parsed = parseIp(text);
  if (parsed === undefined) return undefined;
  const address = isIpv4(parsed) ? parsed : unmappedAddress(parsed);
  const local = isIpv4(address) ? /^(0|127|22[4-9]|2[3-5]\d)\./ : /^(::1?$|fe[89ab].:|ff)/;
  return local.test(address) ? undefined : address;
}
