import { groupBy } from "../topology/build-flat-graph";
import type { FlatGraph } from "../topology/flat-graph";
import { type LaneKernel, laneKernel } from "./lane-kernel";

/** Bytes of a node's line, and of an edge: as the kernel reads them. */
const LINE_BYTES = 64;
const EDGE_BYTES = 16;
const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;
const WORDS_PER_EDGE = EDGE_BYTES / WORD_BYTES;
/** The words of an edge that say where the line of its near end is, and what is to be told of it. */
const NEAR = 2;
const TOLD = 3;
/** Where ways have so many edges that the network has to be gone over more often, a search from each root is faster. */
const MAX_SWEEPS = 64;

/** How sums are kept. */
export interface LaneSums {
  readonly Numbers: Float64ArrayConstructor | Int32ArrayConstructor;
  readonly noWay: number;
  readonly settle: "settleTrees" | "settleRows";
}

/** Edges that ways may have. */
export interface LaneEdges {
  readonly edges: Int32Array;
  /** By edge: the end that is nearer to the root, and the other one. */
  readonly near: Int32Array;
  readonly far: Int32Array;
  /** By edge: whole numbers above zero. */
  readonly cost: Float64Array;
  /** By edge: what is to be told of it. */
  readonly told?: (edge: number) => number;
}

/** Where things stand in the kernel's memory once sums are settled. */
export interface Settled {
  readonly kernel: LaneKernel;
  readonly buffer: ArrayBuffer;
  readonly nodes: number;
  readonly firsts: number;
  readonly edges: number;
  readonly lines: number;
  readonly names: number;
  /** Where there is room for what is read. */
  readonly output: number;
}

/**
 * A network that is searched from many routers at once. Each node takes the least over its edges, of all sums in a few instructions without a branch, and all nodes do so until
 * nothing changes (Bellman 1958; in turns in both orders, Yen 1970). Each edge is looked at some fifteen times where Dijkstra's algorithm does so once, and a root still takes a
 * third of the time, or less.
 */
export class LaneNetwork {
  /** Those of one node side by side. */
  readonly edges: Int32Array;
  readonly nodes: number;
  readonly #sums: LaneSums;
  readonly #routers: number;
  /** Nodes by line: routers first, as ways pass no host. */
  readonly #names: Int32Array;
  readonly #lineOf: Int32Array;
  /** Where the edges of each line begin. */
  readonly #firsts: Int32Array;
  /** Edges as the kernel reads them. */
  readonly #packed: Uint8Array;
  #isFast = true;

  constructor({ isHost }: FlatGraph, { edges, near, far, cost, told }: LaneEdges, sums: LaneSums) {
    const byKind = groupBy(Int32Array.from(isHost), 2);
    this.nodes = isHost.length;
    this.#sums = sums;
    this.#names = byKind.order;
    this.#routers = byKind.start[1] as number;
    this.#lineOf = new Int32Array(this.nodes);
    for (const [line, node] of this.#names.entries()) this.#lineOf[node] = line;
    const lineOf = (node: number | undefined) => this.#lineOf[node as number] as number;
    const passed = edges.filter((edge) => isHost[near[edge] as number] === 0);
    const byLine = groupBy(
      passed.map((edge) => lineOf(far[edge])),
      this.nodes,
    );
    this.edges = byLine.order.map((i) => passed[i] as number);
    this.#firsts = byLine.start;
    const packed = new ArrayBuffer(this.edges.length * EDGE_BYTES);
    const numbers = new sums.Numbers(packed);
    const words = new Int32Array(packed);
    for (const [place, edge] of this.edges.entries()) {
      numbers[(place * EDGE_BYTES) / sums.Numbers.BYTES_PER_ELEMENT] = cost[edge] as number;
      words[place * WORDS_PER_EDGE + NEAR] = lineOf(near[edge]) * LINE_BYTES;
      words[place * WORDS_PER_EDGE + TOLD] = told?.(edge) ?? 0;
    }
    this.#packed = new Uint8Array(packed);
  }

  /** Sums from routers, with memory for so many bytes of output; undefined where ways have so many edges that it would not be fast: then it stays undefined. */
  settle(roots: readonly number[], outputBytes: number): Settled | undefined {
    if (!this.#isFast) return undefined;
    const { nodes } = this;
    const { Numbers, noWay, settle } = this.#sums;
    const lines = 0;
    const edges = lines + nodes * LINE_BYTES;
    const names = edges + this.#packed.length;
    const firsts = names + nodes * WORD_BYTES;
    const output = firsts + this.#firsts.byteLength;
    const { kernel, buffer } = laneKernel(output + outputBytes);
    const lanes = LINE_BYTES / Numbers.BYTES_PER_ELEMENT;
    const sums = new Numbers(buffer, lines, nodes * lanes).fill(noWay);
    for (const [lane, root] of roots.entries()) sums[(this.#lineOf[root] as number) * lanes + lane] = 0;
    new Uint8Array(buffer, edges).set(this.#packed);
    new Int32Array(buffer, names).set(this.#names);
    new Int32Array(buffer, firsts).set(this.#firsts);
    this.#isFast = kernel[settle](nodes, this.#routers, firsts, edges, lines, MAX_SWEEPS) !== 0;
    return this.#isFast ? { kernel, buffer, nodes, firsts, edges, lines, names, output } : undefined;
  }
}
