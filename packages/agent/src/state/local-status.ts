import { DOMAIN_KEY, type HostSettings, type Ipv6Prefix, type Sid } from "@sextant/model";
import type { DataPlane } from "../reconcile/data-plane";
import { entryOfKind } from "../reconcile/held-entry";
import type { HostState } from "./host-state";
import type { InterfaceNames } from "./interface-names";
import { type LocalList, localLists } from "./local-lists";
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
  readonly uplinks: readonly { readonly name: string | null; readonly ifindex: number; readonly hook: string }[];
  readonly lists: readonly LocalList[];
  readonly policies: readonly LocalPolicy[];
  readonly domainSources: readonly Ipv6Prefix[];
  readonly packetsByReason: Readonly<Record<string, string>>;
}

export interface LocalFacts {
  readonly instance: string;
  readonly runningPid: number | undefined;
  /** Undefined when nothing is pinned. */
  readonly plane: DataPlane | undefined;
  /** Undefined when there is no usable state on disk. */
  readonly state: HostState | undefined;
  /** Of this namespace. */
  readonly links: InterfaceNames;
  readonly layoutVersion: number;
}

/** Puts kernel and disk side by side. Reads only. */
export function localStatus({ instance, runningPid, plane, state, links, layoutVersion }: LocalFacts): LocalStatus {
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
    uplinks: (plane?.attached() ?? []).map(({ ifindex, hook }) => ({
      name: links.get(ifindex) ?? null,
      ifindex,
      hook,
    })),
    lists: localLists(plane, state, links),
    policies: localPolicies(plane, state),
    domainSources: [...(plane?.domainSources() ?? [])].sort(),
    packetsByReason: Object.fromEntries([...(plane?.reasons() ?? [])].map(([name, count]) => [name, String(count)])),
  };
}
