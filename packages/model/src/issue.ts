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

/** Problems that are told at once; who has more begins with these. */
export const MAX_ISSUES = 1_000;

/** Longest path or message of one. */
const MAX_CHARACTERS = 1_000;

/**
 * The first problems, in the order given, and behind them that there are more where there are. What they repeat of a document is cut
 * where it is too long to be read.
 */
export function firstIssues(issues: readonly Issue[]): Issue[] {
  const first = issues.slice(0, MAX_ISSUES).map((issue) => {
    return { ...issue, path: readable(issue.path), message: readable(issue.message) };
  });
  const last = first.at(-1);
  if (last === undefined || issues.length <= MAX_ISSUES) return first;
  const message = `there are more than ${MAX_ISSUES} problems: the others are not told`;
  return [...first, { code: "too_large", path: "", message, at: last.at }];
}

function readable(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}...`;
}

/** `file:line:column path: message`, the form that editors and CI logs can jump to. */
export function formatIssue(issue: Issue): string {
  const { file, line, column } = issue.at;
  return `${file}:${line}:${column} ${issue.path === "" ? "" : `${issue.path}: `}${issue.message}`;
}
