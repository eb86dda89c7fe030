import { ipv6, type Ipv6Address, type Sid } from "@sextant/model";
import { Namespaces } from "../support/namespaces";

/** Every way of forwarding has a destination of its own, so that nothing is set up or taken down between measurements. */
export const WAYS = [
  "plain",
  "seg6 inline",
  "seg6 encap",
  "seg6 encap.red",
  "insert",
  "encap",
  "encap full",
  "usid",
] as const;
export type Way = (typeof WAYS)[number];

export const SID_R1 = ipv6("fcbb:bb00:1::") as Sid;
export const SID_R2 = ipv6("fcbb:bb00:2::") as Sid;
/** Where the kernel of the far host takes outer headers off. */
const SID_KERNEL_DECAPSULATES = ipv6("fcbb:bb00:b:d6::") as Sid;
/** Where our program there does. */
export const SID_WE_DECAPSULATE = ipv6("fcbb:bb00:b:ff46::") as Sid;
/** Both routers and the far end in one address. */
export const CARRIER = ipv6("fcbb:bb00:1:2:b:ff46::") as Sid;
export const NEAR_ADDRESS = ipv6("2001:db8:a::1");

/** Outer headers fit beside segments of this size on links of 1500 bytes: no way has an easier life than another. */
export const MSS_BYTES = 1_200;

/**
 *     near [up0 2001:db8:a::1] ─── r1 [fcbb:bb00:1::] ─── r2 [fcbb:bb00:2::] ─── [dn0 2001:db8:b:<way>::1] far
 *
 * Namespaces and veth with the offloads that they come with; kernel SRv6 in between.
 */
export class ThroughputNetwork {
  readonly namespaces = new Namespaces();
  readonly near = this.namespaces.add("near");
  readonly far = this.namespaces.add("far");
  private readonly r1 = this.namespaces.add("r1");
  private readonly r2 = this.namespaces.add("r2");

  private constructor() {
    const { namespaces, near, far, r1, r2 } = this;
    namespaces.run(near, `ip link add up0 type veth peer name left netns ${r1}`);
    namespaces.run(r1, `ip link add right type veth peer name left netns ${r2}`);
    namespaces.run(r2, `ip link add right type veth peer name dn0 netns ${far}`);
    namespaces.run(r1, router("2001:db8:a::ff/64", "2001:db8:12::1/64"));
    namespaces.run(r2, router("2001:db8:12::2/64", "2001:db8:b:ff::2/64"));
    namespaces.run(
      near,
      `${SRV6}; ip link set up0 up; ip addr add ${NEAR_ADDRESS}/64 dev up0 nodad
       ip -6 route add default via 2001:db8:a::ff`,
    );
    namespaces.run(
      far,
      `${SRV6}; ip link set dn0 up; ip addr add 2001:db8:b:ff::1/64 dev dn0 nodad
       ip -6 route add default via 2001:db8:b:ff::2
       ip -6 route add ${SID_KERNEL_DECAPSULATES}/128 encap seg6local action End.DT6 table 255 dev dn0`,
    );
    for (const way of WAYS) namespaces.run(far, `ip addr add ${addressOf(way)}/128 dev dn0 nodad`);
    namespaces.run(
      r1,
      `ip -6 route add ${SID_R1}/48 ${END} dev right; ip -6 route add ${SID_R2}/48 via 2001:db8:12::2
       ip -6 route add fcbb:bb00:b::/48 via 2001:db8:12::2; ip -6 route add 2001:db8:b::/48 via 2001:db8:12::2`,
    );
    namespaces.run(
      r2,
      `ip -6 route add ${SID_R2}/48 ${END} dev right; ip -6 route add 2001:db8:a::/64 via 2001:db8:12::1
       ip -6 route add fcbb:bb00:b::/48 via 2001:db8:b:ff::1; ip -6 route add 2001:db8:b::/48 via 2001:db8:b:ff::1`,
    );
    this.kernelRoute("seg6 inline", "inline", [SID_R1, SID_R2]);
    this.kernelRoute("seg6 encap", "encap", [SID_R1, SID_R2, SID_KERNEL_DECAPSULATES]);
    this.kernelRoute("seg6 encap.red", "encap.red", [SID_R1, SID_R2, SID_KERNEL_DECAPSULATES]);
  }

  static up(): ThroughputNetwork {
    return new ThroughputNetwork();
  }

  down(): void {
    this.namespaces.remove();
  }

  private kernelRoute(way: Way, mode: string, segments: readonly Sid[]): void {
    const encapsulation = `encap seg6 mode ${mode} segs ${segments.join(",")}`;
    this.namespaces.run(this.near, `ip -6 route add ${addressOf(way)}/128 ${encapsulation} via 2001:db8:a::ff dev up0`);
  }
}

/** The far host's address that is reached this way. */
export function addressOf(way: Way): Ipv6Address {
  return ipv6(`2001:db8:b:${(WAYS.indexOf(way) + 1).toString(16)}::1`);
}

/** Carriers are shifted, plain SIDs are not: the same routes serve both. RFC 9800 section 4.1. */
const END = "encap seg6local action End flavors next-csid lblen 32 nflen 16";

const SRV6 =
  "for f in /proc/sys/net/ipv6/conf/*/seg6_enabled; do echo 1 > $f; done; sysctl -qw net.ipv6.conf.default.seg6_enabled=1";

function router(left: string, right: string): string {
  return `${SRV6}; sysctl -qw net.ipv6.conf.all.forwarding=1
    ip link set left up; ip link set right up
    ip addr add ${left} dev left nodad; ip addr add ${right} dev right nodad`;
}
