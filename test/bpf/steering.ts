import { type IpPrefix, ipv6, ipv6Prefix, parseIpPrefix, type Sid } from "@sextant/model";
import { headerBytes, type HeaderOptions } from "../../packages/agent/src/reconcile/header-bytes";
import type { KernelList, KernelPolicy, KernelRule } from "../../packages/agent/src/reconcile/data-plane";
import { PacketPathFixture } from "./packet-path-fixture";
import { ifindexOf, ip } from "./private-namespace";
import { runProgram } from "./program-run";

/** The steering host's own address: source of outer headers, and of the domain. */
export const SELF = ipv6("2001:db8:a::1");
export const LINK_MTU = 1500;

/** A rule for every packet, but for what is said. */
export function rule(fields: Partial<KernelRule> = {}): KernelRule {
  return {
    policy: 1n,
    rank: 1n,
    protocol: undefined,
    source: undefined,
    sourcePorts: undefined,
    ports: undefined,
    dscp: undefined,
    cgroup: undefined,
    uid: undefined,
    executable: undefined,
    ...fields,
  };
}

export const sids = (...texts: string[]): Sid[] => texts.map((text) => ipv6(text) as Sid);

export function list(
  ifindex: number,
  options: Pick<HeaderOptions, "encapsulation" | "segments">,
  fields: Partial<KernelList> = {},
): KernelList {
  return {
    encapsulation: options.encapsulation === "insert" ? "insert" : "encap",
    ...headerBytes({ source: SELF, signingKey: undefined, ...options }),
    nextHop: { ifindex, gateway: undefined },
    mtu: LINK_MTU,
    nonce: 11n,
    ...fields,
  };
}

/** Candidates of one list each, in order of preference. */
export function policy(lists: readonly bigint[], fields: Partial<KernelPolicy> = {}): KernelPolicy {
  const candidates = lists.map((key) => ({ lists: [{ list: key, weight: 1 }] }));
  return { candidates, onNoPath: "route", spread: { kind: "flow" }, ...fields };
}

export function prefix(text: string): IpPrefix {
  const parsed = parseIpPrefix(text);
  if (parsed === undefined) throw new RangeError(`"${text}" is no prefix`);
  return parsed;
}

/** A host with two uplinks in a namespace of its own; nothing is steered yet. */
export class SteeringHost {
  private constructor(
    readonly fixture: PacketPathFixture,
    readonly uplink: number,
    readonly otherUplink: number,
  ) {}

  static open(): SteeringHost {
    const fixture = PacketPathFixture.open();
    ip("link add up0 type veth peer name up1");
    ip("link set up0 up");
    ip("link set up1 up");
    const host = new SteeringHost(fixture, ifindexOf("up0"), ifindexOf("up1"));
    const nodeSid = ipv6("2001:db8:fffe:1::") as Sid;
    host.plane.setConfig({ nodeSid, decapsulationSid: undefined, probeMultiplier: 3, term: 1n });
    host.plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
    return host;
  }

  get plane(): PacketPathFixture["plane"] {
    return this.fixture.plane;
  }

  steer(text: string, ...rules: Partial<KernelRule>[]): void {
    const sorted = rules.map((fields, i) => rule({ rank: BigInt(rules.length - i), ...fields }));
    this.plane.putDestination(prefix(text), { rules: sorted, packetBytesMax: undefined });
  }

  out(frame: Buffer, skb: Parameters<PacketPathFixture["run"]>[2] = {}): ReturnType<PacketPathFixture["run"]> {
    return this.fixture.run("egress", frame, { ifindex: this.uplink, ...skb });
  }

  /** What becomes of a frame, without looking at counters: for many of them. */
  passed(frame: Buffer): Buffer {
    return runProgram(this.fixture.programs.egress, frame, { ifindex: this.uplink }).frame;
  }

  close(): void {
    this.fixture.close();
  }
}
