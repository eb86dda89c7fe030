import type { FlatGraph } from "../topology/flat-graph";
import { LaneNetwork, type LaneSums } from "./lane-network";

/** So many rows are made at once. */
export const ROW_LANES = 16;
/** For fewer targets it takes less time to search from each. */
const LEAST_TARGETS = 4;
const NO_WAY = 2 ** 30;
const SUMS: LaneSums = { Numbers: Int32Array, noWay: NO_WAY, settle: "settleRows" };
/** What the kernel needs beside the rows. */
const SCRATCH_BYTES = 16;

/** What a network forwards by, and what a row tells of an edge: less than 127. */
interface RowRules {
  readonly cost: Float64Array;
  readonly usable: Uint8Array | undefined;
  readonly told: (edge: number) => number;
}

/** Makes rows of next hops towards several routers at once. */
export class RowLanes {
  readonly #network: LaneNetwork;

  private constructor(graph: FlatGraph, edges: Int32Array, { cost, told }: RowRules) {
    this.#network = new LaneNetwork(graph, { edges, near: graph.edgeTo, far: graph.edgeFrom, cost, told }, SUMS);
  }

  /** Undefined where edges cost nothing or no whole number, or where sums might become too large. */
  static of(graph: FlatGraph, rules: RowRules): RowLanes | undefined {
    const { cost, usable } = rules;
    const edges = graph.edgeFrom.map((_, edge) => edge).filter((edge) => usable === undefined || usable[edge] === 1);
    const isFit = (each: number) => Number.isInteger(each) && each > 0 && each * graph.nodeNames.length < NO_WAY;
    return edges.every((edge) => isFit(cost[edge] as number)) ? new RowLanes(graph, edges, rules) : undefined;
  }

  /**
   * Rows of up to sixteen routers, in order, in memory that the next search needs again: by node what is told of the edge that least-cost ways begin with, 128 more where it is one of several, 255 where there
   * is none. Undefined where they are few, or ways have so many edges that a search from each is faster.
   */
  search(targets: readonly number[]): readonly Uint8Array[] | undefined {
    if (targets.length < LEAST_TARGETS) return undefined;
    const { nodes } = this.#network;
    const settled = this.#network.settle(targets, ROW_LANES * nodes + SCRATCH_BYTES);
    if (settled === undefined) return undefined;
    const { kernel, buffer, firsts, edges, lines, names, output } = settled;
    kernel.readRows(nodes, firsts, edges, lines, names, output);
    return targets.map((_, lane) => new Uint8Array(buffer, output + lane * nodes, nodes));
  }
}
