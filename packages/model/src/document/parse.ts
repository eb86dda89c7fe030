import {
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type Document as YamlDocument,
  type Node as YamlNode,
} from "yaml";
import type { z } from "zod";
import type { Issue, IssueCode, SourcePosition } from "../issue";
import { didYouMean } from "./nearest-name";
import {
  DOCUMENT_KINDS,
  DOCUMENT_SCHEMAS,
  type DocumentKind,
  type IntentSpec,
  type ServiceSpec,
  type TopologySpec,
} from "./schema";

/** Largest text that one file may have; more is refused as `too_large`. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Keys and list indices from the document's root to a field. */
export type FieldPath = readonly (string | number)[];

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

/** A document that satisfies its schema. References between documents are not checked yet. */
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
  if (text.length > MAX_FILE_BYTES) {
    const message = `file is larger than ${MAX_FILE_BYTES} bytes: split it`;
    return { documents: [], issues: [{ code: "too_large", path: "", message, at: { file, line: 1, column: 1 } }] };
  }
  const lines = new LineCounter();
  const documents: ParsedDocument[] = [];
  const issues: Issue[] = [];
  for (const yaml of parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true })) {
    if (!("contents" in yaml)) continue;
    const locate = (path: FieldPath) => position(file, yaml, lines, path);
    if (yaml.errors.length > 0) {
      for (const error of yaml.errors) {
        const { line, col } = lines.linePos(error.pos[0]);
        const message = error.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? error.code;
        issues.push({
          code: "yaml_syntax",
          path: "",
          message,
          at: { file, line: Math.max(1, line), column: Math.max(1, col) },
        });
      }
      // What follows broken syntax cannot be told apart from its consequences.
      break;
    }
    if (yaml.contents !== null) {
      const parsed = parseOne(toPlain(yaml), locate);
      if ("issues" in parsed) issues.push(...parsed.issues);
      else documents.push(parsed.document);
    }
  }
  return { documents, issues };
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

/** `yaml` throws on alias bombs; they are data errors, not bugs. */
function toPlain(yaml: YamlDocument): unknown {
  try {
    return yaml.toJS({ maxAliasCount: 100 }) as unknown;
  } catch {
    return undefined;
  }
}

/** One zod issue becomes one of ours per wrong field; a union reports the branch that got furthest. */
function toIssues(issue: z.core.$ZodIssue, base: FieldPath, locate: (path: FieldPath) => SourcePosition): Issue[] {
  const path = [...base, ...issue.path.filter((key) => typeof key !== "symbol")];
  const make = (code: IssueCode, message: string, at: FieldPath = path): Issue => ({
    code,
    path: formatPath(at),
    message,
    at: locate(at),
  });
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = knownKeys(path);
      return issue.keys.map((key) => make("unknown_field", `unknown field${didYouMean(key, known)}`, [...path, key]));
    }
    case "invalid_type":
      return issue.input === undefined
        ? [make("missing_field", `missing: expected ${issue.expected}`)]
        : [make("invalid_value", `expected ${issue.expected}, got ${describeValue(issue.input)}`)];
    case "too_small":
    case "too_big": {
      const bound = issue.code === "too_small" ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
      const what =
        issue.origin === "array" || issue.origin === "string" ? `must have ${bound} entries` : `must be ${bound}`;
      return [make("out_of_range", `${what}, got ${describeValue(issue.input)}`)];
    }
    case "invalid_value": {
      const allowed = issue.values.map(String);
      if (issue.input === undefined) return [make("missing_field", `missing: one of ${allowed.join(", ")}`)];
      const written = String(issue.input);
      return [make("invalid_value", `"${written}" is not one of ${allowed.join(", ")}${didYouMean(written, allowed)}`)];
    }
    case "invalid_union": {
      if (issue.input === undefined) return [make("missing_field", "missing")];
      const branches = issue.errors.map((branch) => branch.flatMap((inner) => toIssues(inner, path, locate)));
      const deepest = branches.reduce<Issue[]>(
        (best, next) => (depth(next) > depth(best) ? next : best),
        branches[0] ?? [],
      );
      return deepest.length > 0 ? deepest : [make("invalid_value", issue.message)];
    }
    default:
      return [make("invalid_value", issue.message)];
  }
}

function depth(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function describeValue(input: unknown): string {
  if (Array.isArray(input)) return `${input.length}`;
  if (typeof input === "string") return `"${input}"`;
  return input !== null && typeof input === "object" ? "an object" : String(input);
}

/** Field names that the schema knows, wherever they occur: enough for a suggestion. */
function knownKeys(path: FieldPath): Iterable<string> {
  const keys = new Set<string>();
  const visit = (schema: unknown, remaining: FieldPath): void => {
    const definition = (schema as { _zod?: { def?: Record<string, unknown> } } | undefined)?._zod?.def;
    if (definition === undefined) return;
    const inner = definition["innerType"] ?? definition["in"];
    if (inner !== undefined) visit(inner, remaining);
    for (const option of (definition["options"] as unknown[] | undefined) ?? []) visit(option, remaining);
    const [head, ...rest] = remaining;
    if (typeof head === "number") visit(definition["element"], rest);
    const shape = definition["shape"] as Record<string, unknown> | undefined;
    if (shape === undefined) return;
    if (head === undefined) for (const key of Object.keys(shape)) keys.add(key);
    else visit(shape[String(head)], rest);
  };
  for (const schema of Object.values(DOCUMENT_SCHEMAS)) visit(schema, path);
  return keys;
}

/** `spec.links[2].igp` */
export function formatPath(path: FieldPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

/** A missing field has no node of its own: its nearest parent is where it belongs. */
function position(file: string, yaml: YamlDocument, lines: LineCounter, path: FieldPath): SourcePosition {
  const offset = nodeOffset(yaml, path);
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

function nodeOffset(yaml: YamlDocument, path: FieldPath): number {
  for (let length = path.length; length >= 1; length--) {
    const parent: unknown = length === 1 ? yaml.contents : yaml.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair !== undefined && isPair(pair) && isNode(pair.key)) return pair.key.range?.[0] ?? 0;
    }
    const node: unknown = yaml.getIn(path.slice(0, length), true);
    if (isNode(node)) return (node as YamlNode).range?.[0] ?? 0;
  }
  return isNode(yaml.contents) ? (yaml.contents.range?.[0] ?? 0) : 0;
}
