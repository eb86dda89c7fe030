import { ipv6, ipv6Prefix, ipv6ToBytes, type Sid } from "@sextant/model";
import {
  DECAPSULATION_SID,
  ingressWorld,
  NODE_SID,
  OUTSIDER,
  PEER,
  PEER_IPV4,
  SELF,
  SELF_IPV4,
  SILENT_PEER,
  WORKLOAD,
  WORKLOAD_IPV4,
} from "../ingress-world";
import { list, policy, prefix, rule, sids } from "../steering";
import type { PacketPathFixture } from "../packet-path-fixture";

export const LINK_MTU = 1500;
const PACKET_BYTES_MAX = 1400;

/** How packets to a prefix leave. Every packet to it does. */
export interface Steered {
  readonly prefix: string;
  readonly encapsulation: "insert" | "encap" | "encap-full";
  readonly segments: readonly Sid[];
}

const three = sids("2001:db8:ffff:1::", "2001:db8:ffff:2::", "2001:db8:ffff:3::");

export const STEERED: readonly Steered[] = [
  { prefix: "2001:db8:b::/48", encapsulation: "insert", segments: three.slice(0, 1) },
  { prefix: "2001:db8:b:9::/64", encapsulation: "insert", segments: three },
  { prefix: "2001:db8:d::/48", encapsulation: "encap", segments: three },
  { prefix: "2001:db8:e::/48", encapsulation: "encap", segments: three.slice(0, 1) },
  { prefix: "203.0.113.0/24", encapsulation: "encap", segments: three.slice(0, 2) },
  { prefix: "198.18.0.0/15", encapsulation: "encap-full", segments: three },
];

/** Source prefixes whose SRHs are accepted. */
export const DOMAIN = ["2001:db8:b::/48", "2001:db8:a::/48"] as const;
/** What PEER may bring. */
export const BROUGHT = ["2001:db8:b::/48", "203.0.113.0/24"] as const;
/** List that probes are of, and its secret. The first list put has slot 0. */
export const PROBE_NONCE = 42n;

/** Addresses that packets are made of: of the host, of peers, of nobody. */
export const ADDRESSES = [
  SELF,
  NODE_SID,
  DECAPSULATION_SID,
  PEER,
  SILENT_PEER,
  WORKLOAD,
  OUTSIDER,
  "2001:db8:b:9::1",
  "2001:db8:d::1",
  "2001:db8:e::1",
  "2001:db8:a::7",
  "fe80::1",
  "ff02::1",
  "::",
  "::1",
].map((text) => Buffer.from(ipv6ToBytes(ipv6(text))));

export const IPV4_ADDRESSES = [
  SELF_IPV4,
  PEER_IPV4,
  WORKLOAD_IPV4,
  "198.18.0.1",
  "192.0.2.9",
  "127.0.0.1",
  "224.0.0.1",
  "169.254.0.1",
  "0.0.0.0",
].map((text) => Buffer.from(text.split(".").map(Number)));

export interface World {
  readonly fixture: PacketPathFixture;
  readonly uplink: number;
}

/** A host that receives and steers, with rules for every kind of header. */
export function fuzzWorld(): World {
  const { fixture, uplink } = ingressWorld();
  const { plane } = fixture;
  plane.addDomainSource(ipv6Prefix(DOMAIN[1]));
  STEERED.forEach(({ prefix: text, encapsulation, segments }, i) => {
    const key = BigInt(i + 1);
    plane.putList(key, list(uplink, { encapsulation, segments }, { nonce: PROBE_NONCE, mtu: LINK_MTU }));
    plane.putPolicy(key, policy([key]));
    plane.putDestination(prefix(text), { rules: [rule({ policy: key })], packetBytesMax: PACKET_BYTES_MAX });
  });
  return { fixture, uplink };
}
