import { type IpPrefix, ipv6, ipv6Prefix, parseIpPrefix, type Sid } from "@sextant/model";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { Namespaces } from "../support/namespaces";
import { within } from "./live-network";
import { OBJECTS, uniqueInstance } from "./packet-path-fixture";
import { list, policy, rule, SELF as ADDRESS_A } from "./steering";

/**
 * A steering host with a workload behind it, and a far host; the link beyond the router may be narrower:
 *
 *   w ── aw  host a  a0 ── ra  r  rb ── b0  host b
 */
export const ADDRESS_B = "2001:db8:b::1";
export const IPV4_B = "203.0.113.1";
export const LINK_MTU = 1500;
const SID_R = ipv6("2001:db8:ffff:1::") as Sid;
const DECAPSULATION_A = ipv6("2001:db8:ffff:a:ff46::") as Sid;
const DECAPSULATION_B = ipv6("2001:db8:ffff:b:ff46::") as Sid;

/** SRH with the router and the destination. */
export const INSERTED_BYTES = 8 + 2 * 16;
/** Outer header; SRH with the far end's SID. */
export const ENCAPSULATED_BYTES = 40 + 8 + 16;

/** Sources are checked as strictly as the kernel can: messages have to stand that. */
const FORWARDING =
  "sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1";
const SEG6 = "for f in /proc/sys/net/ipv6/conf/*/seg6_enabled; do echo 1 > $f; done";

export interface Steering {
  readonly mode: "insert" | "encap";
  readonly onNoPath?: "route" | "drop";
  /** Whether TCP learns the size from the handshake. */
  readonly knowsSize?: boolean;
  /** Of the list; that of the link unless said. */
  readonly mtu?: number;
}

export class SizeNetwork {
  readonly namespaces = new Namespaces();
  readonly w = this.namespaces.add("w");
  readonly a = this.namespaces.add("a");
  readonly r = this.namespaces.add("r");
  readonly b = this.namespaces.add("b");
  private readonly hosts: { namespace: string; instance: string; plane: KernelDataPlane; ifindex: number }[] = [];

  private constructor() {
    for (const name of [this.a, this.r, this.b]) this.namespaces.run(name, FORWARDING);
    this.link([this.w, "w0", "2001:db8:a:c::9", "198.51.100.9"], [this.a, "aw", "2001:db8:a:c::1", "198.51.100.1"]);
    this.link([this.a, "a0", ADDRESS_A, "192.0.2.1"], [this.r, "ra", "2001:db8:a::ff", "192.0.2.254"]);
    this.link([this.r, "rb", "2001:db8:b::ff", "203.0.113.254"], [this.b, "b0", ADDRESS_B, IPV4_B]);
    const routes = (namespace: string, ipv6Gateway: string, ipv4Gateway: string) =>
      this.namespaces.run(
        namespace,
        `ip -6 route add default via ${ipv6Gateway}; ip route add default via ${ipv4Gateway}`,
      );
    routes(this.w, "2001:db8:a:c::1", "198.51.100.1");
    routes(this.a, "2001:db8:a::ff", "192.0.2.254");
    routes(this.b, "2001:db8:b::ff", "203.0.113.254");
    this.namespaces.run(
      this.r,
      `${SEG6}; ip -6 route add ${SID_R}/128 encap seg6local action End dev rb
       ip -6 route add 2001:db8:a:c::/64 via ${ADDRESS_A}; ip route add 198.51.100.0/24 via 192.0.2.1
       ip -6 route add ${DECAPSULATION_B}/128 via ${ADDRESS_B}`,
    );
    this.host(this.a, "a0", DECAPSULATION_A);
    this.host(this.b, "b0", DECAPSULATION_B);
  }

  static up(): SizeNetwork {
    return new SizeNetwork();
  }

  down(): void {
    for (const { plane, namespace, instance } of this.hosts) {
      plane.close();
      within(namespace, () => KernelDataPlane.destroy(instance));
    }
    this.namespaces.remove();
  }

  /** Steers everything from a to b, and forgets what senders have learnt before. */
  steer({ mode, onNoPath = "route", knowsSize = false, mtu = LINK_MTU }: Steering): void {
    const { plane, ifindex } = this.hostOf(this.a);
    const segments = mode === "insert" ? [SID_R] : [SID_R, DECAPSULATION_B];
    const key = mode === "insert" ? 1n : 2n;
    const bytes = mode === "insert" ? INSERTED_BYTES : ENCAPSULATED_BYTES;
    plane.putList(
      key,
      list(ifindex, { encapsulation: mode, segments }, { mtu, nextHop: { ifindex, gateway: ipv6("2001:db8:a::ff") } }),
    );
    plane.putPolicy(1n, policy([key], { onNoPath }));
    for (const text of ["2001:db8:b::/64", "203.0.113.0/24"]) {
      const packetBytesMax = knowsSize ? mtu - bytes : undefined;
      plane.putDestination(parseIpPrefix(text) as IpPrefix, { rules: [rule()], packetBytesMax });
    }
    for (const namespace of [this.w, this.a]) {
      this.namespaces.run(namespace, "ip -6 route flush cache; ip route flush cache");
    }
  }

  /** Sets what the router sends over the link to the far host, which itself goes on telling its peers of the full size. */
  narrow(mtu: number): void {
    this.namespaces.run(this.r, `ip link set rb mtu ${mtu}`);
  }

  /** Packets that host a has counted under a reason. */
  reason(name: string): number {
    return Number(this.hostOf(this.a).plane.reasons().get(name) ?? 0n);
  }

  private hostOf(namespace: string): SizeNetwork["hosts"][number] {
    const host = this.hosts.find((candidate) => candidate.namespace === namespace);
    if (host === undefined) throw new RangeError(`${namespace} carries no programs`);
    return host;
  }

  private link(
    left: readonly [string, string, string, string],
    right: readonly [string, string, string, string],
  ): void {
    this.namespaces.run(left[0], `ip link add ${left[1]} type veth peer name ${right[1]} netns ${right[0]}`);
    for (const [namespace, device, address, ipv4] of [left, right]) {
      const up = `ip link set ${device} up; ip -6 addr add ${address}/64 dev ${device} nodad`;
      this.namespaces.run(namespace, `${up}; ip addr add ${ipv4}/24 dev ${device}`);
    }
  }

  private host(namespace: string, uplink: string, decapsulationSid: Sid): void {
    const instance = uniqueInstance();
    const [link] = JSON.parse(this.namespaces.run(namespace, `ip -json link show ${uplink}`)) as { ifindex: number }[];
    const ifindex = link?.ifindex ?? -1;
    const plane = within(namespace, () => {
      const opened = KernelDataPlane.open({ instance, objectDirectory: OBJECTS });
      opened.attach(ifindex);
      return opened;
    });
    plane.setConfig({ nodeSid: ipv6("2001:db8:ffff:99::") as Sid, decapsulationSid, probeMultiplier: 3, term: 1n });
    plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
    for (const text of ["2001:db8:a::/48", "192.0.2.0/24", "198.51.100.0/24"]) {
      plane.addSender({ sender: ADDRESS_A, inner: parseIpPrefix(text) as IpPrefix });
    }
    this.hosts.push({ namespace, instance, plane, ifindex });
  }
}
