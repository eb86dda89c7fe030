import { ipv6, type Ipv6Address, ipv6Prefix, type Sid } from "@sextant/model";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import type { KernelRule } from "../../packages/agent/src/reconcile/data-plane";
import { Namespaces } from "../support/namespaces";
import { within } from "./live-network";
import { uniqueInstance } from "./packet-path-fixture";
import { list, policy, prefix, rule } from "./steering";

export const PEER = ipv6("2001:db8:b::1");
export const PEER_IPV4 = "203.0.113.1";
export const GATEWAY_R = ipv6("2001:db8:a::fe");
export const GATEWAY_B = ipv6("2001:db8:a::b");
export const SID_R = ipv6("2001:db8:ffff:1::") as Sid;
export const SID_B = ipv6("2001:db8:ff46:6::") as Sid;
export const SID_B_IPV4 = ipv6("2001:db8:ff46:4::") as Sid;

const SRV6 =
  "for f in /proc/sys/net/ipv6/conf/*/seg6_enabled; do echo 1 > $f; done; sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1";

/**
 * One link with three hosts; the steering one reaches the far one directly, or over the router where a list says so. The
 * kernels of the others do their part of SRv6:
 *
 *   a [a0 2001:db8:a::1, 192.0.2.1] ──┬── b [b0 2001:db8:a::b; 2001:db8:b::1, 203.0.113.1]
 *                          r [::fe] ──┘
 */
export class SharedLink {
  readonly namespaces = new Namespaces();
  readonly a = this.namespaces.add("a");
  readonly b = this.namespaces.add("b");
  readonly r = this.namespaces.add("r");
  readonly plane: KernelDataPlane;
  readonly uplink: number;
  private readonly middle = this.namespaces.add("m");
  private readonly instance = uniqueInstance();

  private constructor() {
    const { namespaces, a, b, r, middle } = this;
    namespaces.run(middle, "ip link add br0 type bridge mcast_snooping 0; ip link set br0 up");
    this.port(a, "a0", "2001:db8:a::1", "192.0.2.1");
    this.port(b, "b0", GATEWAY_B, "192.0.2.11");
    this.port(r, "r0", GATEWAY_R, "192.0.2.254");
    namespaces.run(
      r,
      `${SRV6}; ip -6 route add ${SID_R}/128 encap seg6local action End dev r0
      ip -6 route add 2001:db8:ff46::/48 via ${GATEWAY_B}`,
    );
    namespaces.run(
      b,
      `ip addr add ${PEER}/128 dev lo; ip addr add ${PEER_IPV4}/32 dev lo
      ${SRV6}; sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.b0.rp_filter=0
      ip -6 route add ${SID_B}/128 encap seg6local action End.DT6 table 255 dev b0
      ip -6 route add ${SID_B_IPV4}/128 encap seg6local action End.DX4 nh4 ${PEER_IPV4} dev b0`,
    );
    namespaces.run(a, `ip -6 route add ${PEER}/128 via ${GATEWAY_B}; ip route add ${PEER_IPV4}/32 via 192.0.2.11`);
    const [link] = JSON.parse(namespaces.run(a, "ip -json link show a0")) as { ifindex: number }[];
    this.uplink = link?.ifindex ?? -1;
    this.plane = within(a, () => {
      const plane = KernelDataPlane.open({ instance: this.instance });
      plane.attach(this.uplink);
      return plane;
    });
    const nodeSid = ipv6("2001:db8:fffe:1::") as Sid;
    this.plane.setConfig({ nodeSid, decapsulationSid: undefined, probeMultiplier: 3, term: 1n });
    this.plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
  }

  static up(): SharedLink {
    return new SharedLink();
  }

  down(): void {
    this.plane.close();
    within(this.a, () => KernelDataPlane.destroy(this.instance));
    this.namespaces.remove();
  }

  /** Everything to the prefix goes onto one list, over the given neighbour. */
  steer(to: string, segments: readonly Sid[], gateway: Ipv6Address, fields: Partial<KernelRule> = {}): void {
    const key = BigInt(this.plane.lists().size + 1);
    const nextHop = { ifindex: this.uplink, gateway };
    this.plane.putList(key, list(this.uplink, { encapsulation: "encap", segments }, { nextHop }));
    this.plane.putPolicy(key, policy([key]));
    this.plane.putDestination(prefix(to), { rules: [rule({ policy: key, ...fields })], packetBytesMax: undefined });
  }

  /** How often each of the reasons was counted since `before`. */
  counted(names: readonly string[], before: ReadonlyMap<string, bigint> = new Map()): number[] {
    const now = this.plane.reasons();
    return names.map((name) => Number((now.get(name) ?? 0n) - (before.get(name) ?? 0n)));
  }

  private port(namespace: string, device: string, address: string, ipv4: string): void {
    const { namespaces, middle } = this;
    namespaces.run(
      middle,
      `ip link add to-${device} type veth peer name ${device} netns ${namespace}
      ip link set to-${device} master br0 up`,
    );
    namespaces.run(
      namespace,
      `ip link set ${device} up; ip addr add ${address}/64 dev ${device} nodad; ip addr add ${ipv4}/24 dev ${device}`,
    );
  }
}
