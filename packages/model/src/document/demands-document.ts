import { z } from "zod";
import { firstIssues, type Issue, MAX_ISSUES, type SourcePosition } from "../issue";
import type { FieldPath } from "./field-path";
import { labels, name } from "./fields";
import type { JsonSchema } from "./json-schema";
import { MAX_FILE_CHARACTERS } from "./parse";
import { API_VERSION } from "./schema";
import { toIssues } from "./schema-issues";
import { readYaml } from "./yaml-source";

const MAX_DEMANDS = 1_000_000;

const demand = z.strictObject({
  name: name.optional().describe("`from-to` when absent; demands between the same nodes need one."),
  from: z.string().describe("Node or host where the traffic enters."),
  to: z.string().describe("Node or host where it leaves."),
  mbps: z.number().min(0).max(10_000_000).describe("How much, in Mbit/s."),
});

const demandsSchema = z.strictObject({
  apiVersion: z.literal(API_VERSION).describe("Version of the format."),
  kind: z.literal("Demands").describe("Which kind of document this is."),
  metadata: z.strictObject({
    name: name.describe("What it is called."),
    labels: labels.describe("Free key-value pairs."),
  }),
  spec: z.strictObject({ demands: z.array(demand).max(MAX_DEMANDS).describe("Traffic to be carried.") }),
});

/** Demands as their author wrote them; whether their nodes exist is not checked here. */
export interface DemandsDocument {
  readonly spec: z.output<typeof demandsSchema>["spec"];
  /** Position of a field, or of its nearest existing parent. */
  readonly locate: (path: FieldPath) => SourcePosition;
}

/**
 * Reads all `kind: Demands` documents of one file. A controller keeps no such documents: they are input of `sextant place`, so other kinds
 * in the file are issues.
 */
export function parseDemandsDocuments(
  file: string,
  text: string,
): { readonly documents: readonly DemandsDocument[]; readonly issues: readonly Issue[] } {
  if (text.length > MAX_FILE_CHARACTERS) {
    const message = `file is longer than ${MAX_FILE_CHARACTERS} characters: the format of REPETITA has room for more`;
    return { documents: [], issues: [{ code: "too_large", path: "", message, at: { file, line: 1, column: 1 } }] };
  }
  const documents: DemandsDocument[] = [];
  const issues: Issue[] = [];
  for (const { value, locate, issues: faults } of readYaml(file, text)) {
    issues.push(...faults);
    if (value === null || value === undefined) continue;
    const parsed = demandsSchema.safeParse(value, { reportInput: true });
    if (parsed.success) documents.push({ spec: parsed.data.spec, locate });
    else {
      const first = parsed.error.issues.slice(0, MAX_ISSUES + 1);
      issues.push(...first.flatMap((issue) => toIssues(issue, [], locate)));
    }
  }
  return { documents, issues: firstIssues(issues) };
}

/** JSON Schema of `kind: Demands`, for editors and the reference page. */
export function demandsJsonSchema(): JsonSchema {
  return z.toJSONSchema(demandsSchema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}
