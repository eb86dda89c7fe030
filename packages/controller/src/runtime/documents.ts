import { type DocumentKind, type Issue, SextantError } from "@sextant/model";
import { type AppliedDocument, acceptParsed, type SourceFile } from "../pipeline/accept";
import type { Catalog } from "../pipeline/catalog";
import type { DocumentRecord } from "../pipeline/document-record";
import { withdraw } from "../pipeline/withdraw";
import type { Store } from "../store/store";
import type { History } from "./history";
import type { Log } from "./log";
import { parseInTurns } from "./parse-in-turns";
import { PendingChanges } from "./pending-changes";

/** For how long documents are read at a time: agents and operators are served in between. */
const READ_BUDGET_MS = 15;
/** Who applies documents waits for so long for them to come into force. */
const ANSWER_MS = 5_000;

/** What is wrong with the documents, or what became of each. */
export type ApplyResult = { readonly issues: readonly Issue[] } | { readonly applied: readonly AppliedDocument[] };

export interface DocumentsOptions {
  readonly catalog: Catalog;
  readonly store: Pick<Store, "commit">;
  readonly log: Log;
  readonly history: Pick<History, "applied" | "deleted">;
  /** Does what can be done before a catalog comes into force. */
  readonly prepare: (catalog: Catalog) => Promise<void>;
  /** Another catalog is in force. */
  readonly onChange: () => void;
}

/** The documents in force. They change one change after the other, and each is stored before it is in force. */
export class Documents {
  readonly #changes = new PendingChanges();
  #catalog: Catalog;

  constructor(private readonly options: DocumentsOptions) {
    this.#catalog = options.catalog;
  }

  get catalog(): Catalog {
    return this.#catalog;
  }

  /**
   * Stages accept and validate, then stores. All documents or none; SextantError of the store when it fails. Answers when they are in force; those
   * that take long to plan, when they are stored: they come into force together later, and the next change waits for that.
   */
  apply(files: readonly SourceFile[], dryRun: boolean): Promise<ApplyResult> {
    return new Promise((resolve, reject) => {
      this.#changes.run(() => this.#apply(files, dryRun, resolve)).then(resolve, reject);
    });
  }

  async #apply(
    files: readonly SourceFile[],
    dryRun: boolean,
    answer: (early: ApplyResult) => void,
  ): Promise<ApplyResult> {
    const { store, log, history } = this.options;
    const parsed = await parseInTurns(files, READ_BUDGET_MS);
    const result = acceptParsed(parsed, this.#catalog);
    if ("issues" in result || dryRun) return result;
    const puts = result.applied.filter(({ action }) => action !== "unchanged").map(({ record }) => record);
    if (puts.length > 0) {
      await store.commit({ puts, deletes: [] });
      const late = setTimeout(() => answer(result), ANSWER_MS);
      await this.#prepare(result.catalog);
      clearTimeout(late);
      history.applied(result.applied);
      this.#replace(result.catalog);
    }
    log.info({ stage: "accept", documents: result.applied.length, changed: puts.length }, "applied");
    return result;
  }

  /** What is stored comes into force, whatever becomes of the work ahead: that is only done earlier. */
  async #prepare(catalog: Catalog): Promise<void> {
    try {
      await this.options.prepare(catalog);
    } catch (error) {
      this.options.log.error({ stage: "compute", err: error }, "documents could not be planned ahead");
    }
  }

  /** Takes documents out. SextantError `conflict` when others need them, or that of the store. */
  delete(kind: DocumentKind, names: readonly string[]): Promise<{ deleted: string[]; notFound: string[] }> {
    const { store, log, history } = this.options;
    return this.#changes.run(async () => {
      const ids = [...new Set(names)].map((name) => ({ kind, name }));
      const result = withdraw(ids, this.#catalog);
      if ("refused" in result) throw new SextantError("conflict", result.refused);
      if (result.deleted.length > 0) {
        await store.commit({ puts: [], deletes: result.deleted });
        history.deleted(result.deleted);
        this.#replace(result.catalog);
      }
      log.info({ stage: "accept", kind, deleted: result.deleted.length }, "deleted");
      return { deleted: result.deleted.map(({ name }) => name), notFound: result.notFound.map(({ name }) => name) };
    });
  }

  /** Keeps what the controller itself adds to documents. Gives how many that were; SextantError of the store when it fails. */
  amend(
    change: (catalog: Catalog) => { readonly catalog: Catalog; readonly puts: readonly DocumentRecord[] },
  ): Promise<number> {
    return this.#changes.run(async () => {
      const { catalog, puts } = change(this.#catalog);
      if (puts.length === 0) return 0;
      await this.options.store.commit({ puts, deletes: [] });
      this.#replace(catalog);
      return puts.length;
    });
  }

  #replace(catalog: Catalog): void {
    this.#catalog = catalog;
    this.options.onChange();
  }
}
