import { addressPrefix, type IpAddress, type IpPrefix, ipPrefixCovers, isIpv4, type Ipv6Prefix } from "@sextant/model";
import type { KernelList, KernelPolicy } from "../reconcile/data-plane";
import type { KernelState } from "../reconcile/kernel-state";
import { flowHash } from "./flow-hash";
import { nearestRules, rankRules, type TracedRule } from "./rank-rules";
import { rendezvousScore } from "./rendezvous";
import { type ListFacts, type TracedCandidate, type TracedList, traceCandidates } from "./trace-candidates";
import type { TracedPacket } from "./traced-packet";

/** Upper layers that far ends take behind an inserted header: bpf/lib/upper_layer.h. */
const FINISHING_PROTOCOLS: ReadonlySet<number> = new Set([6, 17, 33, 50, 51, 58, 59, 132, 136]);

/** What of the kernel a trace needs. */
export type TraceState = Pick<KernelState, "destinations" | "policies"> & ListFacts;

/** What happens to the packet on one list. `reason` is the packet path's own word for its exit. */
export type TracedFit =
  | { readonly kind: "fits"; readonly bytes: number }
  /** With its header it would be too long. The sender is told the MTU, or null: a smaller packet would not help. */
  | { readonly kind: "too_big"; readonly bytes: number; readonly tellsMtu: number | null }
  /**
   * Not into this packet: IPv4 has no place for a segment routing header, a forwarded packet is another's, and what comes from
   * outside the domain, or is of a protocol that tunnels, would be dropped at the far end.
   */
  | {
      readonly kind: "refused";
      readonly reason: "ipv4_insert" | "forwarded_insert" | "source_foreign" | "upper_layer_insert";
    };

/** Why a packet leaves as it came, or not at all. */
export type TracedEnd = "local_scope" | "no_match" | "policy_missing" | "no_path_routed" | "no_path_dropped";

/** What the egress program does with a packet and why. */
export interface TraceDecision {
  /** The rules of all prefixes around the destination in the order in which they win; without a match the nearest of all. */
  readonly rules: readonly TracedRule[];
  readonly winner: TracedRule | undefined;
  readonly policy: KernelPolicy | undefined;
  readonly candidates: readonly TracedCandidate[];
  /** Set when no list is reached. */
  readonly end: TracedEnd | undefined;
}

const NEAREST = 5;
const IPV6_MIN_MTU = 1_280;
/** What an ICMP error quotes of an IPv4 packet. */
const IPV4_QUOTE_BYTES = 548;

/** Answers as the egress program would, field by field; `bpf/egress.bpf.c` is its other form. Pure. */
export function traceDecision(state: TraceState, packet: TracedPacket): TraceDecision {
  if (isLocalScope(packet.destination)) return undecided([], "local_scope");
  const rules = rankRules(state.destinations, packet);
  const winner = rules.find(({ differences }) => differences.length === 0);
  if (winner === undefined) return undecided(nearestRules(state.destinations, packet, NEAREST), "no_match");
  const policy = state.policies.get(winner.rule.policy);
  const found = { rules, winner, policy };
  if (policy === undefined) return { ...found, candidates: [], end: "policy_missing" };
  const candidates = traceCandidates(policy, state);
  const end = candidates.some(({ chosen }) => chosen) ? undefined : noPath(policy);
  return { ...found, candidates, end };
}

/**
 * The list that the packet is put on; several where the choice is not known: spread by packet or flowlet, or by a flow of
 * which not both ports are given.
 */
export function listsTaken({ candidates, policy }: TraceDecision, packet: TracedPacket): TracedList[] {
  const usable = candidates.filter(({ chosen }) => chosen).flatMap(({ lists }) => lists.filter(({ usable }) => usable));
  const hash = flowHash(packet);
  if (policy?.spread.kind !== "flow" || hash === undefined) return usable;
  const scored = usable.map((list) => ({ list, score: rendezvousScore(hash, list.slot, list.weight) }));
  return scored
    .sort((a, b) => (a.score < b.score ? 1 : a.score > b.score ? -1 : 0))
    .slice(0, 1)
    .map(({ list }) => list);
}

/** Whether the packet goes onto a list. */
export function traceFit(list: KernelList, packet: TracedPacket, sources: ReadonlySet<Ipv6Prefix>): TracedFit {
  const { encapsulation, header, mtu } = list;
  if (encapsulation === "insert") {
    if (isIpv4(packet.destination)) return { kind: "refused", reason: "ipv4_insert" };
    if (packet.forwarded) return { kind: "refused", reason: "forwarded_insert" };
    if (!sourceIsTrusted(sources, packet.source)) return { kind: "refused", reason: "source_foreign" };
    if (!FINISHING_PROTOCOLS.has(packet.protocol)) return { kind: "refused", reason: "upper_layer_insert" };
  }
  const bytes = packet.bytes + header.length;
  return bytes <= mtu ? { kind: "fits", bytes } : { kind: "too_big", bytes, tellsMtu: mtuTold(list, packet) };
}

/** IPv6 has no smaller MTU than 1280, and IPv4 packets that short tell nobody whose they were. */
function mtuTold({ mtu, header }: KernelList, { bytes, destination }: TracedPacket): number | null {
  const fitting = mtu - header.length;
  if (isIpv4(destination)) return bytes < IPV4_QUOTE_BYTES ? null : fitting;
  return bytes <= IPV6_MIN_MTU ? null : Math.max(IPV6_MIN_MTU, fitting);
}

function undecided(rules: readonly TracedRule[], end: TracedEnd): TraceDecision {
  return { rules, winner: undefined, policy: undefined, candidates: [], end };
}

function noPath({ onNoPath }: KernelPolicy): TracedEnd {
  return onNoPath === "drop" ? "no_path_dropped" : "no_path_routed";
}

/** Multicast, and what stays on the link. */
function isLocalScope(address: IpAddress): boolean {
  const ranges = ["ff00::/8", "fe80::/10", "224.0.0.0/4", "169.254.0.0/16", "255.255.255.255/32"] as IpPrefix[];
  return ranges.some((range) => ipPrefixCovers(range, addressPrefix(address)));
}

function sourceIsTrusted(sources: ReadonlySet<Ipv6Prefix>, source: IpAddress): boolean {
  return [...sources].some((prefix) => ipPrefixCovers(prefix, addressPrefix(source)));
}
