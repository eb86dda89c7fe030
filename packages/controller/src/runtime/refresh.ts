import type { PlanFailure } from "../bandwidth/admission";
import type { Catalog } from "../pipeline/catalog";
import type { LackingFeatures } from "../pipeline/features";
import type { DirectedLink } from "../topology/directed-link";

/** What one pass of recomputation did, for the log. */
export interface RefreshResult {
  readonly computed: number;
  readonly forgotten: number;
  /** Names of both. */
  readonly touched: readonly string[];
  readonly failed: readonly PlanFailure[];
  /** Intents that may still have a plan of before something changed: the next pass goes on with them. */
  readonly left: number;
}

/** What a pass of recomputation works from. */
export interface RefreshInputs {
  readonly catalog: Catalog;
  readonly lacking?: LackingFeatures;
  /** What observation found broken: the same array until it is something else. */
  readonly unusable?: readonly DirectedLink[];
  /** For how long plans are made anew because of that; the others are made at once. Default: for as long as it takes. */
  readonly budgetMs?: number;
}
