import type { Intent } from "@sextant/model";
import type { Catalog } from "../pipeline/catalog";
import type { LackingFeatures } from "../pipeline/features";
import type { IntentPlan, planIntent } from "../pipeline/plan";
import type { PlanInputs } from "../pipeline/recompute";
import type { DirectedLink } from "../topology/directed-link";
import type { FlatGraph } from "../topology/flat-graph";

/** What plans are made of before their catalog is in force. */
interface AheadInputs extends PlanInputs {
  readonly catalog: Catalog;
  readonly unusable: readonly DirectedLink[];
}

/**
 * Plans of a catalog that is not in force yet, made in turns: the one in force, agents and operators are served in between. Holds as many as the
 * catalog has intents, until they are taken.
 */
export class PlansAhead {
  readonly #plans = new Map<string, IntentPlan>();
  readonly #left: Set<string>;

  /** `names` are the intents to plan. */
  constructor(
    readonly inputs: AheadInputs,
    names: Iterable<string>,
    private readonly plan: typeof planIntent,
  ) {
    this.#left = new Set(names);
  }

  /** Goes on for so long, at least with one; false when there is nothing left to do. */
  run(budgetMs: number): boolean {
    const startMs = performance.now();
    for (const name of this.#left) {
      this.#left.delete(name);
      this.#make(this.inputs.intents.get(name));
      if (performance.now() - startMs >= budgetMs) break;
    }
    return this.#left.size > 0;
  }

  /** Gives the plan away; undefined when there is none of this intent in this network. */
  take(intent: Intent, graph: FlatGraph): IntentPlan | undefined {
    const plan = this.#plans.get(intent.name);
    this.#plans.delete(intent.name);
    return plan?.intent === intent && this.inputs.snapshot?.flat === graph ? plan : undefined;
  }

  /** True when hosts and links were then as they are now. */
  isOf(lacking: LackingFeatures, unusable: readonly DirectedLink[]): boolean {
    return this.inputs.lacking === lacking && this.inputs.unusable === unusable;
  }

  #make(intent: Intent | undefined): void {
    const { snapshot, lacking } = this.inputs;
    if (intent === undefined || snapshot === undefined) return;
    try {
      this.#plans.set(intent.name, this.plan(intent, snapshot, lacking));
    } catch {
      // It throws again when its catalog comes into force, and is told of then.
    }
  }
}
