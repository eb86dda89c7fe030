/**
 * What a host must be able to do: for each mode, for lists with two probe loops, and to be told how to probe and which links are broken. Agents
 * say it in their hello.
 */
export const PATH_FEATURES = ["insert", "encap", "ipv4", "alternate-returns", "probing"] as const;
export type PathFeature = (typeof PATH_FEATURES)[number];

/** What hosts are known not to be able to do. A host that is not named is taken to be able to do everything. */
export type LackingFeatures = ReadonlyMap<string, ReadonlySet<PathFeature>>;

export const NOTHING_LACKING: LackingFeatures = new Map();

/** What is missing from the features that an agent has named. Agents that name none know no other mode than `insert`. */
export function lackingOf(features: readonly string[]): ReadonlySet<PathFeature> {
  const named = features.length === 0 ? ["insert"] : features;
  return new Set(PATH_FEATURES.filter((feature) => !named.includes(feature)));
}

/** The map with one host's entry renewed; the same map when that changes nothing. */
export function withLacking(all: LackingFeatures, host: string, lacking: ReadonlySet<PathFeature>): LackingFeatures {
  if (sameFeatures(all.get(host), lacking)) return all;
  const next = new Map(all);
  if (lacking.size === 0) next.delete(host);
  else next.set(host, lacking);
  return next;
}

/** Hosts whose entries differ between two maps, in order. */
export function changedHosts(before: LackingFeatures, now: LackingFeatures): string[] {
  if (before === now) return [];
  const hosts = new Set([...before.keys(), ...now.keys()]);
  return [...hosts].filter((host) => !sameFeatures(before.get(host), now.get(host))).sort();
}

function sameFeatures(a: ReadonlySet<PathFeature> | undefined, b: ReadonlySet<PathFeature> | undefined): boolean {
  return PATH_FEATURES.every((feature) => (a?.has(feature) ?? false) === (b?.has(feature) ?? false));
}
