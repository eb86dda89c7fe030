import { ipv6, ipv6Prefix, type Sid } from "@sextant/model";
import { headerBytes } from "../../../packages/agent/src/reconcile/header-bytes";
import type { KernelPolicy, KernelRule } from "../../../packages/agent/src/reconcile/data-plane";
import type { KernelDataPlane } from "../../../packages/agent/src/bpf/kernel-data-plane";

export const SOURCE = ipv6("2001:db8:a::1");
export const STEERED = ipv6("2001:db8:b::1");
export const UNSTEERED = ipv6("2001:db8:99::1");
export const PORTS = { first: 5_000, last: 5_999 };
const LINK_MTU = 1_500;
const UDP = 17;
/** The policy of the one rule that packets of the benchmark match. */
const POLICY = 1n;

/** Where the outer header of `usid` ends; live, the far host's kernel takes it off. */
export const CARRIER = ipv6("2001:db8:1:2:3:ff46::") as Sid;

const routers = (count: number) => Array.from({ length: count }, (_, i) => ipv6(`2001:db8:ffff:${i + 1}::`) as Sid);

/**
 * What goes on. `insert N`: N routers, then the packet's own destination. `encap N`: N routers, then the SID of the far host,
 * reduced (the first segment is in the outer header only). `usid`: one carrier, no SRH.
 */
export const WAYS = {
  "insert 2": { encapsulation: "insert", segments: routers(2) },
  "insert 4": { encapsulation: "insert", segments: routers(4) },
  "insert 10": { encapsulation: "insert", segments: routers(10) },
  "encap 2": { encapsulation: "encap", segments: [...routers(2), ipv6("2001:db8:ff46::") as Sid] },
  "encap 4": { encapsulation: "encap", segments: [...routers(4), ipv6("2001:db8:ff46::") as Sid] },
  "encap 10": { encapsulation: "encap", segments: [...routers(10), ipv6("2001:db8:ff46::") as Sid] },
  usid: { encapsulation: "encap", segments: [CARRIER] },
} as const;
export type Way = keyof typeof WAYS;
export const WAY_NAMES = Object.keys(WAYS) as Way[];

const anyPacket: Omit<KernelRule, "policy" | "rank"> = {
  protocol: undefined,
  source: undefined,
  sourcePorts: undefined,
  ports: undefined,
  dscp: undefined,
  cgroup: undefined,
  uid: undefined,
  executable: undefined,
};

/** One rule that packets of the benchmark match, and others up to `rules`, each with a destination and a policy of its own. */
export function install(plane: KernelDataPlane, ifindex: number, rules: number): void {
  plane.setConfig({
    nodeSid: ipv6("2001:db8:fffe:1::") as Sid,
    decapsulationSid: undefined,
    probeMultiplier: 3,
    term: 1n,
  });
  plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
  for (const name of WAY_NAMES) putList(plane, ifindex, name);
  steer(plane, "insert 2");
  plane.putDestination(ipv6Prefix("2001:db8:b::/48"), {
    rules: [{ ...anyPacket, policy: POLICY, rank: 1n, ports: PORTS }],
    packetBytesMax: undefined,
  });
  for (let i = 1; i < rules; i++) {
    const key = 1_000n + BigInt(i);
    plane.putPolicy(key, policyOf("insert 2"));
    const rule = { ...anyPacket, policy: key, rank: 1n, protocol: UDP, ports: PORTS };
    plane.putDestination(ipv6Prefix(`2001:db8:f00:${i.toString(16)}::/64`), {
      rules: [rule],
      packetBytesMax: undefined,
    });
  }
}

/** From now on the matching packets go this way. */
export function steer(plane: KernelDataPlane, way: Way): void {
  plane.putPolicy(POLICY, policyOf(way));
}

function putList(plane: KernelDataPlane, ifindex: number, way: Way): void {
  const { encapsulation, segments } = WAYS[way];
  plane.putList(keyOf(way), {
    encapsulation,
    ...headerBytes({ encapsulation, segments, source: SOURCE, signingKey: undefined }),
    nextHop: { ifindex, gateway: undefined },
    mtu: LINK_MTU,
    nonce: 11n,
  });
}

const keyOf = (way: Way) => BigInt(WAY_NAMES.indexOf(way) + 1);

function policyOf(way: Way): KernelPolicy {
  return {
    candidates: [{ lists: [{ list: keyOf(way), weight: 1 }] }],
    onNoPath: "route",
    spread: { kind: "flow" },
  };
}
