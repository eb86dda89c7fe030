import type { MultiDirectedGraph } from "graphology";
import type { FlexibleAlgorithm, Link, LinkDirection, Metric, TopologyNode } from "@sextant/model";

/** Attributes of a graph edge: one direction of a link. */
export interface EdgeAttributes {
  readonly link: Link;
  readonly direction: LinkDirection;
}

/** The topology as graphology holds it: a node per node, an edge per direction of each link that is up. */
export type TopologyGraph = MultiDirectedGraph<TopologyNode, EdgeAttributes>;

/** A flexible algorithm on the graph's edges. */
export interface FlatAlgorithm {
  readonly definition: FlexibleAlgorithm;
  /** 1 for each edge that it may use. */
  readonly usable: Uint8Array;
  /** What crossing each edge counts: whole numbers. */
  readonly cost: Float64Array;
}

/**
 * The graph as indices and typed arrays, for the algorithms. Nodes and links are numbered in the order of their names and
 * edges by (from, link), so that nothing depends on the order of the document, and comparing indices compares names.
 */
export interface FlatGraph {
  readonly nodeNames: readonly string[];
  readonly linkNames: readonly string[];
  readonly nodeIndex: ReadonlyMap<string, number>;
  readonly linkIndex: ReadonlyMap<string, number>;
  /** 1 for hosts: leaves that no path crosses. */
  readonly isHost: Uint8Array;
  /** Edges that leave node v are `outStart[v]` to `outStart[v + 1] - 1`. */
  readonly outStart: Int32Array;
  /** Edges that enter node v are `inEdges[inStart[v]]` to `inEdges[inStart[v + 1] - 1]`. */
  readonly inStart: Int32Array;
  readonly inEdges: Int32Array;
  /** Where each of `inEdges` begins: searches against the direction of edges read these side by side. */
  readonly inFrom: Int32Array;
  readonly edgeFrom: Int32Array;
  readonly edgeTo: Int32Array;
  /** Index of the edge's link in `linkNames`. */
  readonly edgeLink: Int32Array;
  /** One of each link's two edges; the other is its reverse. */
  readonly linkEdge: Int32Array;
  /** The same link in the other direction. */
  readonly edgeReverse: Int32Array;
  /**
   * What crossing each edge adds, in whole units (`metric-units.ts`): sums are exact whatever their order, so two paths tie
   * exactly when they are equal.
   */
  readonly cost: Readonly<Record<Metric, Float64Array>>;
  readonly capacityMbps: Float64Array;
  readonly utilisationPercent: Float64Array;
  /** What each node index stands for. */
  readonly nodes: readonly TopologyNode[];
  /** What each edge was made from. */
  readonly directions: readonly LinkDirection[];
  /** What each link index stands for. */
  readonly links: readonly Link[];
  /** Flexible algorithms by number. */
  readonly algorithms: readonly FlatAlgorithm[];
  /** Links of each shared-risk group. */
  readonly srlgLinks: ReadonlyMap<string, readonly number[]>;
}
