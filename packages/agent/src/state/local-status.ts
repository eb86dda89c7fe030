import { DOMAIN_KEY, type HostSettings, type Ipv6Prefix, type Sid } from "@sextant/model";
import type { DataPlane } from "../reconcile/data-plane";
import { entryOfKind } from "../reconcile/held-entry";
import type { LivePaths } from "./live-paths";
import { type ListFacts, type LocalList, localLists } from "./local-lists";
import { type LocalPolicy, localPolicies } from "./local-policies";

/** What a host does right now, by its kernel and its disk, whether or not an agent runs. */
export interface LocalStatus {
  readonly instance: string;
  /** Null when there is no usable state on disk. */
  readonly host: string | null;
  readonly agent: { readonly running: boolean; readonly pid: number | null };
  /** Highest controller term seen. */
  readonly term: string;
  /** Of the pinned maps; null when nothing is pinned. */
  readonly layoutVersion: number | null;
  readonly features: DataPlane["features"] | null;
  readonly nodeSid: Sid | null;
  /** Where outer headers of others end. */
  readonly decapsulationSid: Sid | null;
  readonly settings: HostSettings | null;
  /** Probe intervals that the host cannot keep, microseconds; null when no agent answers. */
  readonly refusedRates: LivePaths["refusedRates"] | null;
  readonly uplinks: readonly { readonly name: string | null; readonly ifindex: number; readonly hook: string }[];
  readonly lists: readonly LocalList[];
  readonly policies: readonly LocalPolicy[];
  readonly domainSources: readonly Ipv6Prefix[];
  readonly packetsByReason: Readonly<Record<string, string>>;
}

export interface LocalFacts extends ListFacts {
  readonly instance: string;
  readonly runningPid: number | undefined;
  readonly layoutVersion: number;
}

/** Puts kernel and disk side by side. Reads only. */
export function localStatus(facts: LocalFacts): LocalStatus {
  const { instance, runningPid, plane, state, live, links, layoutVersion } = facts;
  const config = plane?.config();
  const domain = state && entryOfKind(state.wanted, DOMAIN_KEY, "domain");
  return {
    instance,
    host: state?.host ?? null,
    agent: { running: runningPid !== undefined, pid: runningPid ?? null },
    term: String(config?.term ?? state?.term ?? 0n),
    layoutVersion: plane === undefined ? null : layoutVersion,
    features: plane?.features ?? null,
    nodeSid: config?.nodeSid ?? domain?.nodeSid ?? null,
    decapsulationSid: config?.decapsulationSid ?? domain?.decapsulationSid ?? null,
    settings: state?.settings ?? null,
    refusedRates: live?.refusedRates ?? null,
    uplinks: (plane?.attached() ?? []).map(({ ifindex, hook }) => ({
      name: links.get(ifindex) ?? null,
      ifindex,
      hook,
    })),
    lists: localLists(facts),
    policies: localPolicies(plane, state),
    domainSources: [...(plane?.domainSources() ?? [])].sort(),
    packetsByReason: Object.fromEntries([...(plane?.reasons() ?? [])].map(([name, count]) => [name, String(count)])),
  };
}
