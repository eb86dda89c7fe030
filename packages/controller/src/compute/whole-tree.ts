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

/** What is told of an edge: the node where it leads, what it costs, and its number. */
const FIELDS = 3;

/**
 * Makes whole trees by equal rules: Dijkstra's algorithm on edges that lie side by side in the order in which they are looked at. Where a whole
 * tree is wanted it is several times as fast as a `Wave`, which can stop and go on, and knows any costs.
 */
export class TreeMaker {
  /** Whether all costs are whole numbers below MAX_COST. */
  readonly #isPossible: boolean;
  /** By the node at which they are looked at, FIELDS of each edge side by side; those that lead to hosts by one edge alone are left out. */
  readonly #start: Int32Array;
  readonly #fields: Int32Array;
  /** The same of those left out: the node where each is looked at in place of the one where it leads. */
  readonly #onlyEdges: Int32Array;
  readonly #onlyFar: Int32Array;
  /** IGP metrics of all edges, where they tell ways apart. */
  readonly #second: Float64Array | undefined;
  readonly #secondSum: Float64Array;
  readonly #isHost: Uint8Array;
  readonly #distance: Int32Array;
  readonly #sole: Int32Array;
  readonly #queue: NodeQueue;

  constructor(graph: FlatGraph, { cost, usable, direction }: TreeRules) {
    const nodes = graph.nodeNames.length;
    const isFrom = direction === "from";
    const near = isFrom ? graph.edgeFrom : graph.edgeTo;
    const far = isFrom ? graph.edgeTo : graph.edgeFrom;
    const all = isFrom ? graph.edgeFrom.map((_, edge) => edge) : graph.inEdges;
    const edges = all.filter((edge) => usable === undefined || usable[edge] === 1);
    const isOnly = leadingAlone(graph, edges, { near, far });
    const searched = edges.filter((edge) => isOnly[edge] === 0);
    const alone = edges.filter((edge) => isOnly[edge] === 1);
    this.#isPossible = edges.every((edge) => isSmall(cost[edge] as number));
    this.#start = startsOf(searched, near, nodes);
    this.#fields = fieldsOf(searched, far, cost);
    this.#onlyEdges = fieldsOf(alone, near, cost);
    this.#onlyFar = alone.map((edge) => far[edge] as number);
    const isRanked = isFrom && cost !== graph.cost.igp && edges.every((edge) => (cost[edge] as number) > 0);
    this.#second = isRanked ? graph.cost.igp : undefined;
    this.#secondSum = new Float64Array(isRanked ? nodes : 0);
    this.#isHost = graph.isHost;
    this.#distance = new Int32Array(nodes);
    this.#sole = new Int32Array(nodes);
    this.#queue = nodeQueue(this.#distance, graph.isHost, {
      near: (i) => near[searched[i] as number] as number,
      far: searched.map((edge) => far[edge] as number),
      cost: searched.map((edge) => cost[edge] as number),
    });
  }

  /** The tree of a root, in memory of one that is not wanted any more or in new memory; undefined where costs are too large to be added up here, or no whole numbers. */
  make(root: number, memory?: WholeTree): WholeTree | undefined {
    const sole = this.makeSole(root);
    if (sole === undefined) return undefined;
    if (memory === undefined) return { distance: this.#distance.slice(), sole: sole.slice() };
    memory.distance.set(this.#distance);
    memory.sole.set(sole);
    return memory;
  }

  /** `sole` alone, in memory that the next tree needs again. */
  makeSole(root: number): Int32Array | undefined {
    if (!this.#isPossible) return undefined;
    const distance = this.#distance.fill(NO_WAY);
    const sole = this.#sole.fill(NO_NEXT_HOP);
    distance[root] = 0;
    if (this.#second !== undefined) this.#secondSum[root] = 0;
    this.#queue.clear();
    this.#queue.push(root);
    if (!this.#search()) return undefined;
    this.#fillAlone(root);
    sole[root] = NO_NEXT_HOP;
    return sole;
  }

  /**
   * In one loop, as it runs for thousands of trees. Each edge is looked at once, when its near end has its final cost: so what is equal then is another way, over edges of
   * cost zero too. Hosts are ends of ways. False where costs become too large.
   */
  #search(): boolean {
    const queue = this.#queue;
    const start = this.#start;
    const fields = this.#fields;
    const distance = this.#distance;
    const sole = this.#sole;
    const isHost = this.#isHost;
    const isRanked = this.#second !== undefined;
    const several = SEVERAL_NEXT_HOPS;
    for (let node = queue.pop(); node >= 0; node = queue.pop()) {
      const own = distance[node] as number;
      if (own > MAX_COST) return false;
      const end = start[node + 1] as number;
      for (let i = start[node] as number; i < end; i += FIELDS) {
        const far = fields[i] as number;
        const through = own + (fields[i + 1] as number);
        const known = distance[far] as number;
        if (through > known) continue;
        const edge = fields[i + 2] as number;
        if (through === known) {
          sole[far] = isRanked ? this.#decide(node, edge, far) : several;
          continue;
        }
        distance[far] = through;
        sole[far] = edge;
        if (isRanked) this.#secondSum[far] = this.#secondThrough(node, edge);
        if (isHost[far] === 1) continue;
        if (known === NO_WAY) queue.push(far);
        else queue.lower(far, known);
      }
    }
    return true;
  }

  /** Hosts with one edge have no choice. */
  #fillAlone(root: number): void {
    const distance = this.#distance;
    for (let i = 0; i < this.#onlyFar.length; i++) {
      const far = this.#onlyFar[i] as number;
      const near = distance[this.#onlyEdges[FIELDS * i] as number] as number;
      if (near === NO_WAY || far === root) continue;
      distance[far] = near + (this.#onlyEdges[FIELDS * i + 1] as number);
      this.#sole[far] = this.#onlyEdges[FIELDS * i + 2] as number;
    }
  }

  /** Another way to a node costs the same: the edge of the better one. */
  #decide(node: number, edge: number, far: number): number {
    const through = this.#secondThrough(node, edge);
    const known = this.#secondSum[far] as number;
    if (through > known) return this.#sole[far] as number;
    this.#secondSum[far] = through;
    return through < known ? edge : SEVERAL_NEXT_HOPS;
  }

  #secondThrough(node: number, edge: number): number {
    return (this.#secondSum[node] as number) + (this.#second?.[edge] as number);
  }
}

/** 1 for edges that lead to a host, from a router, and are the only ones of these that do. */
function leadingAlone(
  { isHost, nodeNames }: FlatGraph,
  edges: Int32Array,
  { near, far }: { readonly near: Int32Array; readonly far: Int32Array },
): Uint8Array {
  const leading = new Int32Array(nodeNames.length);
  for (const edge of edges) (leading[far[edge] as number] as number)++;
  const isAlone = new Uint8Array(near.length);
  for (const edge of edges) {
    const to = far[edge] as number;
    if (isHost[to] === 1 && leading[to] === 1 && isHost[near[edge] as number] === 0) isAlone[edge] = 1;
  }
  return isAlone;
}

function fieldsOf(edges: Int32Array, node: Int32Array, cost: Float64Array): Int32Array {
  const fields = new Int32Array(FIELDS * edges.length);
  edges.forEach((edge, i) => fields.set([node[edge] as number, cost[edge] as number, edge], FIELDS * i));
  return fields;
}

function isSmall(cost: number): boolean {
  return Number.isInteger(cost) && cost >= 0 && cost + MAX_COST < NO_WAY;
}

/** Where those of each node begin, in fields, among edges that are in the order of their near ends. */
function startsOf(edges: Int32Array, near: Int32Array, nodes: number): Int32Array {
  const starts = new Int32Array(nodes + 1);
  let at = 0;
  for (let node = 0; node < nodes; node++) {
    starts[node] = FIELDS * at;
    while (at < edges.length && near[edges[at] as number] === node) at++;
  }
  starts[nodes] = FIELDS * at;
  return starts;
}
