import { addressPrefix, type DesiredMatch, type IpPrefix } from "@sextant/model";
import type { CgroupId, Environment, ExecutableId, Looked, Missing } from "./environment";

/** What a match means on this host now. */
export interface ResolvedMatch {
  readonly cgroup: CgroupId | undefined;
  readonly uid: number | undefined;
  readonly executable: ExecutableId | undefined;
  /** Static ones and those of DNS names, each once. */
  readonly destinations: readonly IpPrefix[];
  /** The first thing named that is not there: no packet, or not every packet, can match. */
  readonly missing: Missing | undefined;
  /** Why addresses in use could not be renewed. */
  readonly stale: string | undefined;
}

/** Looks up everything that a match names. While the application itself is missing there are no destinations: nothing matches. */
export function resolveMatch(environment: Environment, match: DesiredMatch): ResolvedMatch {
  const { cgroup, systemdUnit, container, user, executable } = match;
  const inCgroup = [cgroup, systemdUnit, container].some((part) => part !== undefined);
  const socket = {
    cgroup: inCgroup ? environment.cgroupOf({ cgroup, systemdUnit, container }) : undefined,
    uid: user === undefined ? undefined : environment.uidOf(user),
    executable: executable === undefined ? undefined : environment.executableOf(executable),
  };
  const absent = Object.values(socket).find((looked) => looked?.kind === "missing");
  const names = match.dnsNames.map((name) => environment.addressesOf(name));
  const resolved = names.flatMap((looked) => (looked.kind === "found" ? [looked.value] : []));
  const addresses = resolved.flatMap((name) => name.addresses.map(addressPrefix));
  const missing = absent ?? names.find((looked) => looked.kind === "missing");
  return {
    cgroup: valueOf(socket.cgroup),
    uid: valueOf(socket.uid),
    executable: valueOf(socket.executable),
    destinations: absent === undefined ? [...new Set([...match.destinations, ...addresses])] : [],
    missing: missing?.kind === "missing" ? missing : undefined,
    stale: resolved.find(({ stale }) => stale !== undefined)?.stale,
  };
}

function valueOf<T>(looked: Looked<T> | undefined): T | undefined {
  return looked?.kind === "found" ? looked.value : undefined;
}
