import type { FlatGraph } from "../topology/flat-graph";
import { type NodeQueue, nodeQueue } from "./node-queue";

/** In a row: no way, or the node is the target. */
const NO_WAY = 255;
/** In a row: several next hops of equal cost. */
const SEVERAL = 254;
/** In a row: one next hop, whose place among the node's edges is this or more. */
export const FAR_PLACE = 253;

/** Sums beyond this, and the next link of at most 2^24, are not told apart any more: there is no row then. */
const MAX_COST = 2 ** 30;
const MAX_METRIC = 2 ** 24;
const UNREACHED = 2 ** 31 - 1;

/** What is told of an entering edge: where it begins, what it costs, and its place among the edges there. */
const FIELDS = 3;

/**
 * Makes rows: for each node one byte, which of the edges that leave it all its least-cost ways to a target begin with. Looks at the whole network, in memory that is used
 * again: what is asked of a row costs nothing more.
 */
export class RowMaker {
  /** Whether all metrics are whole numbers of 24 bits, as an IGP's are. */
  readonly #isPossible: boolean;
  /** By the node that they enter, FIELDS of each edge side by side; those of hosts with one edge are left out. */
  readonly #start: Int32Array;
  readonly #entering: Int32Array;
  /** Edges of hosts that have one. */
  readonly #onlyEdges: Int32Array;
  readonly #distance: Int32Array;
  readonly #row: Uint8Array;
  readonly #queue: NodeQueue;

  /** `usable` holds 1 for each edge that may be used; all may when it is absent. */
  constructor(
    readonly graph: FlatGraph,
    cost: Float64Array,
    usable?: Uint8Array,
  ) {
    const nodes = graph.nodeNames.length;
    const edges = graph.inEdges.filter((edge) => usable === undefined || usable[edge] === 1);
    const isOnly = onlyEdges(graph, edges);
    const searched = edges.filter((edge) => isOnly[edge] === 0);
    this.#isPossible = edges.every((edge) => isMetric(cost[edge] as number));
    this.#start = startsOf(searched, graph);
    this.#entering = new Int32Array(FIELDS * searched.length);
    searched.forEach((edge, i) => {
      const from = graph.edgeFrom[edge] as number;
      this.#entering.set([from, cost[edge] as number, placeOf(graph, edge)], FIELDS * i);
    });
    this.#onlyEdges = edges.filter((edge) => isOnly[edge] === 1);
    this.#distance = new Int32Array(nodes);
    this.#row = new Uint8Array(nodes);
    this.#queue = nodeQueue(this.#distance, graph.isHost, {
      near: (i) => graph.edgeTo[searched[i] as number] as number,
      far: searched.map((edge) => graph.edgeFrom[edge] as number),
      cost: searched.map((edge) => cost[edge] as number),
    });
  }

  /** The row of a target, until the next one is made; undefined where ways cost too much to be added up here. */
  make(target: number): Uint8Array | undefined {
    if (!this.#isPossible || !this.#search(target)) return undefined;
    this.#fillOnlyEdges();
    this.#row[target] = NO_WAY;
    return this.#row;
  }

  /**
   * Dijkstra's algorithm from the target, in one loop, as it runs for each of thousands of rows. Each edge is looked at once, when its far end has its final cost: so
   * what is equal then is a next hop, over links of cost zero too. Hosts are ends of ways. False where costs become too large.
   */
  #search(target: number): boolean {
    const { isHost } = this.graph;
    const start = this.#start;
    const entering = this.#entering;
    const row = this.#row.fill(NO_WAY);
    const distance = this.#distance.fill(UNREACHED);
    const queue = this.#queue;
    queue.clear();
    distance[target] = 0;
    queue.push(target);
    for (let node = queue.pop(); node >= 0; node = queue.pop()) {
      const own = distance[node] as number;
      if (own > MAX_COST) return false;
      const end = start[node + 1] as number;
      for (let i = start[node] as number; i < end; i += FIELDS) {
        const from = entering[i] as number;
        const through = own + (entering[i + 1] as number);
        const known = distance[from] as number;
        if (through > known) continue;
        const isLess = through < known;
        row[from] = isLess ? (entering[i + 2] as number) : SEVERAL;
        if (!isLess) continue;
        distance[from] = through;
        if (isHost[from] === 1) continue;
        if (known === UNREACHED) queue.push(from);
        else queue.lower(from, known);
      }
    }
    return true;
  }

  /** A host with one edge has no choice. */
  #fillOnlyEdges(): void {
    const { edgeFrom, edgeTo } = this.graph;
    for (const edge of this.#onlyEdges) {
      if (this.#distance[edgeTo[edge] as number] !== UNREACHED) {
        this.#row[edgeFrom[edge] as number] = placeOf(this.graph, edge);
      }
    }
  }
}

/** 1 for edges that are the only one of these that leaves a host, towards a router. */
function onlyEdges({ isHost, edgeFrom, edgeTo, nodeNames }: FlatGraph, edges: Int32Array): Uint8Array {
  const leaving = new Int32Array(nodeNames.length);
  for (const edge of edges) (leaving[edgeFrom[edge] as number] as number)++;
  const isOnly = new Uint8Array(edgeFrom.length);
  for (const edge of edges) {
    const from = edgeFrom[edge] as number;
    if (isHost[from] === 1 && leaving[from] === 1 && isHost[edgeTo[edge] as number] === 0) isOnly[edge] = 1;
  }
  return isOnly;
}

function placeOf({ edgeFrom, outStart }: FlatGraph, edge: number): number {
  return Math.min(FAR_PLACE, edge - (outStart[edgeFrom[edge] as number] as number));
}

/** Where those of each node begin, in fields, among edges that are in the order of the nodes they enter. */
function startsOf(entering: Int32Array, { edgeTo, nodeNames }: FlatGraph): Int32Array {
  const starts = new Int32Array(nodeNames.length + 1);
  let at = 0;
  for (let node = 0; node < nodeNames.length; node++) {
    starts[node] = FIELDS * at;
    while (at < entering.length && edgeTo[entering[at] as number] === node) at++;
  }
  starts[nodeNames.length] = FIELDS * at;
  return starts;
}

function isMetric(cost: number): boolean {
  return Number.isInteger(cost) && cost >= 0 && cost <= MAX_METRIC;
}
