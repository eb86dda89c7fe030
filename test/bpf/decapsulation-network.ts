import { ipv6, ipv6Prefix, parseIpPrefix, type IpPrefix, type Sid } from "@sextant/model";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { Namespaces } from "../support/namespaces";
import { within } from "./live-network";
import { OBJECTS, uniqueInstance } from "./packet-path-fixture";

export const SENDER = ipv6("2001:db8:a::1");
export const SENDER_IPV4 = "192.0.2.1";
/** An address of the sender's namespace that host b was not told of. */
export const SPOOFED = ipv6("2001:db8:bad::1");
export const HOST = ipv6("2001:db8:b::1");
export const HOST_IPV4 = "198.51.100.1";
export const WORKLOAD = ipv6("2001:db8:c::9");
export const WORKLOAD_IPV4 = "203.0.113.9";
export const SID_R = ipv6("2001:db8:ffff:1::") as Sid;
export const DECAPSULATION_SID = ipv6("2001:db8:ffff:b:ff46::") as Sid;
const NODE_SID = ipv6("2001:db8:ffff:b::") as Sid;

const FORWARD =
  "for f in /proc/sys/net/ipv6/conf/*/seg6_enabled; do echo 1 > $f; done; sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1";

/**
 * What the kernel's own seg6 routes encapsulate, our ingress takes off. Programs are on host b alone:
 *
 *   a ── a0 ra ── r (End) ── rb b0 ── b ── b1 w0 ── w
 *   2001:db8:a::1  192.0.2.1    2001:db8:b::1  198.51.100.1    2001:db8:c::9  203.0.113.9
 *
 * Everything from a to b and w leaves through r's SID for b's decapsulation SID; answers come back on plain routes.
 */
export class DecapsulationNetwork {
  readonly namespaces = new Namespaces();
  readonly a = this.namespaces.add("a");
  readonly r = this.namespaces.add("r");
  readonly b = this.namespaces.add("b");
  readonly w = this.namespaces.add("w");
  readonly plane: KernelDataPlane;
  private readonly instance = uniqueInstance();

  private constructor() {
    this.link(this.a, "a0", ["2001:db8:a::1/64", "192.0.2.1/24"], this.r, "ra", [
      "2001:db8:a::ff/64",
      "192.0.2.254/24",
    ]);
    this.link(this.b, "b0", ["2001:db8:b::1/64", "198.51.100.1/24"], this.r, "rb", [
      "2001:db8:b::ff/64",
      "198.51.100.254/24",
    ]);
    this.link(this.b, "b1", ["2001:db8:c::1/64", "203.0.113.1/24"], this.w, "w0", [
      "2001:db8:c::9/64",
      "203.0.113.9/24",
    ]);
    this.routeSender();
    this.namespaces.run(
      this.r,
      `${FORWARD}; ip -6 route add ${SID_R}/128 encap seg6local action End dev rb
       ip -6 route add 2001:db8:ffff:b::/64 via ${HOST}; ip -6 route add 2001:db8:c::/64 via ${HOST}
       ip route add 203.0.113.0/24 via ${HOST_IPV4}`,
    );
    this.namespaces.run(
      this.b,
      `${FORWARD}; ip -6 route add default via 2001:db8:b::ff; ip route add default via 198.51.100.254`,
    );
    this.namespaces.run(this.w, "ip -6 route add default via 2001:db8:c::1; ip route add default via 203.0.113.1");
    this.plane = this.attach();
  }

  static up(): DecapsulationNetwork {
    return new DecapsulationNetwork();
  }

  down(): void {
    this.plane.close();
    within(this.b, () => KernelDataPlane.destroy(this.instance));
    this.namespaces.remove();
  }

  /** How often an exit was taken on host b. */
  counted(reason: string): number {
    return Number(this.plane.reasons().get(reason) ?? 0n);
  }

  private routeSender(): void {
    const onto = `encap seg6 mode encap.red segs ${SID_R},${DECAPSULATION_SID} dev a0`;
    this.namespaces.run(
      this.a,
      `ip -6 route add default via 2001:db8:a::ff; ip route add default via 192.0.2.254; ip sr tunsrc set ${SENDER}
       ip -6 addr add ${SPOOFED}/128 dev lo; ip -6 route add ${SID_R}/128 via 2001:db8:a::ff
       for to in ${HOST} ${WORKLOAD}; do ip -6 route add $to/128 ${onto} src ${SENDER}; done
       for to in ${HOST_IPV4} ${WORKLOAD_IPV4}; do ip route add $to/32 ${onto}; done`,
    );
  }

  private attach(): KernelDataPlane {
    const plane = within(this.b, () => {
      const opened = KernelDataPlane.open({ instance: this.instance, objectDirectory: OBJECTS });
      opened.attach(this.ifindexOf(this.b, "b0"));
      return opened;
    });
    plane.setConfig({ nodeSid: NODE_SID, decapsulationSid: DECAPSULATION_SID, probeMultiplier: 3, term: 1n });
    plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
    for (const inner of ["2001:db8:a::/64", "192.0.2.0/24"]) {
      plane.addSender({ sender: SENDER, inner: parseIpPrefix(inner) as IpPrefix });
    }
    return plane;
  }

  private ifindexOf(namespace: string, name: string): number {
    const [link] = JSON.parse(this.namespaces.run(namespace, `ip -json link show ${name}`)) as { ifindex: number }[];
    return link?.ifindex ?? -1;
  }

  private link(a: string, aName: string, aAddresses: string[], b: string, bName: string, bAddresses: string[]): void {
    this.namespaces.run(a, `ip link add ${aName} type veth peer name ${bName} netns ${b}`);
    for (const [namespace, name, addresses] of [
      [a, aName, aAddresses],
      [b, bName, bAddresses],
    ] as const) {
      const add = addresses.map((address) => `ip addr add ${address} dev ${name}`).join("; ");
      this.namespaces.run(namespace, `ip link set ${name} up; ${add}`);
    }
  }
}
