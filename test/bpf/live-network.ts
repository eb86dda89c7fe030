import { closeSync, openSync } from "node:fs";
import { ipv6, ipv6Prefix, type Sid } from "@sextant/model";
import { addressOf, libc } from "../../packages/agent/src/bpf/ffi";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { Namespaces } from "../support/namespaces";
import { OBJECTS, uniqueInstance } from "./packet-path-fixture";

const CLONE_NEWNET = 0x40000000;

/**
 * Two hosts behind a router, with a second way over another one; real links, real SRv6, programs on both hosts:
 *
 *   host a  a0 2001:db8:a::1 ─── r  ─── 2001:db8:b::1  b0  host b
 *           a1 2001:db8:a2::1 ── r2 ─── 2001:db8:b2::1 b1
 */
export const ADDRESS_A = ipv6("2001:db8:a::1");
export const ADDRESS_B = ipv6("2001:db8:b::1");
export const SID_R = ipv6("2001:db8:ffff:1::") as Sid;
export const SID_R2 = ipv6("2001:db8:ffff:2::") as Sid;
const SID_A = ipv6("2001:db8:ffff:a::") as Sid;
export const SID_B = ipv6("2001:db8:ffff:b::") as Sid;

const COMMON = "sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0";
const SRV6 =
  "for f in /proc/sys/net/ipv6/conf/*/seg6_enabled; do echo 1 > $f; done; sysctl -qw net.ipv6.conf.all.forwarding=1";

/** A host of the network with the data plane that runs on it. */
export interface LiveHost {
  readonly namespace: string;
  readonly instance: string;
  plane: KernelDataPlane;
  readonly ifindexes: readonly number[];
}

export class LiveNetwork {
  readonly namespaces = new Namespaces();
  readonly r = this.namespaces.add("r");
  readonly r2 = this.namespaces.add("r2");
  readonly a: LiveHost;
  readonly b: LiveHost;

  private constructor() {
    const [a, b] = [this.namespaces.add("a"), this.namespaces.add("b")];
    for (const name of [a, b, this.r, this.r2]) this.namespaces.run(name, COMMON);
    this.link(a, "a0", "2001:db8:a::1", this.r, "ra", "2001:db8:a::ff");
    this.link(b, "b0", "2001:db8:b::1", this.r, "rb", "2001:db8:b::ff");
    this.link(a, "a1", "2001:db8:a2::1", this.r2, "ra", "2001:db8:a2::ff");
    this.link(b, "b1", "2001:db8:b2::1", this.r2, "rb", "2001:db8:b2::ff");
    this.namespaces.run(this.r, `${SRV6}; ip -6 route add ${SID_B}/128 via 2001:db8:b::1; ${end(SID_R, "rb")}`);
    this.namespaces.run(this.r2, `${SRV6}; ip -6 route add 2001:db8:b::/64 via 2001:db8:b2::1; ${end(SID_R2, "rb")}`);
    this.namespaces.run(
      a,
      `ip -6 route add ${SID_R}/128 via 2001:db8:a::ff; ip -6 route add ${SID_R2}/128 via 2001:db8:a2::ff;
       ip -6 route add 2001:db8:b::/64 via 2001:db8:a::ff`,
    );
    this.namespaces.run(
      b,
      `${SRV6}; ip -6 route add ${SID_R}/128 via 2001:db8:b::ff; ip -6 route add 2001:db8:a::/64 via 2001:db8:b::ff;
       ${end(SID_B, "b0")}`,
    );
    this.a = this.host(a, ["a0", "a1"], SID_A);
    this.b = this.host(b, ["b0", "b1"], SID_B);
  }

  /** Builds the network and attaches both hosts; nothing is steered yet. */
  static up(): LiveNetwork {
    return new LiveNetwork();
  }

  down(): void {
    for (const { plane, namespace, instance } of [this.a, this.b]) {
      plane.close();
      within(namespace, () => KernelDataPlane.destroy(instance));
    }
    this.namespaces.remove();
  }

  /** Packets that an interface has received, by the kernel's own count. */
  received(namespace: string, name: string): number {
    const output = this.namespaces.run(namespace, `ip -json -s link show ${name}`);
    const [link] = JSON.parse(output) as { stats64: { rx: { packets: number } } }[];
    return link?.stats64.rx.packets ?? 0;
  }

  private link(
    left: string,
    leftName: string,
    leftAddress: string,
    right: string,
    rightName: string,
    rightAddress: string,
  ): void {
    this.namespaces.run(left, `ip link add ${leftName} type veth peer name ${rightName} netns ${right}`);
    for (const [name, device, address] of [
      [left, leftName, leftAddress],
      [right, rightName, rightAddress],
    ] as const) {
      this.namespaces.run(name, `ip link set ${device} up; ip -6 addr add ${address}/64 dev ${device} nodad`);
    }
  }

  private host(namespace: string, uplinks: readonly string[], nodeSid: Sid): LiveHost {
    const instance = uniqueInstance();
    const links = JSON.parse(this.namespaces.run(namespace, "ip -json link")) as { ifname: string; ifindex: number }[];
    const ifindexes = uplinks.map((name) => links.find(({ ifname }) => ifname === name)?.ifindex ?? -1);
    const plane = within(namespace, () => {
      const opened = KernelDataPlane.open({ instance, objectDirectory: OBJECTS });
      for (const ifindex of ifindexes) opened.attach(ifindex);
      return opened;
    });
    plane.setConfig({ nodeSid, decapsulationSid: undefined, probeMultiplier: 3, term: 1n });
    plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
    return { namespace, instance, plane, ifindexes };
  }
}

/** Runs `work`, which must not wait for anything, with this thread in a namespace. */
export function within<T>(namespace: string, work: () => T): T {
  const before = openSync("/proc/thread-self/ns/net", "r");
  const inside = openSync(`/run/netns/${namespace}`, "r");
  try {
    if (libc().setns(inside, CLONE_NEWNET) !== 0) throw new Error(`cannot enter ${namespace}`);
    return work();
  } finally {
    libc().setns(before, CLONE_NEWNET);
    closeSync(before);
    closeSync(inside);
  }
}

/** Hands the kernel one buffer to be cut into datagrams of `segmentBytes` (UDP_SEGMENT), from the namespace of this thread. */
export function sendSuperPacket(destination: Uint8Array, port: number, bytes: number, segmentBytes: number): void {
  const [AF_INET6, SOCK_DGRAM, SOL_UDP, UDP_SEGMENT] = [10, 2, 17, 103];
  const socket = libc().socket(AF_INET6, SOCK_DGRAM, 0);
  const option = Buffer.alloc(4);
  option.writeInt32LE(segmentBytes);
  libc().setsockopt(socket, SOL_UDP, UDP_SEGMENT, option, 4);
  // One buffer for all that the call points to: message, vector, address, payload.
  const message = Buffer.alloc(64 + 16 + 28 + bytes, 1).fill(0, 0, 108);
  const base = addressOf(message);
  message.writeBigUInt64LE(base + 80n);
  message.writeUInt32LE(28, 8);
  message.writeBigUInt64LE(base + 64n, 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(base + 108n, 64);
  message.writeBigUInt64LE(BigInt(bytes), 72);
  message.writeUInt16LE(AF_INET6, 80);
  message.writeUInt16BE(port, 82);
  message.set(destination, 88);
  const sent = libc().sendmmsg(socket, message, 1, 0);
  libc().close(socket);
  if (sent !== 1) throw new Error("the super-packet was not sent");
}

function end(sid: Sid, device: string): string {
  return `ip -6 route add ${sid}/128 encap seg6local action End dev ${device}`;
}
