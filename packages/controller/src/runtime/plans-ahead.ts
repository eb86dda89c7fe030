import type { Intent } from "@sextant/model";
import type { Catalog } from "../pipeline/catalog";
import type { planIntent } from "../pipeline/plan";
import type { PlanInputs, Recomputation } from "../pipeline/recompute";
import { PlanSet } from "./plan-set";

/** What plans are made of before their catalog is in force. */
interface AheadInputs extends PlanInputs {
  readonly catalog: Catalog;
}

/**
 * Plans of a catalog that is not in force yet, made in turns: the one in force, agents and operators are served in between. Holds as many as the
 * catalog has intents, until they are taken.
 */
export class PlansAhead {
  readonly plans: PlanSet;
  readonly #left: Set<string>;

  /** `work` is what leads from the plans of `before` to the catalog. */
  constructor(
    readonly inputs: AheadInputs,
    readonly before: PlanInputs,
    readonly work: Recomputation,
    private readonly plan: typeof planIntent,
  ) {
    this.plans = new PlanSet(inputs.snapshot?.flat);
    this.#left = new Set(work.compute);
  }

  /** Goes on for so long, at least with one; false when there is nothing left to do. */
  run(budgetMs: number): boolean {
    const startMs = performance.now();
    for (const name of this.#left) {
      this.#left.delete(name);
      this.#make(this.inputs.intents.get(name)?.value);
      if (performance.now() - startMs >= budgetMs) break;
    }
    return this.#left.size > 0;
  }

  #make(intent: Intent | undefined): void {
    const { snapshot, lacking } = this.inputs;
    if (intent === undefined || snapshot === undefined) return;
    try {
      this.plans.keep(this.plan(intent, snapshot, lacking), snapshot.unusable);
    } catch {
      // It throws again when its catalog comes into force, and is told of then.
    }
  }
}
