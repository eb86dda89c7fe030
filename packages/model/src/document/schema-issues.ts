import type { z } from "zod";
import { type Issue, type IssueCode, MAX_ISSUES, type SourcePosition } from "../issue";
import { type FieldPath, formatPath } from "./field-path";
import { didYouMean } from "./nearest-name";
import { DOCUMENT_SCHEMAS } from "./schema";
import { shortened } from "./shortened";

/** One zod issue becomes one of ours per wrong field; a union reports the branch that got furthest. */
export function toIssues(
  issue: z.core.$ZodIssue,
  base: FieldPath,
  locate: (path: FieldPath) => SourcePosition,
): Issue[] {
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
      return issue.keys
        .slice(0, MAX_ISSUES + 1)
        .map((key) => make("unknown_field", `unknown field${didYouMean(key, known)}`, [...path, key]));
    }
    case "invalid_type":
      return issue.input === undefined
        ? [make("missing_field", `missing: expected ${issue.expected}`)]
        : [make("invalid_value", `expected ${issue.expected}, got ${describeValue(issue.input)}`)];
    case "too_small":
    case "too_big": {
      const units: Readonly<Record<string, string>> = { array: "entries", string: "characters" };
      const unit = units[issue.origin];
      const what = unit === undefined ? `must be ${boundOf(issue)}` : `must have ${boundOf(issue)} ${unit}`;
      return [make("out_of_range", `${what}, got ${describeValue(issue.input)}`)];
    }
    case "invalid_value": {
      const allowed = issue.values.map(String);
      if (issue.input === undefined) return [make("missing_field", `missing: expected ${allowed.join(" or ")}`)];
      const written = describeValue(issue.input);
      const hint = typeof issue.input === "string" ? didYouMean(issue.input, allowed) : "";
      return [make("invalid_value", `${written} is not one of ${allowed.join(", ")}${hint}`)];
    }
    case "invalid_union": {
      if (issue.input === undefined) return [make("missing_field", "missing")];
      const branches = issue.errors.map((branch) => branch.flatMap((inner) => toIssues(inner, path, locate)));
      const furthest = branchThatGotFurthest(branches);
      return furthest.length > 0 ? furthest : [make("invalid_value", issue.message)];
    }
    case "invalid_format":
    case "invalid_key":
    case "invalid_element":
    case "not_multiple_of":
    case "custom":
      return [make("invalid_value", issue.message)];
  }
}

function boundOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  if (issue.code === "too_small") return `${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}`;
  return `${issue.inclusive === false ? "below" : "at most"} ${issue.maximum}`;
}

function branchThatGotFurthest([first = [], ...others]: readonly (readonly Issue[])[]): Issue[] {
  return [...others.reduce((best, next) => (depth(next) > depth(best) ? next : best), first)];
}

function depth(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function describeValue(input: unknown): string {
  if (Array.isArray(input)) return `${input.length}`;
  if (typeof input === "string") return `"${shortened(input)}"`;
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
