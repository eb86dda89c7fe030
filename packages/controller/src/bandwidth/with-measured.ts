import type { Intent } from "@sextant/model";
import type { Accepted, Catalog } from "../pipeline/catalog";
import type { DocumentRecord } from "../pipeline/document-record";
import type { DemandChange } from "./measured-demands";

/**
 * The catalog with demands as they were measured, and the records that this changes. `isPolicy` says which policies there still are: what was
 * measured of others is left out. Intents that are gone are passed over.
 */
export function withMeasured(
  catalog: Catalog,
  changes: readonly DemandChange[],
  isPolicy: (intent: string, policy: string) => boolean,
): { readonly catalog: Catalog; readonly puts: readonly DocumentRecord[] } {
  const amended = new Map<string, Accepted<"Intent", Intent>>();
  const puts: DocumentRecord[] = [];
  for (const name of new Set(changes.map(({ intent }) => intent))) {
    const entry = catalog.intents.get(name);
    if (entry === undefined) continue;
    const own = changes.filter(({ intent }) => intent === name).map(({ policy, mbps }) => [policy, mbps] as const);
    const all = new Map([...Object.entries(entry.record.measuredMbps ?? {}), ...own]);
    const measuredMbps = Object.fromEntries([...all].filter(([policy]) => isPolicy(name, policy)));
    const record = { ...entry.record, measuredMbps };
    puts.push(record);
    amended.set(name, { ...entry, record });
  }
  return { catalog: { ...catalog, intents: catalog.intents.with(amended) }, puts };
}
