import type { DesiredEntry, EntryKey, Revised } from "@sextant/model";
import { entries } from "../../../../test/support/desired";
import { MemoryDataPlane } from "../../../../test/support/memory-data-plane";
import { memoryEnvironment } from "../../../../test/support/memory-environment";
import { type ReconcileInput, Reconciler } from "../reconcile/reconciler";
import { GRACES_MS } from "../reconcile/removal-grace";

/** What nothing points at stays as long in the kernel of a `ReconciledHost`. */
export const GRACE_MS = GRACES_MS.delete_policy;

/** One host across several reconciliations. */
export class ReconciledHost {
  readonly reconciler: Reconciler;
  installed: ReadonlyMap<EntryKey, Revised> = new Map();
  nowMs = 0;
  #nonce = 0n;

  constructor(
    readonly plane = new MemoryDataPlane(),
    public environment = memoryEnvironment(),
  ) {
    this.reconciler = new Reconciler(plane);
  }

  /** Reconciles towards these entries, a grace period later, and gives what was written. */
  want(...wanted: DesiredEntry[]) {
    return this.hold(entries(...wanted));
  }

  hold(wanted: ReadonlyMap<EntryKey, Revised>) {
    this.nowMs += GRACE_MS;
    this.plane.writes.length = 0;
    const input: ReconcileInput = {
      held: { wanted, installed: this.installed },
      probeMultiplier: 3,
      term: 1n,
      environment: this.environment,
      newNonce: () => ++this.#nonce,
      nowMs: this.nowMs,
    };
    const result = this.reconciler.reconcile(input);
    this.installed = result.effective;
    return result;
  }

  /** The reason of an entry, "" when it is installed. */
  reasons(result: ReturnType<ReconciledHost["want"]>): Record<string, string> {
    return Object.fromEntries(
      [...result.states].map(([key, { status, reason }]) => [key, `${status} ${reason}`.trim()]),
    );
  }
}
