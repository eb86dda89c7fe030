import type { FlatGraph } from "../topology/flat-graph";
import { joinCosts } from "./joined-cost";
import { type LaneEdges, LaneNetwork, type LaneSums, type Settled } from "./lane-network";
import type { Searched } from "./searched";
import { commonUnit, isSmall, MAX_COST, type TreeRules } from "./whole-tree";

/** So many trees are made at once. */
export const TREE_LANES = 8;
/** For fewer roots it takes less time to search from each. */
const LEAST_ROOTS = 4;
const SUMS: LaneSums = { Numbers: Float64Array, noWay: Number.POSITIVE_INFINITY, settle: "settleTrees" };
const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** How a sum tells what a way costs. */
interface Scale {
  /** What one of what it counts first is in the sum, and in a tree. */
  readonly factor: number;
  readonly unit: number;
}

/** Makes whole trees of several routers at once, the same as `TreeMaker`. */
export class TreeLanes {
  readonly #network: LaneNetwork;
  readonly #isHost: Uint8Array;
  #isFit = true;

  private constructor(
    graph: FlatGraph,
    edges: LaneEdges,
    private readonly scale: Scale,
  ) {
    this.#network = new LaneNetwork(graph, edges, SUMS);
    this.#isHost = graph.isHost;
  }

  /** Undefined where edges cost nothing, no whole number or too much, or where their sums would not be exact. */
  static of(graph: FlatGraph, { cost, usable, direction }: TreeRules): TreeLanes | undefined {
    const { edgeFrom, edgeTo } = graph;
    const { igp } = graph.cost;
    const isFrom = direction === "from";
    const edges = edgeFrom.map((_, edge) => edge).filter((edge) => usable === undefined || usable[edge] === 1);
    const second = isFrom && cost !== igp ? igp : undefined;
    const isFit = (edge: number) =>
      (cost[edge] as number) > 0 && [cost, second ?? cost].every((each) => isSmall(each[edge] as number));
    if (!edges.every(isFit)) return undefined;
    const unit = commonUnit(edges, cost);
    const joined = joinCosts(
      cost.map((each) => each / unit),
      second,
      graph.nodeNames.length,
    );
    if (joined === undefined) return undefined;
    const ends = isFrom ? { near: edgeFrom, far: edgeTo } : { near: edgeTo, far: edgeFrom };
    return new TreeLanes(graph, { ...ends, edges, cost: joined.both }, { factor: joined.factor, unit });
  }

  /** From up to eight roots, in order; undefined where they are few or not all routers, or where ways are too long or cost too much: then it stays undefined. */
  search(roots: readonly number[]): readonly Searched[] | undefined {
    if (!this.#isFit || roots.length < LEAST_ROOTS || roots.some((root) => this.#isHost[root] === 1)) return undefined;
    const { nodes, edges } = this.#network;
    const bytes = 2 * nodes * WORD_BYTES;
    const settled = this.#network.settle(roots, TREE_LANES * bytes);
    this.#isFit = settled !== undefined && this.#read(settled);
    if (settled === undefined || !this.#isFit) return undefined;
    const { buffer, output } = settled;
    return roots.map((_, lane) => {
      const distance = new Int32Array(buffer, output + lane * bytes, nodes);
      const places = new Int32Array(buffer, output + lane * bytes + bytes / 2, nodes);
      return { edges, distance, places, unit: 1 };
    });
  }

  #read({ kernel, nodes, firsts, edges, lines, names, output }: Settled): boolean {
    const { factor, unit } = this.scale;
    return kernel.readTrees(nodes, firsts, edges, lines, names, output, factor, unit, MAX_COST) !== 0;
  }
}
