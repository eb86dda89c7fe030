import type { IpPrefix } from "@sextant/model";
import { decodePrefix } from "./address-codec";

/** Beyond it names of prefixes that are long gone are forgotten, with all others. */
const MOST_KNOWN = 131_072;

/** Prefixes as text, each made once: a trie is read whole, and text is what costs. */
export class PrefixNames {
  readonly #names = new Map<string, IpPrefix>();

  of(key: Buffer): IpPrefix {
    const bytes = key.toString("latin1");
    const known = this.#names.get(bytes);
    if (known !== undefined) return known;
    if (this.#names.size >= MOST_KNOWN) this.#names.clear();
    const name = decodePrefix(key);
    this.#names.set(bytes, name);
    return name;
  }
}
