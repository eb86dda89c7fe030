import type { Brand } from "./brand";
import { type Ipv6Address, ipv6FromBytes, ipv6ToBytes, parseIpv6 } from "./ipv6";

/** An IPv6 prefix as canonical text, `address/length` with all host bits zero. */
export type Ipv6Prefix = Brand<string, "Ipv6Prefix">;

/** Parses `address/length`. Returns undefined when the text is no prefix or has host bits set. */
export function parseIpv6Prefix(text: string): Ipv6Prefix | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const address = match?.[1] === undefined ? undefined : parseIpv6(match[1]);
  if (match === null || address === undefined) return undefined;
  const length = Number(match[2]);
  if (length > 128 || maskAddress(address, length) !== address) return undefined;
  return `${address}/${length}` as Ipv6Prefix;
}

/** Parses a prefix that the program itself wrote down; throws TypeError on anything else. */
export function ipv6Prefix(text: string): Ipv6Prefix {
  const prefix = parseIpv6Prefix(text);
  if (prefix === undefined) throw new TypeError(`not an IPv6 prefix: ${text}`);
  return prefix;
}

/** The /128 that holds one address. */
export function hostPrefix(address: Ipv6Address): Ipv6Prefix {
  return `${address}/128` as Ipv6Prefix;
}

/** Network address and length in bits. */
export function prefixParts(prefix: Ipv6Prefix): { address: Ipv6Address; length: number } {
  const slash = prefix.indexOf("/");
  return { address: prefix.slice(0, slash) as Ipv6Address, length: Number(prefix.slice(slash + 1)) };
}

/** True when every address of `inner` is in `outer`. */
export function prefixCovers(outer: Ipv6Prefix, inner: Ipv6Prefix): boolean {
  const a = prefixParts(outer);
  const b = prefixParts(inner);
  return a.length <= b.length && maskAddress(b.address, a.length) === a.address;
}

function maskAddress(address: Ipv6Address, length: number): Ipv6Address {
  const bytes = ipv6ToBytes(address).map((byte, index) => {
    const keep = Math.min(8, Math.max(0, length - index * 8));
    return byte & (0xff << (8 - keep));
  });
  return ipv6FromBytes(bytes);
}
