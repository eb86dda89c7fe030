import { minimalSteps, type Step, type StepRules } from "../compute/minimal-steps";
import { otherWayBack } from "../compute/other-way-back";
import type { FlatGraph } from "../topology/flat-graph";

/** What stage encode searches the network for; all else in it is looking up and putting together. Another thread can have done it. */
export interface Searches {
  /** As `minimalSteps`. */
  readonly steps: (graph: FlatGraph, edges: readonly number[], rules: StepRules) => readonly Step[] | undefined;
  /** As `otherWayBack`. */
  readonly wayBack: (graph: FlatGraph, out: readonly number[]) => readonly number[] | undefined;
}

/** Searches here and now. */
export const SEARCHING: Searches = { steps: minimalSteps, wayBack: otherWayBack };
