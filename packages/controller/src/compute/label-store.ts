import type { FlatGraph } from "../topology/flat-graph";

/** Stands for "no label". */
export const NONE = -1;
const FIRST_CAPACITY = 1_024;
/** Stores that hold more labels than this are not kept for the next search. */
const MAX_KEPT_CAPACITY = 2 ** 16;

/**
 * Labels of one search, in columns: typed arrays that are used again by the next. A label stands for a walk from a node to the target of a query, and is the
 * label of the walk's rest and the edge before it. Several numbers are added up along walks; those of a column are in `sums`.
 */
export class LabelStore {
  count = 0;
  node = new Int32Array(FIRST_CAPACITY);
  edge = new Int32Array(FIRST_CAPACITY);
  /** The label of the walk without its first edge. */
  rest = new Int32Array(FIRST_CAPACITY);
  /** Next label of the same node. */
  sibling = new Int32Array(FIRST_CAPACITY);
  isDead = new Uint8Array(FIRST_CAPACITY);
  sums: Float64Array[] = [];
  /** First label of each node, plus one: 0 where there is none. */
  readonly first: Int32Array;

  constructor(nodes: number) {
    this.first = new Int32Array(nodes);
  }

  get capacity(): number {
    return this.node.length;
  }

  /** Makes sure of so many columns of sums. */
  widen(columns: number): void {
    while (this.sums.length < columns) this.sums.push(new Float64Array(this.capacity));
  }

  /** Appends a label and returns it; its sums are still to be written. */
  add(node: number, edge: number, rest: number): number {
    const label = this.count++;
    if (label === this.capacity) this.#grow();
    this.node[label] = node;
    this.edge[label] = edge;
    this.rest[label] = rest;
    this.sibling[label] = NONE;
    this.isDead[label] = 0;
    return label;
  }

  /** Takes the last one back. */
  removeLast(): void {
    this.count--;
  }

  clear(): void {
    for (let label = 0; label < this.count; label++) this.first[this.node[label] as number] = 0;
    this.count = 0;
  }

  #grow(): void {
    const grown = <T extends Int32Array | Float64Array | Uint8Array>(column: T, make: new (length: number) => T): T => {
      const larger = new make(2 * column.length);
      larger.set(column);
      return larger;
    };
    this.node = grown(this.node, Int32Array);
    this.edge = grown(this.edge, Int32Array);
    this.rest = grown(this.rest, Int32Array);
    this.sibling = grown(this.sibling, Int32Array);
    this.isDead = grown(this.isDead, Uint8Array);
    this.sums = this.sums.map((column) => grown(column, Float64Array));
  }
}

const kept = new WeakMap<FlatGraph, LabelStore>();

/** An empty store, to be given back. */
export function takeLabels(graph: FlatGraph): LabelStore {
  const store = kept.get(graph) ?? new LabelStore(graph.nodeNames.length);
  kept.delete(graph);
  return store;
}

/** Gives a store back; it must not be used any more. */
export function giveLabelsBack(graph: FlatGraph, store: LabelStore): void {
  if (store.capacity > MAX_KEPT_CAPACITY) return;
  store.clear();
  kept.set(graph, store);
}
