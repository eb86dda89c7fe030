import ipaddr from "ipaddr.js";
import type { Brand } from "./brand";

/** An IPv6 address in its canonical text form (RFC 5952), so that equal addresses are equal strings. */
export type Ipv6Address = Brand<string, "Ipv6Address">;

/** Parses any valid IPv6 text (no zone, no prefix length). Returns undefined when it is not one. */
export function parseIpv6(text: string): Ipv6Address | undefined {
  if (text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text).toRFC5952String() as Ipv6Address;
}

/** Parses an address that the program itself wrote down; throws TypeError on anything else. */
export function ipv6(text: string): Ipv6Address {
  const address = parseIpv6(text);
  if (address === undefined) throw new TypeError(`not an IPv6 address: ${text}`);
  return address;
}

/** The 16 bytes of an address, network byte order. */
export function ipv6ToBytes(address: Ipv6Address): Uint8Array {
  return Uint8Array.from(ipaddr.IPv6.parse(address).toByteArray());
}

/** The canonical address of 16 bytes in network byte order; throws RangeError on any other length. */
export function ipv6FromBytes(bytes: Uint8Array): Ipv6Address {
  if (bytes.length !== 16) throw new RangeError(`an IPv6 address has 16 bytes, got ${bytes.length}`);
  return new ipaddr.IPv6([...bytes]).toRFC5952String() as Ipv6Address;
}

/** True when the address can identify one interface beyond its link: not unspecified, loopback, multicast or link-local. */
export function isRoutableAddress(address: Ipv6Address): boolean {
  return !["unspecified", "loopback", "multicast", "linkLocal", "ipv4Mapped"].includes(
    ipaddr.IPv6.parse(address).range(),
  );
}
