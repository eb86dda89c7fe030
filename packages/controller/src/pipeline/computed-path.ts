import { PathInGraph } from "../compute/path-edges";
import type { FlatGraph } from "../topology/flat-graph";

/** What is known of a path beside its way. */
interface Share {
  readonly edges: readonly number[];
  /** False when the work limit was hit: the path keeps every constraint, but a better one may exist, or another beside it. */
  readonly exact: boolean;
  /** Share of the candidate's traffic: weight / sum of the candidate's weights (RFC 9256 section 2.11). 1 to 65535. */
  readonly weight: number;
}

/** A path that takes a share of a candidate's traffic. */
export class SharedPath extends PathInGraph {
  readonly exact: boolean;
  readonly weight: number;

  constructor(graph: FlatGraph, { edges, exact, weight }: Share) {
    super(graph, edges);
    this.exact = exact;
    this.weight = weight;
  }
}

/** Most candidates have one path: they share this. */
const NOTHING_BESIDE: readonly SharedPath[] = [];

/** A candidate of a policy: its best path, and those that share its traffic. */
export class ComputedPath extends SharedPath {
  readonly beside: readonly SharedPath[];

  constructor(
    graph: FlatGraph,
    best: Share,
    readonly preference: number,
    beside: readonly SharedPath[],
  ) {
    super(graph, best);
    this.beside = beside.length === 0 ? NOTHING_BESIDE : beside;
  }
}
