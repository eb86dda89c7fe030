import {
  blocksOf,
  contentHash,
  type DesiredDomain,
  type DesiredSender,
  type DesiredState,
  DOMAIN_KEY,
  PROBING_KEY,
  type EntryKey,
  type Ipv6Prefix,
  isIpv6Address,
  isListKey,
  isPolicyKey,
  type Revised,
  type Topology,
  type TopologyNode,
} from "@sextant/model";
import { canonicalJson } from "./canonical-json";
import type { ListEntry, PolicyEntries } from "./entries";
import { hostDestinations } from "./match";

/** What every host must know of the SR domain, worked out once per topology. */
export interface Domain {
  readonly sources: readonly Ipv6Prefix[];
  readonly digest: string;
}

/** Sources whose segment routing headers hosts accept: everything hosts own, and the routers' locators of every algorithm. */
export function domainOf(topology: Topology): Domain {
  const sources = [...blocksOf(topology), ...topology.hostPrefixes].sort();
  return { sources, digest: contentHash(sources.join(",")) };
}

/** What is wanted of one host. */
export interface HostParts {
  readonly policies: Iterable<PolicyEntries>;
  /** Lists that it keeps and probes though no policy uses them. */
  readonly retained?: readonly ListEntry[];
  /** The hosts with policies whose outer headers end here. */
  readonly senders?: readonly TopologyNode[];
  /** How it probes its lists. */
  readonly probing?: Revised | undefined;
}

/** Stage push, second part: the whole desired state of a host; empty when the topology does not know it. Equal inputs give equal revisions. */
export function desiredFor(
  host: TopologyNode | undefined,
  domain: Domain | undefined,
  { policies, retained = [], senders = [], probing }: HostParts,
): DesiredState {
  const desired = new Map<EntryKey, Revised>();
  if (host === undefined || domain === undefined) return desired;
  desired.set(DOMAIN_KEY, domainEntry(host, domain, senders));
  for (const { revision, entry } of retained) desired.set(entry.key, { revision, entry });
  for (const { policy, lists } of policies) {
    for (const { revision, entry } of lists) desired.set(entry.key, { revision, entry });
    desired.set(policy.entry.key, policy);
  }
  if (probing !== undefined) desired.set(PROBING_KEY, probing);
  return desired;
}

function domainEntry(host: TopologyNode, domain: Domain, senderNodes: readonly TopologyNode[]): Revised {
  const { sid: nodeSid, decapsulationSid, addresses } = host;
  const senders = senderNodes.flatMap(senderOf).sort((a, b) => compare(a.sender, b.sender));
  const entry: DesiredDomain = {
    kind: "domain",
    key: DOMAIN_KEY,
    sources: domain.sources,
    nodeSid,
    decapsulationSid,
    addresses,
    senders,
  };
  const revision = contentHash(canonicalJson([domain.digest, nodeSid, decapsulationSid ?? "", addresses, senders]));
  return { revision, entry };
}

/** Outer headers start from a host's first IPv6 address, and hold what comes from its own addresses or from behind it. */
function senderOf(node: TopologyNode): DesiredSender[] {
  const sender = node.addresses.find(isIpv6Address);
  return sender === undefined ? [] : [{ sender, prefixes: hostDestinations(node) }];
}

/** What has to be sent, in the order that makes before it breaks: any prefix of it is safe to send alone. */
export type Change =
  | { readonly kind: "upsert"; readonly revised: Revised }
  | { readonly kind: "removal"; readonly key: string };

/**
 * Stage push, third part: what separates a host from its desired state. Lists come before the policies that point at
 * them, and go after the last policy that did. `held` maps keys to revisions.
 */
export function diff(desired: DesiredState, held: ReadonlyMap<string, { readonly revision: string }>): Change[] {
  const upserts = [...desired]
    .filter(([key, { revision }]) => held.get(key)?.revision !== revision)
    .sort(([a], [b]) => installRank(a) - installRank(b) || compare(a, b))
    .map(([, revised]): Change => ({ kind: "upsert", revised }));
  const removals = [...held.keys()]
    .filter((key) => !desired.has(key as EntryKey))
    .sort((a, b) => installRank(b) - installRank(a) || compare(a, b))
    .map((key): Change => ({ kind: "removal", key }));
  return [...upserts, ...removals];
}

/** The first changes, at least one, that together stay below a size on the wire. */
export function firstChanges(changes: readonly Change[], maxBytes: number): readonly Change[] {
  let bytes = 0;
  const end = changes.findIndex((change, i) => {
    bytes += wireBytes(change);
    return i > 0 && bytes > maxBytes;
  });
  return end === -1 ? changes : changes.slice(0, end);
}

function installRank(key: string): number {
  if (isListKey(key)) return 0;
  return isPolicyKey(key) ? 2 : 1;
}

/** A generous estimate: what matters is that a delta stays far below the largest message. */
function wireBytes(change: Change): number {
  if (change.kind === "removal") return 8 + change.key.length;
  const { entry } = change.revised;
  const base = 64 + entry.key.length;
  switch (entry.kind) {
    case "list":
      return base + 18 * [entry.segments, entry.probeSegments, entry.alternateProbeSegments].flat().length;
    case "domain":
      return base + 26 * entry.sources.length + 18 * entry.addresses.length + sendersBytes(entry.senders);
    case "probing":
      return base + entry.lists.reduce((sum, { links }) => sum + 64 + 8 * links.length, 0);
    case "policy": {
      const { match, candidates } = entry;
      const lists = candidates.reduce((sum, candidate) => sum + candidate.lists.length, 0);
      const prefixes = match.destinations.length + match.sources.length;
      const ports = match.ports.length + match.sourcePorts.length;
      const texts = [match.cgroup, match.systemdUnit, match.container, match.user, match.executable, ...match.dnsNames];
      const characters = texts.reduce((sum, text) => sum + (text?.length ?? 0) + 4, 0);
      return base + 128 + 26 * prefixes + 12 * ports + 40 * lists + 8 * candidates.length + characters;
    }
  }
}

function sendersBytes(senders: readonly DesiredSender[]): number {
  return senders.reduce((sum, { prefixes }) => sum + 24 + 26 * prefixes.length, 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
