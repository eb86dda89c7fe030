import { type Catalog, findDocument, removeDocuments } from "./catalog";
import type { DocumentId } from "./document-record";

export interface Withdrawal {
  readonly deleted: readonly DocumentId[];
  readonly notFound: readonly DocumentId[];
  readonly catalog: Catalog;
}

/** Names of the intents that go via a service. */
function usersOf(service: string, { intents }: Catalog): string[] {
  return [...intents.values()].flatMap(({ value: { name, constraints } }) =>
    constraints.via.some((stop) => "service" in stop && stop.service === service) ? [name] : [],
  );
}

/**
 * The counterpart of accept: takes documents out, all or none. The topology cannot go while other documents refer to it, nor a service while intents go via it;
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
  const used = deleted.find(({ kind, name }) => kind === "Service" && usersOf(name, next).length > 0);
  if (used !== undefined) {
    const users = usersOf(used.name, next);
    return {
      refused: `${users.length} intents go via service "${used.name}", ${users[0] ?? ""} among them: change or delete them first`,
    };
  }
  return { deleted, notFound, catalog: next };
}
