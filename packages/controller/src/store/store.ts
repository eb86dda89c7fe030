import type { DocumentId, DocumentRecord } from "../pipeline/document-record";

/** Changes that take effect together or not at all. */
export interface StoreBatch {
  readonly puts: readonly DocumentRecord[];
  readonly deletes: readonly DocumentId[];
}

/**
 * Where documents live. Every method may fail with SextantError: `store_locked` (another controller owns the store),
 * `store_corrupt` (the message names the file or key), `store_full`, `permission_denied`, `unavailable`. After a failed
 * commit nothing of it remains and the store can be used on.
 */
export interface Store {
  /** For messages: which store this is, without secrets. */
  readonly description: string;
  /** All documents, in order of kind and name. They are validated again by whoever loads them. */
  load(): Promise<readonly DocumentRecord[]>;
  /** Resolves when the whole batch would survive a crash. */
  commit(batch: StoreBatch): Promise<void>;
  /** Raises the controller's term for good, to `atLeast` or more, and returns it; the first one is 1. */
  nextTerm(atLeast?: bigint): Promise<bigint>;
  close(): Promise<void>;
}
