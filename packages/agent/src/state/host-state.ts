import type { EntryKey, HostSettings, Revised } from "@sextant/model";
import type { RememberedName } from "../net/dns-resolver";
import type { Entries, Held } from "../reconcile/held-entry";

/** What an agent remembers across restarts and reboots. */
export interface HostState extends Held {
  /** Name of the host in the topology: state of another host is not used. */
  readonly host: string;
  readonly settings: HostSettings;
  /** Highest controller term seen. */
  readonly term: bigint;
  /** Last good addresses of DNS names. */
  readonly names: readonly RememberedName[];
}

/** The JSON form: entries as lists, of the installed ones only those that differ from the wanted. */
interface HostStateDocument {
  readonly host: string;
  readonly settings: HostSettings;
  readonly term: string;
  readonly wanted: readonly Revised[];
  readonly keptBack: readonly Revised[];
  /** Wanted keys of which nothing is installed. */
  readonly missing: readonly EntryKey[];
  /** Absent in what agents wrote that resolved no names. */
  readonly names?: readonly RememberedName[];
}

/** JSON text of a state; `decodeHostState` reads it back. */
export function encodeHostState(state: HostState): string {
  const { host, settings, wanted, installed } = state;
  const document: HostStateDocument = {
    host,
    settings,
    term: String(state.term),
    wanted: [...wanted.values()],
    keptBack: [...installed].filter(([key, value]) => wanted.get(key)?.revision !== value.revision).map(([, v]) => v),
    missing: [...wanted.keys()].filter((key) => !installed.has(key)),
    names: state.names,
  };
  return JSON.stringify(document, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

/** Reads text that `encodeHostState` wrote; its integrity is the caller's business. Throws on anything else. */
export function decodeHostState(text: string): HostState {
  const document = JSON.parse(text) as HostStateDocument;
  const { host, settings, term, missing, names = [] } = document;
  const wanted = document.wanted.map(revived);
  const installed = byKey([...wanted, ...document.keptBack.map(revived)]);
  for (const key of missing) installed.delete(key);
  return { host, settings, term: BigInt(term), wanted: byKey(wanted), installed, names };
}

/** Entries by their keys; a later one replaces an earlier one. */
function byKey(entries: readonly Revised[]): Map<EntryKey, Revised> {
  return new Map(entries.map((revised) => [revised.entry.key, revised]));
}

/** Names of links are numbers that JSON has not. Agents that knew of one way back only wrote lists without the other. */
function revived(revised: Revised): Revised {
  const { entry } = revised;
  if (entry.kind === "probing") {
    const lists = entry.lists.map((list) => ({ ...list, links: list.links.map(BigInt) }));
    return { ...revised, entry: { ...entry, lists } };
  }
  if (entry.kind !== "list" || "alternateProbeSegments" in entry) return revised;
  return { ...revised, entry: Object.assign({ alternateProbeSegments: [] }, entry) };
}

/** True when both hold the very same entries. Entries are immutable and shared, so identity tells. */
export function sameEntries(a: Entries, b: Entries): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
