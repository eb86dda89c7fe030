import type { FlatGraph } from "../topology/flat-graph";
import { RowHeap } from "./row-heap";

const NONE = -1;

/**
 * What a flow search works with: arrays as long as the graph, in which one search uses few entries. They are kept with the graph and
 * handed from search to search, each of which leaves them as it found them; one search at a time. States are nodes, then their
 * inner sides; rows have `width` numbers.
 */
export class FlowMemory {
  /** Units on each edge, and the edges that had some. */
  readonly flow: Uint8Array;
  readonly usedEdges = new Set<number>();
  /** Units through each node. */
  readonly through: Uint8Array;
  /** 1 for nodes that have an inner side. */
  readonly split: Uint8Array;
  /** By how much each state's potential is above the distance from the source. */
  readonly raised: Float64Array;
  /** Of the search for one unit: cost per state, the step that each begins with, and the states that have either. */
  readonly distance: Float64Array;
  readonly next: Int32Array;
  readonly touched: number[] = [];
  readonly heap: RowHeap;
  readonly #raisedStates = new Set<number>();
  readonly #splitNodes: number[] = [];

  constructor(
    readonly graph: FlatGraph,
    readonly width: number,
  ) {
    const nodes = graph.nodeNames.length;
    this.flow = new Uint8Array(graph.edgeFrom.length);
    this.through = new Uint8Array(nodes);
    this.split = new Uint8Array(nodes);
    this.raised = new Float64Array(2 * nodes * width);
    this.distance = new Float64Array(2 * nodes * width).fill(Number.POSITIVE_INFINITY);
    this.next = new Int32Array(2 * nodes).fill(NONE);
    this.heap = new RowHeap(this.distance, width);
  }

  raise(state: number, i: number, by: number): void {
    this.#raisedStates.add(state);
    const at = state * this.width + i;
    this.raised[at] = (this.raised[at] as number) + by;
  }

  /** Gives a node an inner side, as far from the source as the node itself. */
  splitNode(node: number): void {
    const { width, raised } = this;
    const inner = this.graph.nodeNames.length + node;
    this.split[node] = 1;
    this.#splitNodes.push(node);
    this.#raisedStates.add(inner);
    raised.copyWithin(inner * width, node * width, (node + 1) * width);
  }

  /** Ends the search for one unit. */
  forgetSearch(): void {
    const { width } = this;
    this.heap.clear();
    for (const state of this.touched) {
      this.distance.fill(Number.POSITIVE_INFINITY, state * width, (state + 1) * width);
      this.next[state] = NONE;
    }
    this.touched.length = 0;
  }

  /** Ends the search altogether. */
  forgetFlow(): void {
    const { width } = this;
    for (const edge of this.usedEdges) {
      this.flow[edge] = 0;
      this.through[this.graph.edgeFrom[edge] as number] = 0;
    }
    for (const node of this.#splitNodes) this.split[node] = 0;
    for (const state of this.#raisedStates) this.raised.fill(0, state * width, (state + 1) * width);
    this.usedEdges.clear();
    this.#raisedStates.clear();
    this.#splitNodes.length = 0;
  }
}

const memories = new WeakMap<FlatGraph, Map<number, FlowMemory>>();

/** The memory for searches of a graph with rows of so many numbers. */
export function flowMemory(graph: FlatGraph, width: number): FlowMemory {
  const byWidth = memories.get(graph) ?? new Map<number, FlowMemory>();
  const memory = byWidth.get(width) ?? new FlowMemory(graph, width);
  byWidth.set(width, memory);
  memories.set(graph, byWidth);
  return memory;
}
