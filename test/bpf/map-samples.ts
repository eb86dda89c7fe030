import { ipv6, type Sid } from "@sextant/model";
import type { KernelDestination, KernelList, KernelRule } from "../../packages/agent/src/reconcile/data-plane";
import { headerBytes } from "../../packages/agent/src/reconcile/header-bytes";
import { policy, prefix, rule } from "./steering";

export const sid = (n: number) => ipv6(`2001:db8:ffff:${n.toString(16)}::`) as Sid;

/** A list over two segments whose numbers and nonce follow from `n`. */
export function listOf(n: number, segments: readonly Sid[] = [sid(n), sid(n + 1)]): KernelList {
  const source = ipv6("2001:db8:a::1");
  return {
    encapsulation: "insert",
    ...headerBytes({ encapsulation: "insert", segments, source, signingKey: undefined }),
    nextHop: { ifindex: 7, gateway: ipv6("fe80::1") },
    mtu: 1500,
    nonce: BigInt(n),
  };
}

/** A policy whose candidates have one list each. */
export const policyOf = (...lists: readonly bigint[]) => policy(lists);

/** A rule that asks for nothing. */
export const ruleOf = (key: bigint, rank = 1n) => rule({ policy: key, rank });

/** A rule that asks for everything there is, each value at its bound. */
export function fullRuleOf(key: bigint, rank = 0xffff_ffff_ffff_ffffn): KernelRule {
  return {
    policy: key,
    rank,
    protocol: 255,
    source: prefix("198.51.100.0/24"),
    sourcePorts: { first: 0, last: 65535 },
    ports: { first: 65535, last: 65535 },
    dscp: 63,
    cgroup: { id: 0xffff_ffff_ffff_ffffn, level: 255 },
    uid: 0xffff_ffff,
    executable: { device: 0xffff_ffff, inode: 0xffff_ffff_ffff_ffffn },
  };
}

export function destinationOf(...rules: readonly KernelRule[]): KernelDestination {
  return { rules, packetBytesMax: undefined };
}
