import type { Issue, SourcePosition } from "../issue";
import type { FieldPath } from "./field-path";
import { didYouMean } from "./nearest-name";
import {
  DOCUMENT_KINDS,
  DOCUMENT_SCHEMAS,
  type DocumentKind,
  type IntentSpec,
  type ServiceSpec,
  type TopologySpec,
} from "./schema";
import { toIssues } from "./schema-issues";
import { readYaml } from "./yaml-source";

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

export interface ParseResult {
  readonly documents: readonly ParsedDocument[];
  /** Every problem found, in source order; empty when all documents are sound. */
  readonly issues: readonly Issue[];
}

/** Reads all YAML (or JSON) documents of one file and reports every problem with its position. */
export function parseDocuments(file: string, text: string): ParseResult {
  if (text.length > MAX_FILE_CHARACTERS) {
    const message = `file is longer than ${MAX_FILE_CHARACTERS} characters: split it`;
    return { documents: [], issues: [{ code: "too_large", path: "", message, at: { file, line: 1, column: 1 } }] };
  }
  const documents: ParsedDocument[] = [];
  const issues: Issue[] = [];
  for (const source of readYaml(file, text)) {
    issues.push(...source.issues);
    // Null: an empty document, as a trailing "---" makes. Undefined: the text is too broken to validate.
    if (source.value === null || source.value === undefined) continue;
    const parsed = parseOne(source.value, source.locate);
    if ("issues" in parsed) issues.push(...parsed.issues);
    else if (source.issues.length === 0) documents.push(parsed.document);
  }
  return { documents, issues: inSourceOrder(issues) };
}

/** Validates a value that is already plain data, for example one read back from a store. `file` names its origin. */
export function parseDocumentValue(file: string, value: unknown): ParseResult {
  const parsed = parseOne(value, () => ({ file, line: 1, column: 1 }));
  return "issues" in parsed ? { documents: [], issues: parsed.issues } : { documents: [parsed.document], issues: [] };
}

function parseOne(
  value: unknown,
  locate: (path: FieldPath) => SourcePosition,
): { document: ParsedDocument } | { issues: Issue[] } {
  const kind = (value as { kind?: unknown } | null)?.kind;
  if (typeof kind !== "string" || !isDocumentKind(kind)) {
    const written =
      typeof kind === "string"
        ? `"${kind}" is no known kind${didYouMean(kind, DOCUMENT_KINDS)}`
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
  if (!result.success) return { issues: result.error.issues.flatMap((issue) => toIssues(issue, [], locate)) };
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
  return [...byField.values()].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
}
