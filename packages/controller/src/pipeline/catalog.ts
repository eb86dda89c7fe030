import {
  API_VERSION,
  type DocumentKind,
  formatIssue,
  type Intent,
  intentFromDocument,
  type Issue,
  type ParsedDocument,
  parseDocumentValue,
  type Service,
  SextantError,
  serviceFromDocument,
  type Topology,
  topologyFromDocument,
  withServices,
} from "@sextant/model";
import { type DocumentId, type DocumentRecord, documentKey } from "./document-record";
import { SharingMap } from "./sharing-map";
import { SharedParts } from "./shared-parts";

/** A parsed document of one kind. */
export type DocumentOf<K extends DocumentKind> = Extract<ParsedDocument, { kind: K }>;

/** A document in force: as kept, as parsed, and as the domain sees it. */
export interface Accepted<K extends DocumentKind, T> {
  readonly record: DocumentRecord;
  readonly document: DocumentOf<K>;
  readonly value: T;
}

/** Every document in force. Immutable: each accepted change makes a new one. */
export interface Catalog {
  /** There is at most one. */
  readonly topology: Accepted<"Topology", Topology> | undefined;
  readonly intents: SharingMap<Accepted<"Intent", Intent>>;
  readonly services: SharingMap<Accepted<"Service", Service>>;
}

/** Ends differ from intent to intent, and most of what is said about them, or elsewhere, does not. */
const specs = new SharedParts(2);
const values = new SharedParts(2);

export const EMPTY_CATALOG: Catalog = { topology: undefined, intents: SharingMap.of(), services: SharingMap.of() };

/** A sound document with the record that it is kept as, on its way into a catalog. */
export interface Incoming {
  readonly record: DocumentRecord;
  readonly document: ParsedDocument;
}

/** The catalog after putting documents in; issues when a topology is inconsistent in itself. */
export function putDocuments(catalog: Catalog, incoming: readonly Incoming[]): Catalog | { issues: readonly Issue[] } {
  let { topology } = catalog;
  const known = servicesOf(catalog);
  const intents = new Map<string, Accepted<"Intent", Intent>>();
  const services = new Map<string, Accepted<"Service", Service>>();
  for (const { record, document } of incoming) {
    switch (document.kind) {
      case "Topology": {
        const value = topologyFromDocument(document);
        if ("issues" in value) return value;
        topology = { record, document: settled(document), value };
        break;
      }
      case "Intent": {
        const value = intentFromDocument(document, record.generation, record.order);
        intents.set(record.name, {
          record,
          document: { ...settled(document), spec: specs.share(document.spec) },
          value: withServices(values.share(value), known),
        });
        break;
      }
      case "Service":
        services.set(record.name, { record, document: settled(document), value: serviceFromDocument(document) });
        break;
    }
  }
  return withInstances(
    { topology, intents: catalog.intents.with(intents), services: catalog.services.with(services) },
    incoming.some(({ document }) => document.kind === "Service"),
  );
}

/** Intents with the instances that services now have; those to which nothing changed stay the same objects. */
function withInstances(catalog: Catalog, isChanged: boolean): Catalog {
  if (!isChanged) return catalog;
  const services = servicesOf(catalog);
  const changed = [...catalog.intents].flatMap(([name, entry]) => {
    const value = withServices(entry.value, services);
    return value === entry.value ? [] : [[name, { ...entry, value }] as const];
  });
  return { ...catalog, intents: catalog.intents.with(changed) };
}

/** Services in force by name. */
export function servicesOf({ services }: Pick<Catalog, "services">): ReadonlyMap<string, Service> {
  return new Map([...services].map(([name, { value }]) => [name, value]));
}

/** The catalog without some documents; those it does not have are passed over. */
export function removeDocuments(catalog: Catalog, ids: readonly DocumentId[]): Catalog {
  const namesOf = (kind: DocumentKind) => ids.filter((id) => id.kind === kind).map(({ name }) => name);
  const { topology } = catalog;
  return {
    topology: topology !== undefined && namesOf("Topology").includes(topology.record.name) ? undefined : topology,
    intents: catalog.intents.without(namesOf("Intent")),
    services: catalog.services.without(namesOf("Service")),
  };
}

/** The document of that identity, if it is in force. */
export function findDocument(catalog: Catalog, { kind, name }: DocumentId): Incoming | undefined {
  switch (kind) {
    case "Topology":
      return catalog.topology?.record.name === name ? catalog.topology : undefined;
    case "Intent":
      return catalog.intents.get(name);
    case "Service":
      return catalog.services.get(name);
  }
}

/**
 * Builds the catalog of stored records, each validated again. Throws SextantError `invalid_document` naming every record
 * that no longer is one: leaving it out instead would take it away from the hosts that forward by it.
 */
export function loadCatalog(records: readonly DocumentRecord[], origin: string): Catalog {
  const issues: Issue[] = [];
  const incoming: Incoming[] = [];
  for (const record of records) {
    const { kind, name, labels, spec } = record;
    const parsed = parseDocumentValue(`${origin}: ${documentKey(record)}`, {
      apiVersion: API_VERSION,
      kind,
      metadata: { name, labels },
      spec,
    });
    issues.push(...parsed.issues);
    incoming.push(...parsed.documents.map((document) => ({ record, document })));
  }
  const catalog = issues.length > 0 ? { issues } : putDocuments(EMPTY_CATALOG, incoming);
  if (!("issues" in catalog)) return catalog;
  const list = catalog.issues.map(formatIssue).join("\n");
  throw new SextantError(
    "invalid_document",
    `stored documents are not valid, mend them with the version that wrote them:\n${list}`,
  );
}

/** Lets go of the source text: positions matter to whoever applies a document, not later. */
function settled<D extends ParsedDocument>(document: D): D {
  const at = { file: documentKey(document), line: 1, column: 1 };
  return { ...document, locate: () => at };
}
