import { ipToBytes, ipv6, ipv6Prefix, parseIp, type Sid } from "@sextant/model";
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
/** Ways back that a list may have. */
export const PROBE_LOOPS = 2;

/** Who packets are from and to; one that stands there twice comes up twice as often. */
export interface Cast {
  readonly sources: readonly Buffer[];
  readonly destinations: readonly Buffer[];
  readonly ipv4Sources: readonly Buffer[];
  readonly ipv4Destinations: readonly Buffer[];
}

const STRAYS = [OUTSIDER, SILENT_PEER, WORKLOAD, NODE_SID, "2001:db8:a::7", "fe80::1", "ff02::1", "::", "::1"];
const IPV4_STRAYS = [WORKLOAD_IPV4, "192.0.2.9", "192.0.2.255", "127.0.0.1", "224.0.0.1", "169.254.0.1", "0.0.0.0"];

/** What arrives at the host, and what it sends. */
export const CASTS: Readonly<Record<"ingress" | "egress", Cast>> = {
  ingress: {
    sources: addresses([...STRAYS, SELF, ...times(14, PEER)]),
    destinations: addresses([...STRAYS, ...times(6, SELF), ...times(6, NODE_SID), ...times(9, DECAPSULATION_SID)]),
    ipv4Sources: addresses([...IPV4_STRAYS, SELF_IPV4, ...times(9, PEER_IPV4)]),
    ipv4Destinations: addresses([...IPV4_STRAYS, PEER_IPV4, ...times(9, SELF_IPV4)]),
  },
  egress: {
    sources: addresses([...STRAYS, PEER, ...times(14, SELF)]),
    destinations: addresses([
      ...STRAYS,
      ...["2001:db8:b:9::1", "2001:db8:d::1", "2001:db8:e::1", PEER].flatMap((a) => times(6, a)),
    ]),
    ipv4Sources: addresses([...IPV4_STRAYS, ...times(9, SELF_IPV4)]),
    ipv4Destinations: addresses([...IPV4_STRAYS, ...times(6, PEER_IPV4), ...times(6, "198.18.0.1")]),
  },
};

function times(count: number, text: string): string[] {
  return new Array<string>(count).fill(text);
}

function addresses(texts: readonly string[]): Buffer[] {
  return texts.map((text) => {
    const address = parseIp(text);
    if (address === undefined) throw new RangeError(`"${text}" is no address`);
    return Buffer.from(ipToBytes(address));
  });
}

export interface World {
  readonly fixture: PacketPathFixture;
  readonly uplink: number;
}

/** A host that receives and steers, with rules for every kind of header. */
export function fuzzWorld(): World {
  const { fixture, uplink } = ingressWorld();
  const { plane } = fixture;
  plane.addDomainSource(ipv6Prefix(DOMAIN[1]));
  // No list is to die of the probes that go out here and never come back.
  plane.setConfig({
    nodeSid: ipv6(NODE_SID) as Sid,
    decapsulationSid: ipv6(DECAPSULATION_SID) as Sid,
    probeMultiplier: 2 ** 32 - 1,
    term: 1n,
  });
  STEERED.forEach(({ prefix: text, encapsulation, segments }, i) => {
    const key = BigInt(i + 1);
    plane.putList(key, list(uplink, { encapsulation, segments }, { nonce: PROBE_NONCE, mtu: LINK_MTU }));
    plane.putPolicy(key, policy([key]));
    plane.putDestination(prefix(text), { rules: [rule({ policy: key })], packetBytesMax: PACKET_BYTES_MAX });
  });
  return { fixture, uplink };
}
