import { type Encapsulation, type IpAddress, ipv6, type IpPrefix, isIpv4, type Sid } from "@sextant/model";
import type { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import type { KernelKey, KernelPolicy, KernelRule } from "../../packages/agent/src/reconcile/data-plane";
import { headerBytes } from "../../packages/agent/src/reconcile/header-bytes";
import { rankOf } from "../../packages/agent/src/reconcile/precedence";
import type { TracedPacket } from "../../packages/agent/src/trace/traced-packet";

const OUTER_SOURCE = ipv6("2001:db8:a::1");
const LISTS = [1n, 2n, 3n, 4n, 5n, 6n];
const POLICIES = [11n, 12n, 13n, 14n];
/** Around one another, in both families; the last of each is around all addresses. */
const PREFIXES = [
  "2001:db8:b::1/128",
  "2001:db8:b::/64",
  "2001:db8:b::/56",
  "2001:db8::/32",
  "::/0",
  "198.51.100.1/32",
  "198.51.100.0/28",
  "198.51.100.0/24",
  "0.0.0.0/0",
] as IpPrefix[];
const SOURCES = ["2001:db8:a::1", "2001:db8:a5::1", "2001:dead::1"] as IpAddress[];
const DESTINATIONS = [
  "2001:db8:b::1",
  "2001:db8:b::2",
  "2001:db8:b:ff::1",
  "2001:db8:c::1",
  "2001:dead::2",
] as IpAddress[];
const SOURCES_IPV4 = ["192.0.2.1", "203.0.113.9"] as IpAddress[];
const DESTINATIONS_IPV4 = ["198.51.100.1", "198.51.100.2", "198.51.100.99", "203.0.113.1"] as IpAddress[];
const SOURCE_PREFIXES = ["2001:db8:a::/48", "2001:db8::/32", "192.0.2.0/24"] as IpPrefix[];
const PROTOCOLS = [6, 17, 47, 58, 132];
const PORTS = [53, 443, 5_000, 5_999, 40_000];
const DSCPS = [0, 10, 46];

/** Draws from lists, and yes or no, by a seed. */
export class Dice {
  constructor(readonly random: () => number) {}

  below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  one<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError("nothing to draw from");
    return value;
  }

  /** Undefined as often as not. */
  maybe<T>(draw: () => T): T | undefined {
    return this.random() < 0.5 ? undefined : draw();
  }
}

/** Fills an empty data plane with random lists, policies and rules; all packets leave by `ifindex`. */
export function fillAtRandom(plane: KernelDataPlane, ifindex: number, dice: Dice): void {
  for (const key of LISTS) {
    const wanted = dice.one<Encapsulation>(["insert", "encap", "encap-full"]);
    const segments = Array.from({ length: 1 + dice.below(6) }, (_, i) => ipv6(`2001:db8:ffff:${i + 1}::${key}`) as Sid);
    const bytes = headerBytes({ encapsulation: wanted, segments, source: OUTER_SOURCE, signingKey: undefined });
    const encapsulation = wanted === "insert" ? "insert" : "encap";
    const nextHop = { ifindex, gateway: undefined };
    plane.putList(key, { ...bytes, encapsulation, nextHop, mtu: dice.one([600, 1_400, 1_500, 9_000]), nonce: 1n });
  }
  for (const key of POLICIES) plane.putPolicy(key, randomPolicy(dice));
  for (const prefix of PREFIXES) {
    const rules = Array.from({ length: dice.below(6) }, () => randomRule(prefix, dice));
    if (rules.length === 0) continue;
    rules.sort((a, b) => (a.rank < b.rank ? 1 : a.rank > b.rank ? -1 : 0));
    plane.putDestination(prefix, { rules, packetBytesMax: undefined });
  }
}

/** Takes away everything that `fillAtRandom` may have put. */
export function emptyPlane(plane: KernelDataPlane): void {
  for (const prefix of plane.destinations().keys()) plane.deleteDestination(prefix);
  for (const key of plane.policies().keys()) plane.deletePolicy(key);
  for (const key of plane.lists().keys()) plane.deleteList(key);
}

function randomPolicy(dice: Dice): KernelPolicy {
  const lists = (): KernelPolicy["candidates"][number] => {
    const keys = new Set<KernelKey>(Array.from({ length: dice.below(4) }, () => dice.one(LISTS)));
    return { lists: [...keys].map((list) => ({ list, weight: 1 + dice.below(9) })) };
  };
  return {
    candidates: Array.from({ length: dice.below(4) }, lists),
    onNoPath: dice.one(["route", "drop"]),
    spread: { kind: "flow" },
  };
}

function randomRule(destination: IpPrefix, dice: Dice): KernelRule {
  const range = () => {
    const [a, b] = [dice.one(PORTS), dice.one(PORTS)];
    return { first: Math.min(a, b), last: Math.max(a, b) };
  };
  const asked: Omit<KernelRule, "policy" | "rank"> = {
    protocol: dice.maybe(() => dice.one(PROTOCOLS)),
    source: dice.maybe(() => dice.one(SOURCE_PREFIXES)),
    sourcePorts: dice.random() < 0.2 ? range() : undefined,
    ports: dice.maybe(range),
    dscp: dice.random() < 0.3 ? dice.one(DSCPS) : undefined,
    cgroup: dice.random() < 0.1 ? { id: 1n, level: 1 } : undefined,
    uid: dice.random() < 0.1 ? 4_242 : undefined,
    executable: dice.random() < 0.1 ? { device: 1, inode: 1n } : undefined,
  };
  return {
    ...asked,
    policy: dice.one(POLICIES),
    rank: rankOf({ ...asked, priority: dice.one([100, 200]), destination }),
  };
}

/** A packet that has something to do with those rules. */
export function randomPacket(dice: Dice): TracedPacket {
  const destination = dice.one([...DESTINATIONS, ...DESTINATIONS_IPV4]);
  const protocol = dice.one(PROTOCOLS);
  const port = () => (protocol === 47 || protocol === 58 ? undefined : dice.one(PORTS));
  return {
    source: dice.one(isIpv4(destination) ? SOURCES_IPV4 : SOURCES),
    destination,
    protocol,
    sourcePort: port(),
    destinationPort: port(),
    dscp: dice.one(DSCPS),
    bytes: dice.one([100, 500, 700, 1_280, 1_340, 1_450, 1_500]),
    socket: undefined,
    forwarded: false,
  };
}
