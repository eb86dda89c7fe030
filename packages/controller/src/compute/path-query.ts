import type { Metric } from "@sextant/model";

/** The sum of a metric along the path is at most `max`, in the inside units of `metric-units.ts`. */
export interface Bound {
  readonly metric: Metric;
  readonly max: number;
}

/** What makes one path better than another, by the edges of a FlatGraph. */
export type EdgeGoal =
  /** The sum over the edges is smallest: whole numbers of zero or more. */
  | { readonly kind: "sum"; readonly cost: Float64Array }
  /** The smallest value among the edges is greatest. */
  | { readonly kind: "bottleneck"; readonly value: Float64Array };

/** What a path must cross somewhere; a negative index stands for what does not exist, so that there is no path. */
export type Included =
  | { readonly kind: "node"; readonly node: number }
  | { readonly kind: "link"; readonly link: number }
  /** At least one link of the group. */
  | { readonly kind: "srlg"; readonly name: string; readonly links: readonly number[] };

/** A question to the path engine, by the indices of a FlatGraph. */
export interface PathQuery {
  readonly source: number;
  /** Not the source. */
  readonly target: number;
  /** Stops to pass, in this order: any one node of each. A stop without nodes cannot be passed, so that there is no path. */
  readonly via: readonly (readonly number[])[];
  /** To cross in any order, at most 8. */
  readonly include: readonly Included[];
  /** In falling importance; where all are equal the IGP metric decides, then the hops, then the link names. */
  readonly goals: readonly EdgeGoal[];
  readonly bounds: readonly Bound[];
  /** 1 for each edge that the path may use. */
  readonly usable: Uint8Array;
  /** Paths that cost more by the first goal, a sum, need not be found. Absent: no limit. Heeded where nothing is to be passed or included. */
  readonly maxCost?: number | undefined;
  /** 1 for each edge that any query of this kind may use, more than `usable` has perhaps: what is known of these is shared. Absent: `usable`. */
  readonly superset?: Uint8Array;
}

/**
 * The answer: edges in travel order. `exact` is false when the work limit was hit and the path satisfies every constraint but
 * may not be the best; `gave_up` means that the limit was hit without finding any.
 */
export type PathAnswer =
  | { readonly kind: "path"; readonly edges: readonly number[]; readonly exact: boolean }
  | { readonly kind: "none" }
  | { readonly kind: "gave_up" };
