import { z } from "zod";
import { DOCUMENT_SCHEMAS, type DocumentKind } from "./schema";

/** The part of JSON Schema (2020-12) that our documents need. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
}

/** JSON Schema of a kind of document as its author writes it, defaults not filled in: for editors and the reference page. */
export function documentJsonSchema(kind: DocumentKind): JsonSchema {
  return z.toJSONSchema(DOCUMENT_SCHEMAS[kind], { io: "input", unrepresentable: "any" }) as JsonSchema;
}
