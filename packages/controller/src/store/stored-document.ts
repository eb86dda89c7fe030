import { DOCUMENT_KINDS, SextantError } from "@sextant/model";
import type { DocumentRecord } from "../pipeline/document-record";

/** The text that a store keeps for a document. */
export function encodeDocument(document: DocumentRecord): string {
  const { kind, name, labels, spec, generation, order, measuredMbps } = document;
  return JSON.stringify({ kind, name, labels, spec, generation, order, measuredMbps });
}

/** Reads it back; throws SextantError `store_corrupt` naming `where` when it is not what `encodeDocument` writes. */
export function decodeDocument(where: string, text: string): DocumentRecord {
  const value = parseJson(text);
  if (isDocumentRecord(value)) return value;
  throw new SextantError(
    "store_corrupt",
    `${where} holds no document: restore the store from a backup, or remove the entry`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isDocumentRecord(value: unknown): value is DocumentRecord {
  if (value === null || typeof value !== "object") return false;
  const {
    kind,
    name,
    labels,
    spec,
    generation,
    order = 0,
    measuredMbps = {},
  } = value as Partial<Record<keyof DocumentRecord, unknown>>;
  return (
    (DOCUMENT_KINDS as readonly unknown[]).includes(kind) &&
    typeof name === "string" &&
    labels !== null &&
    typeof labels === "object" &&
    spec !== undefined &&
    Number.isSafeInteger(generation) &&
    (generation as number) >= 1 &&
    Number.isSafeInteger(order) &&
    measuredMbps !== null &&
    typeof measuredMbps === "object"
  );
}
