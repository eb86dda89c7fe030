import type { DocumentKind } from "@sextant/model";

/** Identity of a document, unique within a controller. */
export interface DocumentId {
  readonly kind: DocumentKind;
  readonly name: string;
}

/** A document as it is kept: what its author wrote, and how often that changed. */
export interface DocumentRecord extends DocumentId {
  readonly labels: Readonly<Record<string, string>>;
  /** The spec before defaults, plain JSON. */
  readonly spec: unknown;
  /** Counts the changes of the spec, from 1. */
  readonly generation: number;
  /** Of an intent: grows with each one that came after others. Absent in records of versions that did not count it. */
  readonly order?: number;
  /** Of an intent that reserves what is measured: Mbit/s by name of the pair. Kept, so that a restart moves nothing. */
  readonly measuredMbps?: Readonly<Record<string, number>>;
}

/** `Kind/name`; kinds and names hold no slash. */
export function documentKey({ kind, name }: DocumentId): string {
  return `${kind}/${name}`;
}
