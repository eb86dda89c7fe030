import { type Catalog, findDocument, removeDocuments } from "./catalog";
import type { DocumentId } from "./document-record";

export interface Withdrawal {
  readonly deleted: readonly DocumentId[];
  readonly notFound: readonly DocumentId[];
  readonly catalog: Catalog;
}

/**
 * The counterpart of accept: takes documents out, all or none. The topology cannot go while other documents refer to it;
 * `refused` then says what to do.
 */
export function withdraw(ids: readonly DocumentId[], catalog: Catalog): Withdrawal | { readonly refused: string } {
  const deleted = ids.filter((id) => findDocument(catalog, id) !== undefined);
  const notFound = ids.filter((id) => findDocument(catalog, id) === undefined);
  const next = removeDocuments(catalog, deleted);
  const orphans = next.topology === undefined ? next.intents.size + next.services.size : 0;
  if (orphans > 0) {
    const name = catalog.topology?.record.name ?? "";
    return { refused: `${orphans} intents and services refer to topology "${name}": delete them first` };
  }
  return { deleted, notFound, catalog: next };
}
