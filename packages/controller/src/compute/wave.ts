import type { FlatGraph } from "../topology/flat-graph";
import { NumberHeap } from "./number-heap";

/** No way, or the node is the root. */
export const NO_NEXT_HOP = -1;
/** Several next hops of equal cost. */
export const SEVERAL_NEXT_HOPS = -2;

/** Which ways a wave follows. */
export interface WaveRules {
  readonly cost: Float64Array;
  /** 1 for each edge that may be used; all may when it is absent. */
  readonly usable: Uint8Array | undefined;
  /** The one node that all ways begin or end at, if there is one. Ways may pass no other host than this one. */
  readonly root: number | undefined;
  /** Ways towards the root follow edges backwards. */
  readonly direction: "towards" | "from";
}

/** How far a wave is to go. */
export interface Aim {
  /** Until this node has its final cost. */
  readonly until?: number;
  /** Until all nodes of at most this cost have it. */
  readonly within?: number;
  /** Until so many more nodes have it. */
  readonly least?: number;
}

const EVERYTHING: Aim = { least: Number.POSITIVE_INFINITY };

/**
 * Dijkstra's algorithm under way, in memory as long as the graph. Hosts are ends of ways, never in between. Every edge is looked at once, when its
 * near end has its final cost: so what is equal then stays a next hop, over links of cost zero too.
 */
export class Wave {
  readonly distance: Float64Array;
  /** The one edge by which a node's least-cost ways are joined to the root, or NO_NEXT_HOP or SEVERAL_NEXT_HOPS. */
  readonly sole: Int32Array;
  readonly heap = new NumberHeap();
  /** The first `reachedCount` are the nodes with a distance, in the order in which they got it. */
  readonly reached: Int32Array;
  reachedCount = 0;

  constructor(graph: FlatGraph) {
    const nodes = graph.nodeNames.length;
    this.distance = new Float64Array(nodes).fill(Number.POSITIVE_INFINITY);
    this.sole = new Int32Array(nodes).fill(NO_NEXT_HOP);
    this.reached = new Int32Array(nodes);
  }

  /** A node to begin at, with a cost of its own. */
  begin(node: number, cost: number): void {
    if (cost === Number.POSITIVE_INFINITY) return;
    this.reach(node, cost);
    this.heap.push(cost, node);
  }

  /** A node has a distance; it may have had a greater one. */
  reach(node: number, distance: number): void {
    if (this.distance[node] === Number.POSITIVE_INFINITY) this.reached[this.reachedCount++] = node;
    this.distance[node] = distance;
  }

  /** Goes on until all of `aim` is reached; returns up to which cost all nodes have their final one, Infinity when everything is reached. */
  advance(graph: FlatGraph, rules: WaveRules, { until, within = 0, least = 1 }: Aim = EVERYTHING): number {
    const { distance, heap } = this;
    let furthest = Number.POSITIVE_INFINITY;
    let settled = 0;
    for (let key = heap.minKey(); key < Number.POSITIVE_INFINITY; key = heap.minKey()) {
      if (key > furthest) return furthest;
      const node = heap.pop() as number;
      if (key > (distance[node] as number)) continue;
      settled++;
      if (settled >= least && key >= within && (until === undefined || (distance[until] as number) <= key))
        furthest = key;
      if (graph.isHost[node] === 0 || node === rules.root) this.#spread(graph, rules, node, key);
    }
    return Number.POSITIVE_INFINITY;
  }

  #spread(graph: FlatGraph, { cost, usable, root, direction }: WaveRules, node: number, own: number): void {
    const { distance, sole, heap } = this;
    const isTowards = direction === "towards";
    const { inEdges } = graph;
    const start = isTowards ? graph.inStart : graph.outStart;
    const farEnd = isTowards ? graph.edgeFrom : graph.edgeTo;
    const end = start[node + 1] as number;
    for (let i = start[node] as number; i < end; i++) {
      const edge = isTowards ? (inEdges[i] as number) : i;
      if (usable !== undefined && usable[edge] === 0) continue;
      const far = farEnd[edge] as number;
      const through = own + (cost[edge] as number);
      const known = distance[far] as number;
      if (through < known) {
        if (known === Number.POSITIVE_INFINITY) this.reached[this.reachedCount++] = far;
        distance[far] = through;
        sole[far] = edge;
        heap.push(through, far);
      } else if (through === known && far !== root) {
        sole[far] = SEVERAL_NEXT_HOPS;
      }
    }
  }

  /** Forgets everything, in the time that it took to find it. */
  clear(): void {
    for (let i = 0; i < this.reachedCount; i++) {
      const node = this.reached[i] as number;
      this.distance[node] = Number.POSITIVE_INFINITY;
      this.sole[node] = NO_NEXT_HOP;
    }
    this.reachedCount = 0;
    this.heap.clear();
  }
}

/** Waves that are kept per graph for the next search. */
const MAX_SPARE = 4;
const spare = new WeakMap<FlatGraph, Wave[]>();

/** An empty wave, to be given back or to be kept. */
export function takeWave(graph: FlatGraph): Wave {
  return spare.get(graph)?.pop() ?? new Wave(graph);
}

/** Gives a wave back; it must not be used any more. */
export function giveWaveBack(graph: FlatGraph, wave: Wave): void {
  const waves = spare.get(graph) ?? [];
  spare.set(graph, waves);
  if (waves.length >= MAX_SPARE) return;
  wave.clear();
  waves.push(wave);
}
