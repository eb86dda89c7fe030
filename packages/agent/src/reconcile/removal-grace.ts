import type { KernelKey } from "./data-plane";
import { type Step, stepName } from "./delta";
import { type KernelState, listsOfPolicy, senderName } from "./kernel-state";

/**
 * How long what nothing needs any more stays in the kernel. Lists and policies: once nothing in the kernel points at them. The packet
 * path reads destination, policy and list afresh for each packet inside one run of the program, so a pointer that was read
 * before its removal is used within one RCU grace period, tens of milliseconds at the very most; packets already sent carry
 * their list with them, and nothing refers to a list by flow or connection. Senders: once the domain does not name them. A
 * sender is another machine, whose last packets are on their way, and which may learn of the change later than this host.
 */
export const GRACES_MS = { delete_policy: 250, delete_list: 250, delete_sender: 30_000 } as const satisfies Partial<
  Record<Step["kind"], number>
>;

/** Holds back removals until they have been due for the grace period of their kind. */
export class RemovalGrace {
  /** By the name of the removal. */
  readonly #unusedSinceMs = new Map<string, number>();

  /** Takes note of what is not needed. Call with each fresh reading of the kernel. */
  observe(actual: KernelState, target: KernelState, nowMs: number): void {
    const unused = new Set(
      [
        ...unpointed(actual.policies, rulePolicies(actual)).map((key): Step => ({ kind: "delete_policy", key })),
        ...unpointed(actual.lists, policyLists(actual)).map((key): Step => ({ kind: "delete_list", key })),
        ...[...actual.senders.values()]
          .filter((sender) => !target.senders.has(senderName(sender)))
          .map((sender): Step => ({ kind: "delete_sender", sender })),
      ].map(stepName),
    );
    for (const name of this.#unusedSinceMs.keys()) if (!unused.has(name)) this.#unusedSinceMs.delete(name);
    for (const name of unused) if (!this.#unusedSinceMs.has(name)) this.#unusedSinceMs.set(name, nowMs);
  }

  /** When the step may be taken, on the clock of `nowMs`: now, or once what it removes has been unused for its grace period. */
  dueMs(step: Step, nowMs: number): number {
    if (!isHeldBack(step.kind)) return nowMs;
    return (this.#unusedSinceMs.get(stepName(step)) ?? nowMs) + GRACES_MS[step.kind];
  }
}

function isHeldBack(kind: Step["kind"]): kind is keyof typeof GRACES_MS {
  return kind in GRACES_MS;
}

function rulePolicies({ destinations }: KernelState): KernelKey[] {
  return [...destinations.values()].flatMap(({ rules }) => rules.map(({ policy }) => policy));
}

function policyLists({ policies }: KernelState): KernelKey[] {
  return [...policies.values()].flatMap(listsOfPolicy);
}

function unpointed(map: ReadonlyMap<KernelKey, unknown>, pointedAt: readonly KernelKey[]): KernelKey[] {
  const used = new Set(pointedAt);
  return [...map.keys()].filter((key) => !used.has(key));
}
