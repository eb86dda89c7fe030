import type { FlatGraph } from "../topology/flat-graph";
import { RadixQueue } from "./radix-queue";

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

/**
 * Makes rows: for each node one byte, which of the edges that leave it all its least-cost ways to a target begin with. Looks at the whole network, in memory that is used
 * again: what is asked of a row costs nothing more.
 */
export class RowMaker {
  /** Whether all metrics are whole numbers of 24 bits, as an IGP's are. */
  readonly #isPossible: boolean;
  /** By entering edge, those of a node side by side: where it begins, what it costs, and its place among the edges there. */
  readonly #start: Int32Array;
  readonly #from: Int32Array;
  readonly #cost: Int32Array;
  readonly #place: Uint8Array;
  readonly #isHost: Uint8Array;
  readonly #distance: Int32Array;
  readonly #queue: RadixQueue;

  /** `usable` holds 1 for each edge that may be used; all may when it is absent. */
  constructor(graph: FlatGraph, cost: Float64Array, usable?: Uint8Array) {
    const nodes = graph.nodeNames.length;
    const entering = graph.inEdges.filter((edge) => usable === undefined || usable[edge] === 1);
    this.#isPossible = entering.every((edge) => isMetric(cost[edge] as number));
    this.#start = startsOf(entering, graph);
    this.#from = entering.map((edge) => graph.edgeFrom[edge] as number);
    this.#cost = entering.map((edge) => cost[edge] as number);
    this.#place = Uint8Array.from(entering, (edge) => {
      return Math.min(FAR_PLACE, edge - (graph.outStart[graph.edgeFrom[edge] as number] as number));
    });
    this.#isHost = graph.isHost;
    this.#distance = new Int32Array(nodes);
    this.#queue = new RadixQueue(this.#distance);
  }

  /** Writes the row of a target, a byte per node; false where ways cost too much to be added up here. */
  make(target: number, row: Uint8Array): boolean {
    if (!this.#isPossible) return false;
    const distance = this.#distance.fill(UNREACHED);
    row.fill(NO_WAY);
    distance[target] = 0;
    this.#queue.clear();
    this.#queue.push(target);
    for (let node = this.#queue.pop(); node >= 0; node = this.#queue.pop()) {
      if ((distance[node] as number) > MAX_COST) return false;
      this.#lookBehind(node, row);
    }
    row[target] = NO_WAY;
    return true;
  }

  /** Each edge once, when its far end has its final cost: so what is equal then is a next hop, over links of cost zero too. Hosts are ends of ways. */
  #lookBehind(node: number, row: Uint8Array): void {
    const distance = this.#distance;
    const queue = this.#queue;
    const own = distance[node] as number;
    const end = this.#start[node + 1] as number;
    for (let i = this.#start[node] as number; i < end; i++) {
      const from = this.#from[i] as number;
      const through = own + (this.#cost[i] as number);
      const known = distance[from] as number;
      if (through > known) continue;
      if (through === known) {
        row[from] = SEVERAL;
        continue;
      }
      distance[from] = through;
      row[from] = this.#place[i] as number;
      if (this.#isHost[from] === 1) continue;
      if (known === UNREACHED) queue.push(from);
      else queue.lower(from, known);
    }
  }
}

/** Where those of each node begin among edges that are in the order of the nodes they enter. */
function startsOf(entering: Int32Array, { edgeTo, nodeNames }: FlatGraph): Int32Array {
  const starts = new Int32Array(nodeNames.length + 1);
  let at = 0;
  for (let node = 0; node < nodeNames.length; node++) {
    starts[node] = at;
    while (at < entering.length && edgeTo[entering[at] as number] === node) at++;
  }
  starts[nodeNames.length] = at;
  return starts;
}

function isMetric(cost: number): boolean {
  return Number.isInteger(cost) && cost >= 0 && cost <= MAX_METRIC;
}
