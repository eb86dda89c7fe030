import {
  type IpAddress,
  ipFromBytes,
  type IpPrefix,
  type Ipv6Prefix,
  isIpv4,
  parseIpPrefix,
  type Sid,
} from "@sextant/model";
import type { Prefix } from "@sextant/proto";
import { check, Malformed } from "./malformed";

/** An address of 4 or 16 bytes. Throws Malformed. */
export function addressFromBytes(bytes: Uint8Array): IpAddress {
  check(bytes.length === 4 || bytes.length === 16, `an address of ${bytes.length} bytes: expected 4 or 16`);
  return ipFromBytes(bytes);
}

/** A SID, or another IPv6 address, of 16 bytes. Throws Malformed. */
export function sidFromBytes(bytes: Uint8Array): Sid {
  check(bytes.length === 16, `an address of ${bytes.length} bytes: expected 16`);
  return ipFromBytes(bytes) as Sid;
}

/** A prefix of either family without bits beyond its length. Throws Malformed. */
export function prefixFromProto({ address, length }: Prefix): IpPrefix {
  const text = `${addressFromBytes(address)}/${length}`;
  const prefix = parseIpPrefix(text);
  if (prefix === undefined) {
    throw new Malformed(`${text}: expected a length of 0 to ${8 * address.length} and no bits beyond it`);
  }
  return prefix;
}

/** As `prefixFromProto`, of IPv6 alone. */
export function ipv6PrefixFromProto(wire: Prefix): Ipv6Prefix {
  const prefix = prefixFromProto(wire);
  if (isIpv4(prefix)) throw new Malformed(`${prefix}: expected an IPv6 prefix`);
  return prefix;
}
