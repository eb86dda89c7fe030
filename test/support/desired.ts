import {
  contentHash,
  DOMAIN_KEY,
  type DesiredDomain,
  type DesiredEntry,
  type DesiredList,
  type DesiredMatch,
  type DesiredPolicy,
  type EntryKey,
  ipv6,
  ipv6Prefix,
  listKey,
  policyKey,
  type Revised,
  type Sid,
} from "@sextant/model";

/** A SID of the documentation prefix. */
export const sid = (text: string): Sid => ipv6(text) as Sid;

/** A list through routers of these numbers. */
export function list(...routers: readonly number[]): DesiredList {
  const segments = routers.map((router) => sid(`2001:db8:${router.toString(16)}::`));
  const probeSegments = [...segments, ...[...segments].reverse()];
  return { kind: "list", key: listKey(segments, probeSegments), segments, probeSegments };
}

/** A policy of an intent towards host "h", over one list per candidate. */
export function policy(
  intent: string,
  lists: readonly DesiredList[],
  options: Partial<Omit<DesiredPolicy, "match" | "key">> & { match?: Partial<DesiredMatch> } = {},
): DesiredPolicy {
  const { match, ...rest } = options;
  return {
    kind: "policy",
    key: policyKey(intent, rest.endpoint ?? "h"),
    intent,
    endpoint: "h",
    generation: 1,
    priority: 100,
    candidates: lists.map(({ key }, index) => ({ preference: 100 - index, lists: [{ list: key, weight: 1 }] })),
    onNoPath: "route",
    ...rest,
    match: {
      cgroup: undefined,
      protocol: undefined,
      destinations: [ipv6Prefix("2001:db8:aaaa::/64")],
      ports: [],
      ...match,
    },
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
    addresses: [ipv6("2001:db8:b::1")],
  };
}

/** The entry with a revision made from its content, as a controller would give it. */
export function revised(entry: DesiredEntry): Revised {
  return { revision: contentHash(JSON.stringify(entry)), entry };
}

/** Entries by key. */
export function entries(...all: readonly DesiredEntry[]): Map<EntryKey, Revised> {
  return new Map(all.map((entry) => [entry.key, revised(entry)]));
}
