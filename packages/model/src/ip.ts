import ipaddr from "ipaddr.js";
import type { Brand } from "./brand";
import { type Ipv6Address, ipv6FromBytes, ipv6ToBytes, isRoutableAddress, parseIpv6 } from "./ipv6";
import { type Ipv6Prefix, ipv6Prefix, parseIpv6Prefix, prefixParts } from "./ipv6-prefix";

/** An IPv4 address in dotted decimal. */
export type Ipv4Address = Brand<string, "Ipv4Address">;
/** An IPv4 prefix as `address/length` with all host bits zero. */
export type Ipv4Prefix = Brand<string, "Ipv4Prefix">;
/** An address of either family; canonical, so that equal addresses are equal strings. */
export type IpAddress = Ipv6Address | Ipv4Address;
/** A prefix of either family. */
export type IpPrefix = Ipv6Prefix | Ipv4Prefix;

/** ::ffff:0:0/96, where IPv4 lies in IPv6 (RFC 4291 section 2.5.5.2). */
const MAPPED_BITS = 96;
const MAPPED_MARK = Uint8Array.of(0xff, 0xff);

/** Parses an address of either family; undefined when it is none. */
export function parseIp(text: string): IpAddress | undefined {
  return isIpv4Text(text) ? (text as Ipv4Address) : parseIpv6(text);
}

/** Parses a prefix of either family; undefined when it is none, or has host bits set. */
export function parseIpPrefix(text: string): IpPrefix | undefined {
  const match = /^([0-9.]+)\/(\d{1,2})$/.exec(text);
  if (match?.[1] === undefined) return parseIpv6Prefix(text);
  const length = Number(match[2]);
  if (!isIpv4Text(match[1]) || length > 32) return undefined;
  const mapped = parseIpv6Prefix(`${mappedAddress(match[1] as Ipv4Address)}/${MAPPED_BITS + length}`);
  return mapped === undefined ? undefined : (text as Ipv4Prefix);
}

/** True when the address can identify one interface beyond its link, in either family. */
export function isRoutableIp(address: IpAddress): boolean {
  if (!isIpv4(address)) return isRoutableAddress(address);
  const range = ipaddr.IPv4.parse(address).range();
  const thisNetwork = address.startsWith("0.");
  return !thisNetwork && !["unspecified", "loopback", "multicast", "linkLocal", "broadcast"].includes(range);
}

/** True for addresses and prefixes of IPv4. */
export function isIpv4(value: IpAddress): value is Ipv4Address;
export function isIpv4(value: IpPrefix): value is Ipv4Prefix;
export function isIpv4(value: string): boolean {
  return !value.includes(":");
}

/** The prefix that holds one address: /128 or /32. */
export function addressPrefix(address: IpAddress): IpPrefix {
  return `${address}/${isIpv4(address) ? 32 : 128}` as IpPrefix;
}

/** True for addresses of IPv6. */
export function isIpv6Address(address: IpAddress): address is Ipv6Address {
  return !isIpv4(address);
}

/** True for prefixes of IPv6. */
export function isIpv6Prefix(prefix: IpPrefix): prefix is Ipv6Prefix {
  return !isIpv4(prefix);
}

/** The IPv6 form of an address: IPv4 becomes ::ffff:a.b.c.d. */
export function mappedAddress(address: IpAddress): Ipv6Address {
  if (!isIpv4(address)) return address;
  const bytes = new Uint8Array(16);
  bytes.set(MAPPED_MARK, 10);
  bytes.set(address.split(".").map(Number), 12);
  return ipv6FromBytes(bytes);
}

/** The IPv6 form of a prefix: the length of an IPv4 one grows by 96. */
export function mappedPrefix(prefix: IpPrefix): Ipv6Prefix {
  if (!isIpv4(prefix)) return prefix;
  const [address = "", length = ""] = prefix.split("/");
  return ipv6Prefix(`${mappedAddress(address as Ipv4Address)}/${MAPPED_BITS + Number(length)}`);
}

/** The reverse of `mappedPrefix`. */
export function unmappedPrefix(prefix: Ipv6Prefix): IpPrefix {
  const { address, length } = prefixParts(prefix);
  const plain = unmappedAddress(address);
  return isIpv4(plain) && length >= MAPPED_BITS ? (`${plain}/${length - MAPPED_BITS}` as Ipv4Prefix) : prefix;
}

/** The reverse of `mappedAddress`. */
export function unmappedAddress(address: Ipv6Address): IpAddress {
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? (parsed.toIPv4Address().toString() as Ipv4Address) : address;
}

/** 4 or 16 bytes, network byte order. */
export function ipToBytes(address: IpAddress): Uint8Array {
  return isIpv4(address) ? Uint8Array.from(address.split(".").map(Number)) : ipv6ToBytes(address);
}

/** The address of 4 or 16 bytes; throws RangeError on any other length. */
export function ipFromBytes(bytes: Uint8Array): IpAddress {
  return bytes.length === 4 ? ([...bytes].join(".") as Ipv4Address) : ipv6FromBytes(bytes);
}

/** True when every address of `inner` is in `outer`; families never cover one another. */
export function ipPrefixCovers(outer: IpPrefix, inner: IpPrefix): boolean {
  if (isIpv4(outer) !== isIpv4(inner)) return false;
  const a = prefixParts(mappedPrefix(outer));
  const b = prefixParts(mappedPrefix(inner));
  if (a.length > b.length) return false;
  const bytes = ipv6ToBytes(b.address).map(
    (byte, i) => byte & (0xff << (8 - Math.min(8, Math.max(0, a.length - 8 * i)))),
  );
  return ipv6FromBytes(bytes) === a.address;
}

function isIpv4Text(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) && text === ipaddr.IPv4.parse(text).toString();
}
