import {
  contentHash,
  DOMAIN_KEY,
  type DesiredDomain,
  type DesiredEntry,
  type DesiredList,
  type DesiredListProbing,
  type DesiredMatch,
  type DesiredPolicy,
  type DesiredProbing,
  type EntryKey,
  ipv6,
  ipv6Prefix,
  listKey,
  policyKey,
  PROBING_KEY,
  type Revised,
  type Sid,
} from "@sextant/model";

/** A SID of the documentation prefix. */
export const sid = (text: string): Sid => ipv6(text) as Sid;

/** An inserted list through routers of these numbers. */
export function list(...routers: readonly number[]): DesiredList {
  return listOf(routers.map((router) => sid(`2001:db8:${router.toString(16)}::`)));
}

/** A list with an outer header through routers of these numbers to the decapsulation SID of a far host. */
export function encapList(routers: readonly number[], options: Partial<DesiredList> = {}): DesiredList {
  const segments = [...routers.map((router) => sid(`2001:db8:${router.toString(16)}::`)), sid("2001:db8:f:ff46::")];
  return listOf(segments, { encapsulation: "encap", ...options });
}

/** A list of these segments, probed out and back along them. */
export function listOf(segments: readonly Sid[], options: Partial<DesiredList> = {}): DesiredList {
  const probeSegments = [...segments, ...[...segments].reverse()];
  const loops = { probeSegments, alternateProbeSegments: [] };
  const content = { encapsulation: "insert", segments, ...loops, signingKeyId: undefined, ...options } as const;
  return { ...content, kind: "list", key: listKey(content) };
}

/** A match of every packet to 2001:db8:aaaa::/64, but for what is given. */
export function match(given: Partial<DesiredMatch> = {}): DesiredMatch {
  return {
    cgroup: undefined,
    systemdUnit: undefined,
    container: undefined,
    user: undefined,
    executable: undefined,
    protocol: undefined,
    dscp: undefined,
    sources: [],
    sourcePorts: [],
    destinations: [ipv6Prefix("2001:db8:aaaa::/64")],
    dnsNames: [],
    ports: [],
    ...given,
  };
}

/** A policy of an intent towards host "h", over one list per candidate. */
export function policy(
  intent: string,
  lists: readonly DesiredList[],
  options: Partial<Omit<DesiredPolicy, "match" | "key">> & { match?: Partial<DesiredMatch> } = {},
): DesiredPolicy {
  const { match: given, ...rest } = options;
  return {
    kind: "policy",
    key: policyKey(intent, rest.endpoint ?? "h"),
    intent,
    endpoint: "h",
    generation: 1,
    priority: 100,
    candidates: lists.map(({ key }, index) => ({ preference: 100 - index, lists: [{ list: key, weight: 1 }] })),
    onNoPath: "route",
    spread: { kind: "flow" },
    ...rest,
    match: match(given),
  };
}

/** How lists are probed: as the host's settings say, but for what is given. */
export function probing(
  lists: readonly DesiredList[],
  given: Partial<Omit<DesiredListProbing, "list">> = {},
): DesiredProbing {
  const asked = { intervalUs: 0, multiplier: 0, links: [], maxDelayUs: undefined, maxLossPpm: undefined };
  return {
    kind: "probing",
    key: PROBING_KEY,
    lists: lists.map(({ key }) => ({ list: key, ...asked, violationMs: 1_000, ...given })),
  };
}

/** The domain of the documentation prefix; the host is 2001:db8:b::1. */
export function domain(...sources: readonly string[]): DesiredDomain {
  const all = sources.length === 0 ? ["2001:db8::/32"] : sources;
  return {
    kind: "domain",
    key: DOMAIN_KEY,
    sources: all.map(ipv6Prefix),
    nodeSid: sid("2001:db8:99::"),
    decapsulationSid: sid("2001:db8:99:ff46::"),
    addresses: [ipv6("2001:db8:b::1")],
    senders: [],
  };
}

/** The entry with a revision made from its content, as a controller would give it. */
export function revised(entry: DesiredEntry): Revised {
  const text = JSON.stringify(entry, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  return { revision: contentHash(text), entry };
}

/** Entries by key. */
export function entries(...all: readonly DesiredEntry[]): Map<EntryKey, Revised> {
  return new Map(all.map((entry) => [entry.key, revised(entry)]));
}
