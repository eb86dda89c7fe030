import type { z } from "zod";
import { firstIssues, type Issue, MAX_ISSUES, type SourcePosition } from "../issue";
import type { FieldPath } from "./field-path";
import { didYouMean } from "./nearest-name";
import {
  DOCUMENT_KINDS,
  DOCUMENT_SCHEMAS,
  type DocumentKind,
  type IntentSpec,
  LIST_KIND,
  LIST_SCHEMA,
  type ServiceSpec,
  type TopologySpec,
} from "./schema";
import { toIssues } from "./schema-issues";
import { shortened } from "./shortened";
import { readYaml, type YamlSource } from "./yaml-source";

/** Longest text that one file may have, in characters; more is refused as `too_large`. */
export const MAX_FILE_CHARACTERS = 16 * 1024 * 1024;

interface ParsedDocumentOf<K extends DocumentKind, S> {
  readonly kind: K;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: S;
  /** The spec as it was written, before defaults: what a store keeps. */
  readonly rawSpec: unknown;
  /** Position of a field, or of its nearest existing parent. */
  readonly locate: (path: FieldPath) => SourcePosition;
}

/** A document that satisfies its schema. References between documents are not checked here. */
export type ParsedDocument =
  | ParsedDocumentOf<"Topology", TopologySpec>
  | ParsedDocumentOf<"Intent", IntentSpec>
  | ParsedDocumentOf<"Service", ServiceSpec>;

/** What can be told of a document that has issues: no more than what it says of itself. */
export interface RejectedDocument {
  readonly kind: DocumentKind | undefined;
  readonly name: string | undefined;
}

export interface ParseResult {
  readonly documents: readonly ParsedDocument[];
  /** Documents that are there and not sound. */
  readonly rejected: readonly RejectedDocument[];
  /** Every problem found, in source order; empty when all documents are sound. */
  readonly issues: readonly Issue[];
}

/**
 * Reads all YAML (or JSON) documents of one file and reports every problem with its position. A document of kind List stands for
 * its items, so that what a controller has written can be read again. After MAX_ISSUES problems the rest is not looked at.
 */
export function parseDocuments(file: string, text: string): ParseResult {
  const steps = parsingSteps(file, text);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same a document at a time, for who has other things to do in between: large files take seconds. */
export function* parsingSteps(file: string, text: string): Generator<void, ParseResult> {
  if (text.length > MAX_FILE_CHARACTERS) {
    const message = `file is longer than ${MAX_FILE_CHARACTERS} characters: split it`;
    const issue: Issue = { code: "too_large", path: "", message, at: { file, line: 1, column: 1 } };
    return { documents: [], rejected: [identityOf(undefined)], issues: [issue] };
  }
  const documents: ParsedDocument[] = [];
  const rejected: RejectedDocument[] = [];
  const issues: Issue[] = [];
  for (const source of readYaml(file, text)) {
    issues.push(...source.issues);
    for (const { value, locate } of documentsIn(source)) {
      // What is not looked at any more is not sound either.
      const parsed = issues.length > MAX_ISSUES ? { issues: [] } : parseOne(value, locate);
      if ("issues" in parsed) issues.push(...parsed.issues);
      if ("document" in parsed && source.issues.length === 0) documents.push(parsed.document);
      else rejected.push(identityOf(value));
    }
    if (source.issues.length > 0 && (source.value ?? null) === null) rejected.push(identityOf(undefined));
    yield;
  }
  return { documents, rejected, issues: inSourceOrder(issues) };
}

/** Validates a value that is already plain data, for example one read back from a store. `file` names its origin. */
export function parseDocumentValue(file: string, value: unknown): ParseResult {
  const parsed = parseOne(value, () => ({ file, line: 1, column: 1 }));
  if ("issues" in parsed) return { documents: [], rejected: [identityOf(value)], issues: parsed.issues };
  return { documents: [parsed.document], rejected: [], issues: [] };
}

/** What stands in one document of a file: nothing in an empty one, the items of a sound list, else itself. */
function documentsIn({ value, locate }: YamlSource): Pick<YamlSource, "value" | "locate">[] {
  // Null: an empty document, as a trailing "---" makes. Undefined: the text is too broken to validate.
  if (value === null || value === undefined) return [];
  const list = LIST_SCHEMA.safeParse(value);
  if (!list.success) return [{ value, locate }];
  return list.data.items.map((item, i) => ({ value: item, locate: (path) => locate(["items", i, ...path]) }));
}

function identityOf(value: unknown): RejectedDocument {
  const { kind, metadata } = (value ?? {}) as { kind?: unknown; metadata?: { name?: unknown } | null };
  const name = metadata?.name;
  return {
    kind: typeof kind === "string" && isDocumentKind(kind) ? kind : undefined,
    name: typeof name === "string" ? name : undefined,
  };
}

function parseOne(
  value: unknown,
  locate: (path: FieldPath) => SourcePosition,
): { document: ParsedDocument } | { issues: Issue[] } {
  const kind = (value as { kind?: unknown } | null)?.kind;
  const issuesOf = ({ error }: z.ZodSafeParseError<unknown>) =>
    error.issues.slice(0, MAX_ISSUES + 1).flatMap((issue) => toIssues(issue, [], locate));
  if (kind === LIST_KIND) {
    const result = LIST_SCHEMA.safeParse(value, { reportInput: true });
    const nested: Issue = { code: "invalid_value", path: "kind", message: "a list in a list", at: locate(["kind"]) };
    return { issues: result.success ? [nested] : issuesOf(result) };
  }
  if (typeof kind !== "string" || !isDocumentKind(kind)) {
    const written =
      typeof kind === "string"
        ? `"${shortened(kind)}" is no known kind${didYouMean(kind, DOCUMENT_KINDS)}`
        : "a document needs a kind";
    const issue: Issue = {
      code: "unknown_kind",
      path: "kind",
      message: `${written}: use ${DOCUMENT_KINDS.join(", ")}`,
      at: locate(["kind"]),
    };
    return { issues: [issue] };
  }
  const result = DOCUMENT_SCHEMAS[kind].safeParse(value, { reportInput: true });
  if (!result.success) return { issues: issuesOf(result) };
  const { metadata, spec } = result.data;
  const rawSpec = (value as { spec: unknown }).spec;
  return { document: { kind, name: metadata.name, labels: metadata.labels, spec, rawSpec, locate } as ParsedDocument };
}

function isDocumentKind(kind: string): kind is DocumentKind {
  return (DOCUMENT_KINDS as readonly string[]).includes(kind);
}

/** Sorted by position, one issue per field and code: a rule broken in two ways is still one slip. */
function inSourceOrder(issues: readonly Issue[]): Issue[] {
  const byField = new Map<string, Issue>();
  for (const issue of issues) byField.set(`${issue.at.line}:${issue.at.column} ${issue.path} ${issue.code}`, issue);
  const sorted = [...byField.values()].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  return firstIssues(sorted);
}
