import { readLinks } from "../net/links";

/** Names of the interfaces of this namespace by their index. */
export type InterfaceNames = ReadonlyMap<number, string>;

/** Looks them up now. */
export async function interfaceNames(): Promise<InterfaceNames> {
  return new Map([...(await readLinks()).values()].map(({ ifindex, name }) => [ifindex, name]));
}
