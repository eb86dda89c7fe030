import type { EntryKey, Revised } from "@sextant/model";
import type { Entries, EntryState } from "../reconcile/held-entry";

/** One change of desired state, as a session received and validated it. */
export interface DesiredDelta {
  readonly version: bigint;
  readonly upserts: readonly Revised[];
  readonly removals: readonly EntryKey[];
  /** True when the upserts are the whole desired state. */
  readonly full: boolean;
  /** Entries that could not be read; their keys keep what they had. */
  readonly malformed: readonly EntryState[];
}

/** The answer to a delta, or to a later change of an entry's status. */
export interface DesiredAck {
  readonly version: bigint;
  readonly entries: readonly EntryState[];
}

/** Desired state after a delta. */
export interface Installed {
  readonly wanted: Entries;
  /** Entries that were not taken over, with the reason. */
  readonly rejected: readonly EntryState[];
}

/**
 * Stage install: a delta becomes the new desired state. Pure. Removing a key that is absent, or giving an entry again,
 * changes nothing, so repeated and squashed deltas end in the same state. New keys beyond `maxEntries` are rejected
 * (`map_full`); a malformed entry leaves its key as it was.
 */
export function install(wanted: Entries, delta: DesiredDelta, maxEntries: number): Installed {
  const malformedKeys = new Set(delta.malformed.map(({ key }) => key));
  const next = new Map(delta.full ? [...wanted].filter(([key]) => malformedKeys.has(key)) : wanted);
  const rejected = [...delta.malformed];
  for (const key of delta.removals) next.delete(key);
  for (const revised of delta.upserts) {
    const { key } = revised.entry;
    if (next.has(key) || next.size < maxEntries) next.set(key, revised);
    else rejected.push(overLimit(revised, maxEntries));
  }
  return { wanted: next, rejected };
}

function overLimit({ entry, revision }: Revised, maxEntries: number): EntryState {
  const message = `the host holds at most ${maxEntries} entries`;
  return { key: entry.key, revision, status: "rejected", reason: "map_full", message };
}

/**
 * What an acknowledgement has to name: every entry that is not plainly installed, and those that have become so since
 * the last one.
 */
export function statesToReport(
  before: ReadonlyMap<EntryKey, EntryState>,
  now: ReadonlyMap<EntryKey, EntryState>,
): EntryState[] {
  return [...now.values()].filter((state) => {
    const earlier = before.get(state.key);
    return !isPlain(state) || (earlier !== undefined && !isPlain(earlier));
  });
}

/** True for an entry that is in the kernel with nothing more to be said of it. */
export function isPlain({ status, reason }: EntryState): boolean {
  return status === "installed" && reason === "";
}

/** Entries whose state is another than before, for the acknowledgement that nobody asked for. */
export function changedStates(
  before: ReadonlyMap<EntryKey, EntryState>,
  now: ReadonlyMap<EntryKey, EntryState>,
): EntryState[] {
  return [...now.values()].filter((state) => {
    const earlier = before.get(state.key);
    if (earlier?.status !== state.status || earlier.revision !== state.revision) return true;
    return earlier.reason !== state.reason || earlier.message !== state.message;
  });
}
