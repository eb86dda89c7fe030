import {
  contentHash,
  type DesiredEntry,
  type DesiredState,
  type DesiredList,
  type DesiredPolicy,
  DOMAIN_KEY,
  type EntryKey,
  hostPrefix,
  type Intent,
  type Ipv6Prefix,
  isListKey,
  isPolicyKey,
  listKey,
  policyKey,
  type Revised,
  type SegmentList,
  type Topology,
  type TopologyNode,
} from "@sextant/model";
import { canonicalJson } from "./canonical-json";

/** A policy with its encoded candidates, ready to be turned into entries. */
export interface EncodedPolicy {
  readonly endpoint: string;
  readonly destinations: readonly Ipv6Prefix[];
  /** In falling preference; empty when there is no path. */
  readonly candidates: readonly { readonly preference: number; readonly segmentLists: readonly SegmentList[] }[];
}

/** The entries that one policy adds to its host's desired state. */
export interface PolicyEntries {
  readonly policy: Revised & { readonly entry: DesiredPolicy };
  readonly lists: readonly (Revised & { readonly entry: DesiredList })[];
}

/** What every host must know of the SR domain, worked out once per topology. */
export interface Domain {
  readonly sources: readonly Ipv6Prefix[];
  readonly digest: string;
}

/**
 * Stage push, first half: a policy's entries. A policy without a path is pushed too, with no candidates: its packets then
 * get what `onNoPath` says, exactly as when all its paths are dead, instead of falling to an intent of lower priority.
 */
export function policyEntries(intent: Intent, policy: EncodedPolicy): PolicyEntries {
  const lists = new Map<EntryKey, PolicyEntries["lists"][number]>();
  const candidates = policy.candidates.map(({ preference, segmentLists }) => ({
    preference,
    lists: segmentLists.map(({ segments, probeSegments, weight }) => {
      const key = listKey(segments, probeSegments);
      const revision = key.slice("list/".length);
      lists.set(key, { revision, entry: { kind: "list", key, segments, probeSegments } });
      return { list: key, weight };
    }),
  }));
  const { cgroup, protocol, ports } = intent.application;
  const entry: DesiredPolicy = {
    kind: "policy",
    key: policyKey(intent.name, policy.endpoint),
    intent: intent.name,
    endpoint: policy.endpoint,
    generation: intent.generation,
    priority: intent.priority,
    candidates,
    onNoPath: intent.onNoPath,
    match: { cgroup, protocol, destinations: policy.destinations, ports },
  };
  return { policy: { revision: revisionOf(entry), entry }, lists: [...lists.values()] };
}

/** Prefixes that packets of a host's endpoint go to: its addresses and what lies behind it. */
export function hostDestinations(node: TopologyNode): Ipv6Prefix[] {
  return [...new Set([...node.addresses.map(hostPrefix), ...node.prefixes])].sort();
}

/** Sources whose segment routing headers hosts accept: everything hosts own, and the routers' locators. */
export function domainOf(topology: Topology): Domain {
  const sources = [topology.locatorBlock, ...topology.hostPrefixes].sort();
  return { sources, digest: contentHash(sources.join(",")) };
}

/** The whole desired state of a host; empty when the topology does not know it. Equal inputs give equal revisions. */
export function desiredFor(
  host: TopologyNode | undefined,
  domain: Domain | undefined,
  policies: Iterable<PolicyEntries>,
): DesiredState {
  const desired = new Map<EntryKey, Revised>();
  if (host === undefined || domain === undefined) return desired;
  const { sid: nodeSid, addresses } = host;
  const revision = contentHash(canonicalJson([domain.digest, nodeSid, addresses]));
  const entry: DesiredEntry = { kind: "domain", key: DOMAIN_KEY, sources: domain.sources, nodeSid, addresses };
  desired.set(DOMAIN_KEY, { revision, entry });
  for (const { policy, lists } of policies) {
    for (const list of lists) desired.set(list.entry.key, list);
    desired.set(policy.entry.key, policy);
  }
  return desired;
}

/** What has to be sent, in the order that makes before it breaks: any prefix of it is safe to send alone. */
export type Change =
  | { readonly kind: "upsert"; readonly revised: Revised }
  | { readonly kind: "removal"; readonly key: string };

/**
 * Stage push, second half: what separates a host from its desired state. Lists come before the policies that point at
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
      return base + 18 * (entry.segments.length + entry.probeSegments.length);
    case "domain":
      return base + 26 * entry.sources.length + 18 * entry.addresses.length;
    case "policy": {
      const { match, candidates } = entry;
      const lists = candidates.reduce((sum, candidate) => sum + candidate.lists.length, 0);
      return base + 192 + 26 * match.destinations.length + 12 * match.ports.length + 40 * lists + 8 * candidates.length;
    }
  }
}

function revisionOf(entry: DesiredEntry): string {
  return contentHash(canonicalJson(entry));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
