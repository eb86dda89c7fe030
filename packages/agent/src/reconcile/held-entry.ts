import type { DesiredEntry, EntryKey, EntryStatus, Revised } from "@sextant/model";

/** Why an entry is not plainly installed: stable words that travel to `describe` and the log. */
export type EntryReason =
  | ""
  | "cgroup_missing"
  | "unit_missing"
  | "container_missing"
  | "cgroup_ambiguous"
  | "user_unknown"
  | "executable_missing"
  | "dns_unresolved"
  /** Installed, with addresses that could not be renewed. */
  | "dns_stale"
  | "key_missing"
  /** Installed, with lists probed less often than asked for. */
  | "probe_rate_refused"
  | "no_route"
  | "no_source_address"
  | "no_full_sync"
  | "map_full"
  | "too_many_segments"
  | "too_many_candidates"
  | "too_many_lists"
  | "too_many_nested"
  | "unknown_list"
  | "unsupported_mode"
  | "invalid_entry";

/** How far the host has come with one entry of one revision. */
export interface EntryState {
  readonly key: EntryKey;
  readonly revision: string;
  readonly status: EntryStatus;
  readonly reason: EntryReason;
  /** Sentence for people; empty when plainly installed. */
  readonly message: string;
}

/** Entries by key. */
export type Entries = ReadonlyMap<EntryKey, Revised>;

/** What the agent was asked to hold, and what it fell back to where the newest version was refused. */
export interface Held {
  readonly wanted: Entries;
  /** The versions that the kernel carries; differs from `wanted` for entries that wait or were rejected. */
  readonly installed: Entries;
}

/** The entry under `key` when it is of the kind asked for. */
export function entryOfKind<K extends DesiredEntry["kind"]>(
  entries: Entries,
  key: EntryKey,
  kind: K,
): Extract<DesiredEntry, { kind: K }> | undefined {
  const entry = entries.get(key)?.entry;
  return entry?.kind === kind ? (entry as Extract<DesiredEntry, { kind: K }>) : undefined;
}
