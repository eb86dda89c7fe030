/** Where in a document something is: 1-based line and column, as editors count. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Stable codes of what can be wrong with a document. Tests and programs rely on these, never on the message. */
export type IssueCode =
  | "yaml_syntax"
  | "unknown_kind"
  | "unknown_field"
  | "missing_field"
  | "invalid_value"
  | "out_of_range"
  | "duplicate"
  | "unknown_reference"
  | "unsupported"
  | "too_large"
  | "conflict";

/** One problem in a document, placed where its author can mend it. */
export interface Issue {
  readonly code: IssueCode;
  /** Field path inside the document, for example `spec.links[2].igp`. */
  readonly path: string;
  /** What is wrong and what would be right. */
  readonly message: string;
  readonly at: SourcePosition;
}

/** `file:line:column path: message`, the form that editors and CI logs can jump to. */
export function formatIssue(issue: Issue): string {
  const { file, line, column } = issue.at;
  return `${file}:${line}:${column} ${issue.path === "" ? "" : `${issue.path}: `}${issue.message}`;
}
