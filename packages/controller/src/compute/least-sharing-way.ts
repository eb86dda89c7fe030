import type { FlatGraph } from "../topology/flat-graph";
import { IgpRow, igpRows, PLAIN_KIND } from "./igp-rows";
import { RowDistances } from "./row-distances";
import { growingTree, heldTree } from "./tree-store";
import { giveWaveBack, SEVERAL_NEXT_HOPS, takeWave, type Wave } from "./wave";

/** Hops decide between ways of equal IGP metric; no path has as many. */
const HOP_SHARE = 2 ** 10;
/** Crossing a link of the way there costs more than any detour: metrics have 24 bits. Sums of 127 of them are exact. */
const SHARED_LINK = 2 ** 45;

/**
 * The way from the end of the path along `out` back to its start over as few links of the path as can be; of those the best by IGP metric, then by hops, then
 * the links whose names come first. Empty when there is none.
 */
export function leastSharingWay(graph: FlatGraph, out: readonly number[]): readonly number[] {
  const { isShared } = commonOf(graph);
  const wave = takeWave(graph);
  const known = takeWave(graph);
  for (const edge of out) isShared[graph.edgeLink[edge] as number] = 1;
  const way = new WayBack(graph, out, isShared, wave, known).find();
  for (const edge of out) isShared[graph.edgeLink[edge] as number] = 0;
  giveWaveBack(graph, wave);
  giveWaveBack(graph, known);
  return way;
}

/** What searches in one graph have in common. */
interface Common {
  /** 1 for each link of the path, while its way back is searched. */
  readonly isShared: Uint8Array;
  /** Whether each link has one IGP metric both ways: costs from a node are those towards it then. */
  readonly isSymmetric: boolean;
  /** Whether a row tells the cost from every node. */
  readonly isInRows: boolean;
}

const common = new WeakMap<FlatGraph, Common>();

function commonOf(graph: FlatGraph): Common {
  const known = common.get(graph);
  if (known !== undefined) return known;
  const { igp } = graph.cost;
  const isSymmetric = igp.every((cost, edge) => cost === igp[graph.edgeReverse[edge] as number]);
  const made = { isShared: new Uint8Array(graph.linkNames.length), isSymmetric, isInRows: IgpRow.tellsAll(graph) };
  common.set(graph, made);
  return made;
}

interface LowerBound {
  /** What a way from a node costs at least. Neighbours differ by no more than their link's cost. */
  least(node: number): number;
}

class WayBack {
  readonly #start: number;
  readonly #home: number;

  constructor(
    readonly graph: FlatGraph,
    out: readonly number[],
    readonly isShared: Uint8Array,
    readonly wave: Wave,
    readonly known: Wave,
  ) {
    this.#start = graph.edgeTo[out.at(-1) as number] as number;
    this.#home = graph.edgeFrom[out[0] as number] as number;
  }

  find(): number[] {
    this.#search(this.#lowerBound());
    if (this.wave.distance[this.#home] === Number.POSITIVE_INFINITY) return [];
    return this.#onlyBest() ?? this.#firstOfBest();
  }

  /**
   * By IGP metric alone, the cost to the way's end: by the tree that searches from there need as well, if it is there and makes no difference; by the end's row; or by a tree of
   * its own.
   */
  #lowerBound(): LowerBound {
    const { graph } = this;
    const { isSymmetric, isInRows } = commonOf(graph);
    const direction = isSymmetric ? "from" : "towards";
    const rules = { cost: graph.cost.igp, usable: undefined, direction } as const;
    const held = heldTree(graph, this.#home, rules);
    if (held?.whole !== undefined) return held;
    const row = isInRows ? igpRows(graph).row(PLAIN_KIND, this.#home) : undefined;
    if (row !== undefined) return new RowDistances(graph, row, this.#home, this.known);
    const tree = growingTree(graph, this.#home, rules);
    tree.growTo(this.#start);
    return tree;
  }

  #cost(edge: number): number {
    const own = (this.graph.cost.igp[edge] as number) * HOP_SHARE + 1;
    return this.isShared[this.graph.edgeLink[edge] as number] === 1 ? own + SHARED_LINK : own;
  }

  /**
   * The cost of nodes from the start, as far as best ways pass them, in the order of what a whole way costs at least (A*: Hart, Nilsson and Raphael 1968): few nodes are
   * seen beside the best ways. Bounds of neighbours differ by no more than their link's cost, so each edge is looked at once.
   */
  #search(bound: LowerBound): void {
    const { graph, wave } = this;
    const { distance, sole, heap } = wave;
    const least = (node: number, own: number) => own + bound.least(node) * HOP_SHARE;
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
        const known = distance[to] as number;
        if (through > known || !this.#isPassable(to)) continue;
        sole[to] = through === known ? SEVERAL_NEXT_HOPS : edge;
        if (through === known) continue;
        wave.reach(to, through);
        heap.push(least(to, through), to);
      }
    }
  }

  #isPassable(node: number): boolean {
    return this.graph.isHost[node] === 0 || node === this.#home;
  }

  /** The best way, if there is one only. */
  #onlyBest(): number[] | undefined {
    const way: number[] = [];
    for (let node = this.#home; node !== this.#start; ) {
      const edge = this.wave.sole[node] as number;
      if (edge === SEVERAL_NEXT_HOPS) return undefined;
      way.push(edge);
      node = this.graph.edgeFrom[edge] as number;
    }
    return way.reverse();
  }

  /** Of several the one whose links' names come first. */
  #firstOfBest(): number[] {
    const onBest = this.#nodesOfBest();
    const way: number[] = [];
    for (let node = this.#start; node !== this.#home; node = this.graph.edgeTo[way.at(-1) as number] as number) {
      way.push(this.#firstStep(node, onBest));
    }
    return way;
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
