import { execFileSync } from "node:child_process";
import { ipv6, ipv6Prefix, parseIpPrefix, type IpPrefix, type Sid } from "@sextant/model";
import { PacketPathFixture } from "./packet-path-fixture";
import { ifindexOf, ip } from "./private-namespace";

/** The host under test. Its uplink is up0; behind w0 are workloads. */
export const SELF = "2001:db8:a::1";
export const SELF_IPV4 = "192.0.2.1";
export const NODE_SID = "2001:db8:fffe:1::";
export const DECAPSULATION_SID = "2001:db8:fffe:1:ff46::";
/** On the link of w0. */
export const WORKLOAD = "2001:db8:c::9";
export const WORKLOAD_IPV4 = "198.51.100.9";
/** Of the domain; may bring packets of its own /48 and of 203.0.113.0/24. */
export const PEER = "2001:db8:b::1";
export const PEER_IPV4 = "203.0.113.1";
/** Of the domain too, but nobody says what it may bring. */
export const SILENT_PEER = "2001:db8:b::2";
export const OUTSIDER = "2001:db8:bad::1";
export const SEGMENT = "2001:db8:ffff:1::";
/** Ethernet address of the uplink, as ethernet() writes it. */
const UPLINK_MAC = "02:00:00:00:00:02";

/** The programs on such a host; the second value is the uplink's index. */
export function ingressWorld(): { readonly fixture: PacketPathFixture; readonly uplink: number } {
  const fixture = PacketPathFixture.open();
  execFileSync("sysctl", ["-qw", "net.ipv4.ip_forward=1"]);
  ip("link add up0 type veth peer name up1");
  ip("link add w0 type veth peer name w1");
  ip(`link set up0 address ${UPLINK_MAC}`);
  for (const name of ["up0", "up1", "w0", "w1"]) ip(`link set ${name} up`);
  ip(`-6 addr add ${SELF}/64 dev up0 nodad`);
  ip(`addr add ${SELF_IPV4}/24 dev up0`);
  ip("-6 addr add 2001:db8:c::1/64 dev w0 nodad");
  ip("addr add 198.51.100.1/24 dev w0");
  ip("-6 route add 2001:db8:b::/48 via fe80::1 dev up0");
  ip("route add 203.0.113.0/24 via 192.0.2.254");
  fixture.plane.setConfig({
    nodeSid: ipv6(NODE_SID) as Sid,
    decapsulationSid: ipv6(DECAPSULATION_SID) as Sid,
    probeMultiplier: 3,
    term: 1n,
  });
  fixture.plane.addDomainSource(ipv6Prefix("2001:db8:b::/48"));
  for (const inner of ["2001:db8:b::/48", "203.0.113.0/24"]) {
    fixture.plane.addSender({ sender: ipv6(PEER), inner: parseIpPrefix(inner) as IpPrefix });
  }
  return { fixture, uplink: ifindexOf("up0") };
}
