import {
  accept,
  type Catalog,
  createSnapshot,
  EMPTY_CATALOG,
  type SourceFile,
  type TopologySnapshot,
} from "@sextant/controller";
import { type Intent, type Issue, SextantError } from "@sextant/model";
import { readSources } from "./read-sources";

/** An intent of a file, with its labels and its spec as they were written. */
export interface OfflineIntent {
  readonly intent: Intent;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

/** What documents say, without any controller. Intents are in order of name. */
export type Offline =
  | { readonly issues: readonly Issue[] }
  | { readonly snapshot: TopologySnapshot; readonly intents: readonly OfflineIntent[]; readonly catalog: Catalog };

/** Reads files and accepts what they say. Throws SextantError `invalid_argument` for files that cannot be read. */
export function loadOffline(paths: readonly string[]): Offline {
  return acceptOffline(readSources(paths), EMPTY_CATALOG);
}

/**
 * Takes documents exactly as a controller would accept them, on top of those in force: all of them, or every problem. Throws SextantError
 * `invalid_argument` when there is no topology.
 */
export function acceptOffline(files: readonly SourceFile[], inForce: Catalog): Offline {
  const accepted = accept(files, inForce);
  if ("issues" in accepted) return { issues: accepted.issues };
  const { catalog } = accepted;
  const { topology, intents } = catalog;
  if (topology === undefined) {
    throw new SextantError("invalid_argument", "no file holds a document of kind Topology: give one with -t");
  }
  const sorted = [...intents.values()].sort((a, b) => (a.value.name < b.value.name ? -1 : 1));
  return {
    snapshot: createSnapshot(topology.value, 1),
    intents: sorted.map(({ value, record: { labels, spec } }) => ({ intent: value, labels, spec })),
    catalog,
  };
}
