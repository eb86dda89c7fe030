import {
  firstIssues,
  formatPath,
  type Issue,
  MAX_ISSUES,
  type ParsedDocument,
  parseDocuments,
  type ParseResult,
  type RejectedDocument,
  type SourcePosition,
} from "@sextant/model";
import { canonicalJson } from "./canonical-json";
import { type Catalog, findDocument, type Incoming, putDocuments, servicesOf } from "./catalog";
import { type DocumentRecord, documentKey } from "./document-record";
import { validateIntent } from "./validate";
import { validateService } from "./validate-service";

/** Most documents that a controller keeps. */
const MAX_DOCUMENTS = 200_000;
/** Most intents that a refused topology change names. */
const MAX_NAMED = 10;

/** The last orders of parts of catalogs. */
const lastOrders = new WeakMap<object, number>();

/** A file as its author wrote it. */
export interface SourceFile {
  readonly name: string;
  readonly content: string;
}

/** What applying did with one document. */
export interface AppliedDocument {
  readonly record: DocumentRecord;
  readonly action: "created" | "configured" | "unchanged";
}

export type AcceptResult =
  | { readonly issues: readonly Issue[] }
  | { readonly applied: readonly AppliedDocument[]; readonly catalog: Catalog };

/**
 * Stage accept: files become records with generations, all or none. A generation grows when the spec means something
 * else; a change of labels, order of keys or spelled-out defaults leaves it. Everything the new catalog would hold must be sound:
 * a topology that takes away what an intent in force refers to is refused.
 */
export function accept(files: readonly SourceFile[], catalog: Catalog): AcceptResult {
  return acceptParsed(
    files.map(({ name, content }) => ({ name, ...parseDocuments(name, content) })),
    catalog,
  );
}

/** A file that has been read. */
export interface ParsedFile extends ParseResult {
  readonly name: string;
}

/** The same for files that have been read already. */
export function acceptParsed(parsed: readonly ParsedFile[], catalog: Catalog): AcceptResult {
  const documents = parsed.flatMap((result) => result.documents);
  const rejected = parsed.flatMap((result) => result.rejected);
  const conflicting = secondTopologies(documents, catalog);
  const issues = [...parsed.flatMap((result) => result.issues), ...duplicates(documents), ...conflicting];

  const last = lastOrder(catalog);
  const incoming = documents.map((document, i) => ({ ...toRecord(document, catalog, last + 1 + i), document }));
  const next = putDocuments(catalog, incoming);
  if ("issues" in next) issues.push(...next.issues);
  else issues.push(...referenceIssues(incoming, rejected, next, conflicting.length === 0));
  if (issues.length > 0 || "issues" in next) return { issues: inSourceOrder(issues, parsed) };
  return { applied: incoming.map(({ record, action }) => ({ record, action })), catalog: next };
}

/**
 * Problems between documents, as far as they can be judged beside `rejected` ones: what refers into a topology that has problems
 * itself, or what a rejected document was to change, is left until those are mended.
 */
function referenceIssues(
  incoming: readonly Incoming[],
  rejected: readonly RejectedDocument[],
  next: Catalog,
  oneTopology: boolean,
): readonly Issue[] {
  const given = incoming.filter(({ document }) => document.kind === "Topology").length;
  const mayBeTopology = rejected.some(({ kind }) => kind === undefined || kind === "Topology");
  if (!oneTopology || given > 1 || (given === 0 && mayBeTopology)) return [];
  return [...unsound(incoming, next), ...broken(incoming, rejected, next), ...tooMany(incoming, next)];
}

/** The greatest order of an intent in force; 0 when there is none. */
function lastOrder({ intents }: Catalog): number {
  return Math.max(0, ...intents.derived((part) => lastOrderAmong(part.values()), lastOrders));
}

function lastOrderAmong(intents: Iterable<{ readonly record: DocumentRecord }>): number {
  let last = 0;
  for (const { record } of intents) last = Math.max(last, record.order ?? 0);
  return last;
}

/** `order` is for an intent that comes; one that is there keeps what it has. */
function toRecord(document: ParsedDocument, catalog: Catalog, order: number): AppliedDocument {
  const { kind, name, labels, rawSpec } = document;
  const current = findDocument(catalog, document);
  if (current === undefined) {
    const counted = kind === "Intent" ? { order } : {};
    return { record: { kind, name, labels, spec: rawSpec, generation: 1, ...counted }, action: "created" };
  }
  const sameSpec = canonicalJson(current.document.spec) === canonicalJson(document.spec);
  if (sameSpec && canonicalJson(current.record.labels) === canonicalJson(labels)) {
    return { record: current.record, action: "unchanged" };
  }
  const generation = current.record.generation + (sameSpec ? 0 : 1);
  return { record: { ...current.record, labels, spec: rawSpec, generation }, action: "configured" };
}

function duplicates(documents: readonly ParsedDocument[]): Issue[] {
  const first = new Map<string, SourcePosition>();
  return documents.flatMap((document) => {
    const key = documentKey(document);
    const at = document.locate(["metadata", "name"]);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, at);
      return [];
    }
    const message = `${document.kind} "${document.name}" is already given at ${earlier.file}:${earlier.line}: keep one`;
    return [issue("duplicate", document, ["metadata", "name"], message)];
  });
}

/** One network, one topology: paths of two would have nothing in common. */
function secondTopologies(documents: readonly ParsedDocument[], catalog: Catalog): Issue[] {
  const topologies = documents.filter((document) => document.kind === "Topology");
  const inForce = catalog.topology?.record.name ?? topologies[0]?.name;
  return topologies
    .filter((document) => document.name !== inForce)
    .map((document) => {
      const message = `a controller has one topology and "${inForce ?? ""}" is it: use that name, or delete it first`;
      return issue("conflict", document, ["metadata", "name"], message);
    });
}

function unsound(incoming: readonly Incoming[], next: Catalog): Issue[] {
  const issues: Issue[] = [];
  const topology = next.topology?.value;
  const services = servicesOf(next);
  for (const { document } of incoming) {
    // More are not told.
    if (issues.length > MAX_ISSUES) break;
    if (document.kind === "Topology") continue;
    if (topology === undefined) {
      const message = "there is no topology yet: apply one before, or together with this";
      issues.push(issue("unknown_reference", document, ["spec"], message));
    } else if (document.kind === "Intent") issues.push(...validateIntent(document, topology, services));
    else issues.push(...validateService(document, topology));
  }
  return issues;
}

/** Documents in force that a changed topology would leave without what they refer to. */
function broken(incoming: readonly Incoming[], rejected: readonly RejectedDocument[], next: Catalog): Issue[] {
  const changed = incoming.find(({ document }) => document.kind === "Topology")?.document;
  if (changed === undefined || next.topology === undefined) return [];
  if (rejected.some(({ kind, name }) => kind === undefined || name === undefined)) return [];
  const topology = next.topology.value;
  const services = servicesOf(next);
  const renewed = new Set([
    ...incoming.map(({ document }) => documentKey(document)),
    ...rejected.flatMap(({ kind, name }) => (kind && name ? [documentKey({ kind, name })] : [])),
  ]);
  const faults = [
    ...[...next.intents.values()].map(({ document }) => ({
      document,
      found: () => validateIntent(document, topology, services),
    })),
    ...[...next.services.values()].map(({ document }) => ({
      document,
      found: () => validateService(document, topology),
    })),
  ].flatMap(({ document, found }) => {
    const fault = renewed.has(documentKey(document)) ? undefined : found()[0];
    return fault === undefined ? [] : [`${documentKey(document)} (${fault.path}: ${fault.message})`];
  });
  if (faults.length === 0) return [];
  const more = faults.length > MAX_NAMED ? ` and ${faults.length - MAX_NAMED} more` : "";
  const message = `documents in force would break: ${faults.slice(0, MAX_NAMED).join(", ")}${more}; change or delete them first, or in the same apply`;
  return [issue("conflict", changed, ["metadata", "name"], message)];
}

function tooMany(incoming: readonly Incoming[], next: Catalog): Issue[] {
  const last = incoming.at(-1)?.document;
  const count = next.intents.size + next.services.size;
  if (last === undefined || count <= MAX_DOCUMENTS) return [];
  return [
    issue("too_large", last, ["metadata", "name"], `makes ${count} documents: a controller keeps ${MAX_DOCUMENTS}`),
  ];
}

function issue(code: Issue["code"], document: ParsedDocument, path: readonly string[], message: string): Issue {
  return { code, path: formatPath(path), message, at: document.locate(path) };
}

function inSourceOrder(issues: readonly Issue[], files: readonly Pick<ParsedFile, "name">[]): Issue[] {
  const order = new Map(files.map((file, i) => [file.name, i]));
  const rank = ({ at }: Issue) => order.get(at.file) ?? files.length;
  const sorted = [...issues].sort((a, b) => rank(a) - rank(b) || a.at.line - b.at.line || a.at.column - b.at.column);
  return firstIssues(sorted);
}
