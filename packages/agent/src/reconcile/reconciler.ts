import type { EntryKey, Revised } from "@sextant/model";
import { applySteps } from "./apply";
import { type Compiled, compile } from "./compile";
import type { CompileInput, Refused } from "./compile-input";
import type { DataPlane } from "./data-plane";
import { kernelDelta, type Step, stepName } from "./delta";
import type { EntryState } from "./held-entry";
import { type KernelState, type MutableKernelState, readKernelState } from "./kernel-state";
import { RemovalGrace } from "./removal-grace";

/** What one reconciliation needs beyond the kernel. */
export type ReconcileInput = Omit<CompileInput, "limits" | "current" | "refused"> & {
  /** Monotonic. */
  readonly nowMs: number;
};

export interface Reconciled {
  /** The next `Held.installed`. */
  readonly effective: ReadonlyMap<EntryKey, Revised>;
  readonly states: ReadonlyMap<EntryKey, EntryState>;
  readonly written: readonly Step[];
  /** Writes that put back what someone else had changed. */
  readonly repairs: readonly string[];
  /** True while a removal waits for its grace period. */
  readonly removalsPending: boolean;
}

/** Unused lists and policies stay this long: far beyond an RCU grace period, and short for a person. */
export const REMOVAL_GRACE_MS = 250;

/** One round per kind of put that can find its map full, and one to finish. */
const MAX_ROUNDS = 5;

/**
 * Keeps the kernel as desired state says. Every call reads the kernel, compiles, and writes the difference in
 * make-before-break order, so lost, repeated or reordered calls do no harm. It remembers what it wrote only to tell a
 * repair from a change.
 */
export class Reconciler {
  readonly #grace: RemovalGrace;
  #written: KernelState | undefined;

  constructor(
    private readonly plane: DataPlane,
    graceMs: number = REMOVAL_GRACE_MS,
  ) {
    this.#grace = new RemovalGrace(graceMs);
  }

  /** Throws what the data plane throws, `map_full` excepted: that ends in a state of the entry. */
  reconcile(input: ReconcileInput): Reconciled {
    const actual = readKernelState(this.plane);
    const drift = this.#written === undefined ? [] : kernelDelta(actual, this.#written).map(stepName);
    try {
      return this.#converge(input, actual, new Set(drift));
    } finally {
      this.#written = actual;
    }
  }

  #converge(input: ReconcileInput, actual: MutableKernelState, drift: ReadonlySet<string>): Reconciled {
    const { nowMs, ...compileInput } = input;
    const refused = noRefusals();
    const written: Step[] = [];
    for (let round = 1; ; round++) {
      const current = { ...actual, lists: new Map([...actual.lists, ...(this.#written?.lists ?? [])]) };
      const { target, effective, states }: Compiled = compile({
        ...compileInput,
        limits: this.plane.limits,
        current,
        refused,
      });
      const steps = kernelDelta(actual, target);
      this.#grace.observe(actual, nowMs);
      const allowed = steps.filter((step) => this.#grace.allows(step, nowMs));
      const result = applySteps(this.plane, actual, allowed);
      written.push(...result.done);
      if (result.refused.length === 0 || round === MAX_ROUNDS) {
        this.#grace.observe(actual, nowMs);
        const repairs = written.map(stepName).filter((name) => drift.has(name));
        return { effective, states, written, repairs, removalsPending: allowed.length < steps.length };
      }
      for (const step of result.refused) refuse(refused, step);
    }
  }
}

function noRefusals() {
  return { lists: new Set<bigint>(), policies: new Set<bigint>(), destinations: new Set<string>(), domain: false };
}

function refuse(refused: ReturnType<typeof noRefusals> & Refused, step: Step): void {
  switch (step.kind) {
    case "put_list":
      refused.lists.add(step.key);
      return;
    case "put_policy":
      refused.policies.add(step.key);
      return;
    case "put_destination":
      refused.destinations.add(step.prefix);
      return;
    case "add_source":
      refused.domain = true;
      return;
    case "put_config":
    case "delete_destination":
    case "delete_source":
    case "delete_policy":
    case "delete_list":
  }
}
