import {
  addressPrefix,
  type IpAddress,
  type IpPrefix,
  ipPrefixCovers,
  isIpv4,
  type Ipv6Prefix,
  mappedPrefix,
} from "@sextant/model";
import type { KernelList, KernelPolicy } from "../reconcile/data-plane";
import type { KernelState } from "../reconcile/kernel-state";
import { nearestRules, rankRules, type TracedRule } from "./rank-rules";
import { isUsable, type ListFacts, type TracedCandidate, traceCandidates } from "./trace-candidates";
import type { TracedPacket } from "./traced-packet";

/** What of the kernel a trace needs. */
export type TraceState = Pick<KernelState, "destinations" | "policies" | "domainSources"> & ListFacts;

/** What happens to the packet on one list. `reason` is the packet path's own word for its exit. */
export type TracedFit =
  | { readonly kind: "fits"; readonly bytes: number }
  /** With its header it would be too long; the sender is told what fits. */
  | { readonly kind: "too_big"; readonly bytes: number; readonly tellsMtu: number }
  /** A forwarded packet may not be inserted into, and IPv4 has no place for a segment routing header. */
  | { readonly kind: "refused"; readonly reason: "forwarded_insert" | "ipv4_insert" };

/** Why a packet leaves as it came, or not at all. */
export type TracedEnd =
  | "local_scope"
  | "no_match"
  | "policy_missing"
  | "source_foreign"
  | "no_path_routed"
  | "no_path_dropped";

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

/** Answers as the egress program would, field by field; `bpf/egress.bpf.c` is its other form. Pure. */
export function traceDecision(state: TraceState, packet: TracedPacket): TraceDecision {
  if (isLocalScope(packet.destination)) return undecided([], "local_scope");
  const rules = rankRules(state.destinations, packet);
  const winner = rules.find(({ differences }) => differences.length === 0);
  if (winner === undefined) return undecided(nearestRules(state.destinations, packet, NEAREST), "no_match");
  const policy = state.policies.get(winner.rule.policy);
  const found = { rules, winner, policy };
  if (!sourceIsTrusted(state.domainSources, packet.source)) return { ...found, candidates: [], end: "source_foreign" };
  if (policy === undefined) return { ...found, candidates: [], end: "policy_missing" };
  const candidates = traceCandidates(policy, state);
  const end = candidates.some(({ chosen }) => chosen) ? undefined : noPath(policy);
  return { ...found, candidates, end };
}

/** The lists that the packet may be put on: those of the chosen candidate that are usable. */
export function usableLists({ candidates }: TraceDecision) {
  return candidates.filter(({ chosen }) => chosen).flatMap(({ lists }) => lists.filter(isUsable));
}

/** Whether the packet goes onto a list. */
export function traceFit(list: KernelList, packet: TracedPacket): TracedFit {
  const { encapsulation, header, mtu } = list;
  if (encapsulation === "insert") {
    if (isIpv4(packet.destination)) return { kind: "refused", reason: "ipv4_insert" };
    if (packet.forwarded) return { kind: "refused", reason: "forwarded_insert" };
  }
  const bytes = packet.bytes + header.length;
  return bytes <= mtu ? { kind: "fits", bytes } : { kind: "too_big", bytes, tellsMtu: mtu - header.length };
}

function undecided(rules: readonly TracedRule[], end: TracedEnd): TraceDecision {
  return { rules, winner: undefined, policy: undefined, candidates: [], end };
}

function noPath({ onNoPath }: KernelPolicy): TracedEnd {
  return onNoPath === "drop" ? "no_path_dropped" : "no_path_routed";
}

/** Multicast, and what stays on the link. */
function isLocalScope(address: IpAddress): boolean {
  const ranges = ["ff00::/8", "fe80::/10", "224.0.0.0/4", "169.254.0.0/16"] as IpPrefix[];
  return ranges.some((range) => ipPrefixCovers(range, addressPrefix(address)));
}

/** A receiver would drop what comes from outside the domain. */
function sourceIsTrusted(sources: ReadonlySet<Ipv6Prefix>, source: IpAddress): boolean {
  const address = mappedPrefix(addressPrefix(source));
  return isIpv4(source) || [...sources].some((prefix) => ipPrefixCovers(prefix, address));
}
