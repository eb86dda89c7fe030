import type { PathMetrics } from "@sextant/model";

/**
 * Why there is no path, in one word. `Combined` when no single constraint is to blame, only several together; `WorkLimit` when
 * the search was given up before it was certain.
 */
export type NoPathReason =
  | "Disconnected"
  | "UnknownHost"
  | "UnknownPrefix"
  | "MaxDelay"
  | "MaxJitter"
  | "MaxLoss"
  | "MaxIgp"
  | "MaxHops"
  | "MinBandwidth"
  | "Avoid"
  | "Affinity"
  | "Algorithm"
  | "Include"
  | "Via"
  | "LinkHealth"
  | "Reservation"
  | "Combined"
  | "WorkLimit";

/** A smallest set of constraints without which there would be a path. */
export interface Relaxation {
  /** Names of constraints; one entry of a list is written `avoid.nodes lon`, dead links are `health`, and what others have reserved is `reservation`. */
  readonly drop: readonly string[];
  /**
   * The path that would be possible then. Where one bound alone is dropped it is the one that comes nearest to that bound, so
   * that its metric is what the bound would have to be; else it is the best by the intent's objective.
   */
  readonly reaches: PathMetrics;
}

export interface NoPath {
  readonly reason: NoPathReason;
  /** Sentence for people, naming each smallest set and what it would give. */
  readonly message: string;
  /** Empty when nothing that the intent could give up would help. */
  readonly relaxations: readonly Relaxation[];
}
