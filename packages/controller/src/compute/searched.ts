/** What a search from a root has found, by node, in memory that the next search needs again. */
export interface Searched {
  /** Edges, by their places. */
  readonly edges: Int32Array;
  /** What a least-cost way costs, in units; 2^31 - 1 where there is none. */
  readonly distance: Int32Array;
  /** The place of the one edge that joins the node to such ways; -1 where there is none, -2 less one of the places where there are several. */
  readonly places: Int32Array;
  readonly unit: number;
}
