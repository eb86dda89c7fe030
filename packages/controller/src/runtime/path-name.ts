import type { ListKey } from "@sextant/model";

/** Name of a path, which is one segment list of one host: `HOST/16 hex digits`. */
export function pathName(host: string, list: ListKey): string {
  return `${host}/${list.slice("list/".length)}`;
}
