import type { FlatGraph } from "../topology/flat-graph";
import { type NodeQueue, nodeQueue } from "./node-queue";
import { NO_NEXT_HOP, SEVERAL_NEXT_HOPS, type WaveRules } from "./wave";

/** Stands for "no way" in a whole tree. */
export const NO_WAY = 2 ** 31 - 1;
/** Sums beyond this are not added to any more, and single edges cost less: so nothing comes to NO_WAY. */
const MAX_COST = 2 ** 30;

/** Least-cost ways between a root and all nodes, by costs that are whole numbers. */
export interface WholeTree {
  /** Cost between the root and each node; NO_WAY where there is none. */
  readonly distance: Int32Array;
  /** As `Wave` has it; ways from a root that cost the same are told apart by their IGP metric, where each edge costs something. */
  readonly sole: Int32Array;
}

/** The rules of a tree, whatever its root. */
export type TreeRules = Omit<WaveRules, "root">;

/**
 * Makes whole trees by equal rules: Dijkstra's algorithm on edges that lie side by side in the order in which they are looked at. Where a whole
 * tree is wanted it is several times as fast as a `Wave`, which can stop and go on, and knows any costs.
 */
export class TreeMaker {
  /** Whether all costs are whole numbers below MAX_COST. */
  readonly isPossible: boolean;
  /** By node at which they are looked at: where its edges begin; what they are, where they lead, and what they cost. */
  readonly #start: Int32Array;
  readonly #edge: Int32Array;
  readonly #far: Int32Array;
  readonly #cost: Int32Array;
  /** IGP metrics of the same edges, where they tell ways apart. */
  readonly #second: Float64Array | undefined;
  readonly #secondSum: Float64Array;
  readonly #isHost: Uint8Array;
  readonly #keys: Int32Array;
  readonly #sole: Int32Array;
  readonly #queue: NodeQueue;

  constructor(graph: FlatGraph, { cost, usable, direction }: TreeRules) {
    const nodes = graph.nodeNames.length;
    const isFrom = direction === "from";
    const all = isFrom ? graph.edgeFrom.map((_, edge) => edge) : graph.inEdges;
    const near = isFrom ? graph.edgeFrom : graph.edgeTo;
    const far = isFrom ? graph.edgeTo : graph.edgeFrom;
    this.#edge = all.filter((edge) => usable === undefined || usable[edge] === 1);
    this.isPossible = this.#edge.every((edge) => isSmall(cost[edge] as number));
    this.#start = startsOf(this.#edge, near, nodes);
    this.#far = this.#edge.map((edge) => far[edge] as number);
    this.#cost = this.#edge.map((edge) => cost[edge] as number);
    const isRanked = isFrom && cost !== graph.cost.igp && !this.#cost.includes(0);
    this.#second = isRanked ? Float64Array.from(this.#edge, (edge) => graph.cost.igp[edge] as number) : undefined;
    this.#secondSum = new Float64Array(isRanked ? nodes : 0);
    this.#isHost = graph.isHost;
    this.#keys = new Int32Array(nodes);
    this.#sole = new Int32Array(nodes);
    const edges = { near: (i: number) => near[this.#edge[i] as number] as number, far: this.#far, cost: this.#cost };
    this.#queue = nodeQueue(this.#keys, graph.isHost, edges);
  }

  /** The tree of a root; undefined where costs are too large to be added up here, or no whole numbers. */
  make(root: number): WholeTree | undefined {
    const sole = this.makeSole(root);
    return sole === undefined ? undefined : { distance: this.#keys.slice(), sole: sole.slice() };
  }

  /** `sole` alone, in memory that the next tree needs again. */
  makeSole(root: number): Int32Array | undefined {
    if (!this.isPossible) return undefined;
    const keys = this.#keys.fill(NO_WAY);
    const sole = this.#sole.fill(NO_NEXT_HOP);
    keys[root] = 0;
    if (this.#second !== undefined) this.#secondSum[root] = 0;
    this.#queue.clear();
    this.#queue.push(root);
    if (!this.#search(keys, sole)) return undefined;
    sole[root] = NO_NEXT_HOP;
    return sole;
  }

  /**
   * Looks at each edge once, when its near end has its final cost: so what is equal then is another way, over edges of cost zero too. Hosts are ends of ways. False where
   * costs become too large.
   */
  #search(keys: Int32Array, sole: Int32Array): boolean {
    const queue = this.#queue;
    const start = this.#start;
    const fars = this.#far;
    const costs = this.#cost;
    const edges = this.#edge;
    const isHost = this.#isHost;
    const isRanked = this.#second !== undefined;
    for (let node = queue.pop(); node >= 0; node = queue.pop()) {
      const own = keys[node] as number;
      if (own > MAX_COST) return false;
      const end = start[node + 1] as number;
      for (let i = start[node] as number; i < end; i++) {
        const far = fars[i] as number;
        const through = own + (costs[i] as number);
        const known = keys[far] as number;
        if (through > known) continue;
        if (through === known) {
          this.#decide(node, i, far, sole);
          continue;
        }
        keys[far] = through;
        sole[far] = edges[i] as number;
        if (isRanked) this.#secondSum[far] = this.#secondThrough(node, i);
        if (isHost[far] === 1) continue;
        if (known === NO_WAY) queue.push(far);
        else queue.lower(far, known);
      }
    }
    return true;
  }

  /** Another way to a node costs the same. */
  #decide(node: number, i: number, far: number, sole: Int32Array): void {
    if (this.#second === undefined) {
      sole[far] = SEVERAL_NEXT_HOPS;
      return;
    }
    const through = this.#secondThrough(node, i);
    const known = this.#secondSum[far] as number;
    if (through > known) return;
    this.#secondSum[far] = through;
    sole[far] = through < known ? (this.#edge[i] as number) : SEVERAL_NEXT_HOPS;
  }

  #secondThrough(node: number, i: number): number {
    return (this.#secondSum[node] as number) + (this.#second?.[i] as number);
  }
}

function isSmall(cost: number): boolean {
  return Number.isInteger(cost) && cost >= 0 && cost + MAX_COST < NO_WAY;
}

/** Where those of each node begin among edges that are in the order of their near ends. */
function startsOf(edges: Int32Array, near: Int32Array, nodes: number): Int32Array {
  const starts = new Int32Array(nodes + 1);
  let at = 0;
  for (let node = 0; node < nodes; node++) {
    starts[node] = at;
    while (at < edges.length && near[edges[at] as number] === node) at++;
  }
  starts[nodes] = at;
  return starts;
}
