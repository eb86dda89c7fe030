import { statfs } from "node:fs/promises";
import { SextantError } from "@sextant/model";
import { ClassicLevel } from "classic-level";
import { checkLevelFiles, corrupt } from "./check-level-files";
import { Sequence } from "./sequence";
import { type DocumentRecord, documentKey } from "../pipeline/document-record";
import type { Store, StoreBatch } from "./store";
import { decodeDocument, encodeDocument } from "./stored-document";

/** Kept free so that LevelDB can always roll its log over (it may hold two write buffers of 4 MiB). */
const RESERVE_BYTES = 16 * 1024 * 1024;
const DOCUMENT_PREFIX = "document/";
const DOCUMENT_END = "document0";
const TERM_KEY = "meta/term";

type Operation = { type: "put"; key: string; value: string } | { type: "del"; key: string };

/** How `openLevelStore` may be varied. */
export interface LevelStoreOptions {
  /** Commits are refused as `store_full` when they would leave less than this on the file system. Default 16 MiB. */
  readonly reserveBytes?: number;
}

/** Opens the embedded store in `dir`, creating it when there is none. One process at a time can have it open. */
export async function openLevelStore(dir: string, options: LevelStoreOptions = {}): Promise<Store> {
  try {
    await checkLevelFiles(dir);
    return new LevelStore(dir, options.reserveBytes ?? RESERVE_BYTES, await openDatabase(dir));
  } catch (error) {
    throw explain(dir, error);
  }
}

class LevelStore implements Store {
  readonly description: string;
  readonly #sequence = new Sequence();
  #database: ClassicLevel | undefined;
  /** What puts the keys of a failed commit back: LevelDB may still have written it, wholly or in part. */
  #undo: readonly Operation[] = [];

  constructor(
    readonly dir: string,
    readonly reserveBytes: number,
    database: ClassicLevel,
  ) {
    this.description = `embedded store in ${dir}`;
    this.#database = database;
  }

  load(): Promise<readonly DocumentRecord[]> {
    return this.#run(async (database) => {
      const documents: DocumentRecord[] = [];
      for await (const [key, text] of database.iterator({ gte: DOCUMENT_PREFIX, lt: DOCUMENT_END })) {
        documents.push(decodeDocument(`${key} in ${this.dir}`, text));
      }
      return documents;
    });
  }

  commit({ puts, deletes }: StoreBatch): Promise<void> {
    return this.#write([
      ...deletes.map((id): Operation => ({ type: "del", key: DOCUMENT_PREFIX + documentKey(id) })),
      ...puts.map((document): Operation => {
        return { type: "put", key: DOCUMENT_PREFIX + documentKey(document), value: encodeDocument(document) };
      }),
    ]);
  }

  async nextTerm(atLeast = 1n): Promise<bigint> {
    const text = await this.#run((database) => database.get(TERM_KEY));
    if (text !== undefined && !/^\d{1,19}$/.test(text)) throw corrupt(this.dir, `holds no number under ${TERM_KEY}`);
    const next = BigInt(text ?? 0) + 1n;
    const term = next < atLeast ? atLeast : next;
    await this.#write([{ type: "put", key: TERM_KEY, value: String(term) }]);
    return term;
  }

  async close(): Promise<void> {
    await this.#sequence.run(async () => {
      await this.#database?.close();
    });
  }

  #write(operations: readonly Operation[]): Promise<void> {
    return this.#run(async (database) => {
      await this.#requireSpace(operations);
      const undo = await currentValues(database, operations);
      try {
        await database.batch([...this.#undo, ...operations], { sync: true });
        this.#undo = [];
      } catch (error) {
        this.#undo = mergeUndo(this.#undo, undo);
        // After a failed write the state of LevelDB's log is unknown: only a new one may be written to.
        this.#database = undefined;
        await database.close();
        throw error;
      }
    });
  }

  /** Found out beforehand, a full disk leaves LevelDB untouched. */
  async #requireSpace(operations: readonly Operation[]): Promise<void> {
    const { bavail, bsize } = await statfs(this.dir);
    const wanted = operations.reduce(
      (sum, op) => sum + 64 + op.key.length + ("value" in op ? 4 * op.value.length : 0),
      0,
    );
    const free = bavail * bsize;
    if (free >= wanted + this.reserveBytes) return;
    const need = `${Math.ceil((wanted + this.reserveBytes) / 1024)} KiB`;
    throw new SextantError(
      "store_full",
      `${this.dir} has ${Math.floor(free / 1024)} KiB left and needs ${need}: free some space and apply again`,
    );
  }

  #run<T>(action: (database: ClassicLevel) => Promise<T>): Promise<T> {
    return this.#sequence.run(async () => {
      try {
        this.#database ??= await openDatabase(this.dir);
        return await action(this.#database);
      } catch (error) {
        throw explain(this.dir, error);
      }
    });
  }
}

async function openDatabase(dir: string): Promise<ClassicLevel> {
  // Uncompressed, so that `levelTableFault` can read the index blocks; documents are small.
  const database = new ClassicLevel(dir, { keyEncoding: "utf8", valueEncoding: "utf8", compression: false });
  await database.open();
  return database;
}

async function currentValues(database: ClassicLevel, operations: readonly Operation[]): Promise<Operation[]> {
  const values = await database.getMany(operations.map((operation) => operation.key));
  return operations.map(({ key }, i): Operation => {
    const value = values[i];
    return value === undefined ? { type: "del", key } : { type: "put", key, value };
  });
}

/** The older undo of a key is the one that leads back to what was acknowledged. */
function mergeUndo(older: readonly Operation[], newer: readonly Operation[]): Operation[] {
  const known = new Set(older.map((operation) => operation.key));
  return [...older, ...newer.filter((operation) => !known.has(operation.key))];
}

/** LevelDB gives its reasons as text only. */
function explain(dir: string, error: unknown): SextantError {
  if (error instanceof SextantError) return error;
  const root = rootCause(error);
  const text = `${root.code} ${root.message}`;
  const cause = { cause: error };
  if (text.includes("LEVEL_LOCKED")) {
    return new SextantError(
      "store_locked",
      `${dir} is in use by another controller: stop it, or give this one its own --data-dir`,
      cause,
    );
  }
  if (/LEVEL_CORRUPTION|\.ldb: No such file/.test(text)) return corrupt(dir, `cannot be read (${root.message})`, error);
  if (/ENOSPC|EDQUOT|No space left|quota exceeded/i.test(text)) {
    return new SextantError("store_full", `no space left in ${dir}: free some and apply again`, cause);
  }
  if (/EACCES|EPERM|EROFS|Permission denied|not permitted|Read-only/i.test(text)) {
    return new SextantError(
      "permission_denied",
      `${dir} cannot be written (${root.message}): run as its owner, or choose another --data-dir`,
      cause,
    );
  }
  if (/ENOTDIR|EEXIST|Not a directory/i.test(text)) {
    return new SextantError(
      "invalid_argument",
      `${dir} is no directory (${root.message}): choose another --data-dir`,
      cause,
    );
  }
  return new SextantError("unavailable", `${dir}: ${root.message}`, cause);
}

function rootCause(error: unknown): { readonly code: string; readonly message: string } {
  const { cause, code, message } = error as { cause?: unknown; code?: unknown; message?: unknown };
  if (typeof cause === "object" && cause !== null) return rootCause(cause);
  return { code: typeof code === "string" ? code : "", message: typeof message === "string" ? message : String(error) };
}
