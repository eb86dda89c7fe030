import { openLevelStore } from "./level-store";
import { openRedisStore } from "./redis-store";
import type { Store } from "./store";

/** Where the documents are kept. */
export type StoreConfig =
  | { readonly kind: "level"; readonly dir: string }
  | { readonly kind: "redis"; readonly url: string };

/** Opens the configured store; SextantError as described at `Store`. */
export function openStore(config: StoreConfig): Promise<Store> {
  switch (config.kind) {
    case "level":
      return openLevelStore(config.dir);
    case "redis":
      return openRedisStore(config.url);
  }
}
