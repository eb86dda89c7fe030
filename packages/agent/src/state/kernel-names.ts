import { type EntryKey, isListKey, isPolicyKey, kernelKeyOf } from "@sextant/model";
import type { KernelKey } from "../reconcile/data-plane";
import type { HostState } from "./host-state";

/** Names of what the kernel holds by number, as far as the state on disk knows them. */
export class KernelNames {
  readonly #names: ReadonlyMap<KernelKey, EntryKey>;

  constructor(state: HostState | undefined) {
    const keys = state === undefined ? [] : [...state.wanted.keys(), ...state.installed.keys()];
    this.#names = new Map(keys.flatMap((key) => (isListKey(key) || isPolicyKey(key) ? [[kernelKeyOf(key), key]] : [])));
  }

  /** "list/…" or "policy/…"; 16 hex digits where the state does not tell. */
  of(key: KernelKey): string {
    return this.#names.get(key) ?? key.toString(16).padStart(16, "0");
  }

  /** The key of the entry; undefined where the state does not tell. */
  entryKey(key: KernelKey): EntryKey | undefined {
    return this.#names.get(key);
  }
}
