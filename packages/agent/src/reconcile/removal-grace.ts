import type { KernelKey } from "./data-plane";
import type { Step } from "./delta";
import { type KernelState, listsOfPolicy } from "./kernel-state";

/**
 * Holds back the removal of lists and policies until nothing in the kernel has pointed at them for `graceMs`. The packet
 * path reads destination, policy and list afresh for each packet inside one run of the program, so a pointer that was read
 * before its removal is used within one RCU grace period, tens of milliseconds at the very most; packets already sent carry
 * their list with them. Nothing refers to a list by flow or connection.
 */
export class RemovalGrace {
  readonly #unusedSinceMs = new Map<string, number>();

  constructor(readonly graceMs: number) {}

  /** Takes note of what nothing points at. Call with each fresh reading of the kernel. */
  observe(actual: KernelState, nowMs: number): void {
    const unused = new Set([
      ...unpointed(
        "delete_policy",
        actual.policies,
        [...actual.destinations.values()].flatMap(({ rules }) => rules.map(({ policy }) => policy)),
      ),
      ...unpointed("delete_list", actual.lists, [...actual.policies.values()].flatMap(listsOfPolicy)),
    ]);
    for (const name of this.#unusedSinceMs.keys()) if (!unused.has(name)) this.#unusedSinceMs.delete(name);
    for (const name of unused) if (!this.#unusedSinceMs.has(name)) this.#unusedSinceMs.set(name, nowMs);
  }

  /** True when the step removes nothing that a packet may still be using. */
  allows(step: Step, nowMs: number): boolean {
    if (step.kind !== "delete_policy" && step.kind !== "delete_list") return true;
    const sinceMs = this.#unusedSinceMs.get(removalName(step.kind, step.key));
    return sinceMs !== undefined && nowMs - sinceMs >= this.graceMs;
  }
}

type Removal = "delete_policy" | "delete_list";

function removalName(kind: Removal, key: KernelKey): string {
  return `${kind} ${key}`;
}

function unpointed(kind: Removal, map: ReadonlyMap<KernelKey, unknown>, pointedAt: readonly KernelKey[]): string[] {
  const used = new Set(pointedAt);
  return [...map.keys()].filter((key) => !used.has(key)).map((key) => removalName(kind, key));
}
