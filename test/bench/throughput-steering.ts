import { addressPrefix, type Encapsulation, ipv6Prefix, type Sid } from "@sextant/model";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import type { KernelRule, NextHop } from "../../packages/agent/src/reconcile/data-plane";
import { headerBytes } from "../../packages/agent/src/reconcile/header-bytes";
import { within } from "../bpf/live-network";
import { OBJECTS, uniqueInstance } from "../bpf/packet-path-fixture";
import {
  addressOf,
  CARRIER,
  NEAR_ADDRESS,
  SID_R1,
  SID_R2,
  SID_WE_DECAPSULATE,
  type ThroughputNetwork,
  type Way,
} from "./throughput-network";

interface Steered {
  readonly encapsulation: Encapsulation;
  readonly segments: readonly Sid[];
}

/** What the packet path puts on packets of each way that is its own. */
const STEERED: Partial<Record<Way, Steered>> = {
  insert: { encapsulation: "insert", segments: [SID_R1, SID_R2] },
  encap: { encapsulation: "encap", segments: [SID_R1, SID_R2, SID_WE_DECAPSULATE] },
  "encap full": { encapsulation: "encap-full", segments: [SID_R1, SID_R2, SID_WE_DECAPSULATE] },
  usid: { encapsulation: "encap", segments: [CARRIER] },
};
const LINK_MTU = 1_500;

interface Host {
  readonly namespace: string;
  readonly instance: string;
  readonly plane: KernelDataPlane;
  readonly ifindex: number;
}

/** The product's programs on both hosts, with a policy for each way; on the interfaces only while a way needs them. */
export class ThroughputSteering {
  readonly #near: Host;
  readonly #far: Host;
  #attached = false;

  constructor(network: ThroughputNetwork) {
    this.#near = open(network, network.near, "up0");
    this.#far = open(network, network.far, "dn0");
    const common = { probeMultiplier: 3, term: 1n };
    this.#near.plane.setConfig({ ...common, nodeSid: SID_WE_DECAPSULATE, decapsulationSid: undefined });
    this.#far.plane.setConfig({ ...common, nodeSid: SID_R2, decapsulationSid: SID_WE_DECAPSULATE });
    for (const { plane } of [this.#near, this.#far]) plane.addDomainSource(ipv6Prefix("2001:db8::/32"));
    this.#far.plane.addSender({ sender: NEAR_ADDRESS, inner: ipv6Prefix("2001:db8:a::/64") });
    const ways = Object.entries(STEERED) as [Way, Steered][];
    ways.forEach(([way, steered], i) => this.#steer(BigInt(i + 1), way, steered));
  }

  /** True for ways that the packet path forwards. */
  static has(way: Way): boolean {
    return STEERED[way] !== undefined;
  }

  /** Puts the programs on the interfaces of both hosts, or takes them off: plain and kernel ways run without. */
  attach(wanted: boolean): void {
    if (wanted === this.#attached) return;
    this.#attached = wanted;
    for (const { namespace, plane, ifindex } of [this.#near, this.#far]) {
      within(namespace, () => (wanted ? plane.attach(ifindex) : plane.detach(ifindex)));
    }
  }

  /** Packets that went onto the list of a way. */
  packets(way: Way): bigint {
    const key = BigInt(Object.keys(STEERED).indexOf(way) + 1);
    return this.#near.plane.observeLists().get(key)?.packets ?? 0n;
  }

  down(): void {
    for (const { namespace, plane, instance } of [this.#near, this.#far]) {
      plane.close();
      within(namespace, () => KernelDataPlane.destroy(instance));
    }
  }

  #steer(key: bigint, way: Way, steered: Steered): void {
    const { plane, ifindex } = this.#near;
    const nextHop: NextHop = { ifindex, gateway: undefined };
    const bytes = headerBytes({ ...steered, source: NEAR_ADDRESS, signingKey: undefined });
    const encapsulation = steered.encapsulation === "insert" ? "insert" : "encap";
    plane.putList(key, { ...bytes, encapsulation, nextHop, mtu: LINK_MTU, nonce: 1n });
    plane.putPolicy(key, {
      candidates: [{ lists: [{ list: key, weight: 1 }] }],
      onNoPath: "drop",
      spread: { kind: "flow" },
    });
    plane.putDestination(addressPrefix(addressOf(way)), {
      rules: [{ ...ANY_TCP, policy: key }],
      packetBytesMax: undefined,
    });
  }
}

const ANY_TCP: Omit<KernelRule, "policy"> = {
  rank: 1n,
  protocol: 6,
  source: undefined,
  sourcePorts: undefined,
  ports: undefined,
  dscp: undefined,
  cgroup: undefined,
  uid: undefined,
  executable: undefined,
};

function open({ namespaces }: ThroughputNetwork, namespace: string, uplink: string): Host {
  const [link] = JSON.parse(namespaces.run(namespace, `ip -json link show ${uplink}`)) as { ifindex: number }[];
  const instance = uniqueInstance();
  const plane = within(namespace, () => KernelDataPlane.open({ instance, objectDirectory: OBJECTS }));
  return { namespace, instance, plane, ifindex: link?.ifindex ?? -1 };
}
