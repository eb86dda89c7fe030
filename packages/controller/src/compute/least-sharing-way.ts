import type { FlatGraph } from "../topology/flat-graph";
import { growingTree } from "./tree-store";
import { giveWaveBack, takeWave, type Wave } from "./wave";

/** Hops decide between ways of equal IGP metric; no path has as many. */
const HOP_SHARE = 2 ** 10;
/** Crossing a link of the way there costs more than any detour: metrics have 24 bits. Sums of 127 of them are exact. */
const SHARED_LINK = 2 ** 45;

/**
 * The way from the end of the path along `out` back to its start over as few links of the path as can be; of those the best by IGP metric, then by hops, then
 * the links whose names come first. Empty when there is none.
 */
export function leastSharingWay(graph: FlatGraph, out: readonly number[]): readonly number[] {
  const wave = takeWave(graph);
  const way = new WayBack(graph, out, wave).find();
  giveWaveBack(graph, wave);
  return way;
}

class WayBack {
  readonly #start: number;
  readonly #home: number;
  /** Links of the path. */
  readonly #shared: ReadonlySet<number>;

  constructor(
    readonly graph: FlatGraph,
    out: readonly number[],
    readonly wave: Wave,
  ) {
    this.#start = graph.edgeTo[out.at(-1) as number] as number;
    this.#home = graph.edgeFrom[out[0] as number] as number;
    this.#shared = new Set(out.map((edge) => graph.edgeLink[edge] as number));
  }

  find(): number[] {
    this.#search();
    if (this.wave.distance[this.#home] === Number.POSITIVE_INFINITY) return [];
    const onBest = this.#nodesOfBest();
    const way: number[] = [];
    for (let node = this.#start; node !== this.#home; node = this.graph.edgeTo[way.at(-1) as number] as number) {
      way.push(this.#firstStep(node, onBest));
    }
    return way;
  }

  #cost(edge: number): number {
    const { cost, edgeLink } = this.graph;
    const own = (cost.igp[edge] as number) * HOP_SHARE + 1;
    return this.#shared.has(edgeLink[edge] as number) ? own + SHARED_LINK : own;
  }

  /**
   * The cost of nodes from the start, as far as best ways pass them, in the order of what a whole way costs at least (A*: Hart, Nilsson and Raphael 1968). The tree
   * of the way's end, by IGP metric alone, is the lower bound: few nodes are seen beside the best ways.
   */
  #search(): void {
    const { graph, wave } = this;
    const { distance, heap } = wave;
    const tree = growingTree(graph, this.#home, { cost: graph.cost.igp, usable: undefined, direction: "towards" });
    tree.growTo(this.#start);
    const least = (node: number, own: number) => own + tree.least(node) * HOP_SHARE;
    wave.reach(this.#start, 0);
    heap.push(least(this.#start, 0), this.#start);
    let limit = Number.POSITIVE_INFINITY;
    for (let key = heap.minKey(); key <= limit && key < Number.POSITIVE_INFINITY; key = heap.minKey()) {
      const node = heap.pop() as number;
      const own = distance[node] as number;
      if (node === this.#home) limit = key;
      if (node === this.#home || key > least(node, own)) continue;
      const end = graph.outStart[node + 1] as number;
      for (let edge = graph.outStart[node] as number; edge < end; edge++) {
        const to = graph.edgeTo[edge] as number;
        const through = own + this.#cost(edge);
        if (!this.#isPassable(to) || through >= (distance[to] as number)) continue;
        wave.reach(to, through);
        heap.push(least(to, through), to);
      }
    }
  }

  #isPassable(node: number): boolean {
    return this.graph.isHost[node] === 0 || node === this.#home;
  }

  #nodesOfBest(): ReadonlySet<number> {
    const { graph, wave } = this;
    const found = new Set([this.#home]);
    for (const node of found) {
      const end = graph.inStart[node + 1] as number;
      for (let at = graph.inStart[node] as number; at < end; at++) {
        const edge = graph.inEdges[at] as number;
        const from = graph.edgeFrom[edge] as number;
        if ((wave.distance[from] as number) + this.#cost(edge) === wave.distance[node]) found.add(from);
      }
    }
    return found;
  }

  /** Edges of a node are in order of their links' names. */
  #firstStep(node: number, onBest: ReadonlySet<number>): number {
    const { graph, wave } = this;
    const end = graph.outStart[node + 1] as number;
    for (let edge = graph.outStart[node] as number; edge < end; edge++) {
      const to = graph.edgeTo[edge] as number;
      const through = (wave.distance[node] as number) + this.#cost(edge);
      if (onBest.has(to) && through === wave.distance[to]) return edge;
    }
    throw new RangeError("a node of a best way has a next one");
  }
}
