import type { FlatGraph } from "../topology/flat-graph";
import { treeMaker } from "./tree-store";
import { NO_NEXT_HOP } from "./wave";
import { ROW_LANES, RowLanes } from "./row-lanes";
import { oneOfSeveral } from "./whole-tree";

/** Memory that the rows of one graph may take: those of 10,000 routers among 12,000 nodes. */
const MAX_BYTES = 128 * 1024 * 1024;
/** A row is made once questions about its target have looked at more than this share of all nodes: a question looks at each much more slowly than what makes the row. */
const PAYING_SHARE = 1 / 4;
/** Where a tree is whole with so many nodes anyway, it answers as fast as a row. */
const LEAST_PAYING = 256;

/** In a row: no way, or the node is the target. */
const NO_WAY = 255;
/** In a row: this is one of several next hops of equal cost. */
const SEVERAL = 128;
/** In a row: a next hop whose place among the node's edges is this or more. */
const FAR_PLACE = 126;

/** Number of plain routing; flexible algorithms follow, by their places in the graph. */
export const PLAIN_KIND = 0;

/** What counts when a network forwards. */
export interface Forwarding {
  readonly cost: Float64Array;
  /** 1 for each edge that may be used; all may when it is absent. */
  readonly usable: Uint8Array | undefined;
}

/** How plain routing, or a flexible algorithm, forwards. */
export function forwardingBy({ cost, algorithms }: FlatGraph, kind: number): Forwarding {
  return algorithms[kind - PLAIN_KIND - 1] ?? { cost: cost.igp, usable: undefined };
}

/** Rows as threads share them: numbers of nodes, edges and algorithms are the same in every graph of one topology. */
export interface RowBuffers {
  /** Row after row, a byte per node. */
  readonly rows: SharedArrayBuffer;
  /** How many rows are claimed; then, by kind and target, 1 + the place of its row once it is complete, 0 before. */
  readonly places: SharedArrayBuffer;
}

/** Memory for the rows of a topology with so many nodes and flexible algorithms. */
export function rowBuffers(nodes: number, algorithms: number, maxBytes = MAX_BYTES): RowBuffers {
  const keys = nodes * (1 + algorithms);
  const most = Math.min(keys, Math.floor(maxBytes / Math.max(1, nodes)));
  // The system gives memory as it is filled.
  const rows = new SharedArrayBuffer(most * nodes);
  return { rows, places: new SharedArrayBuffer((1 + keys) * Int32Array.BYTES_PER_ELEMENT) };
}

/**
 * Rows per target of how the network forwards: for each node one byte, which of the edges that leave it all its least-cost ways to the target begin with. They are for
 * questions that come by the thousand. A row pays where its target is asked about often; which one
 * does is found out by asking: together with the questions before it costs little more than the better of the two alone would have. When the memory is
 * full no more are made, and questions about other targets cost what they did. Threads may make rows in the same buffers at the same time: a row is seen when it is
 * complete, and where two make one, both make the same.
 */
export class IgpRows {
  readonly #nodes: number;
  #buffers: RowBuffers;
  #bytes: Uint8Array;
  #places: Int32Array;
  /** A place that another thread's row has made unnecessary. */
  #spare: number | undefined;
  /** Nodes looked at for questions that no row answered, by kind and target; Infinity: there will be no row. */
  readonly #spent = new Map<number, number>();
  readonly #lanes = new Map<number, { readonly made: RowLanes | undefined }>();
  /** Of the last target that was searched for alone. */
  readonly #row: Uint8Array;

  constructor(
    readonly graph: FlatGraph,
    maxBytes = MAX_BYTES,
  ) {
    this.#nodes = graph.nodeNames.length;
    this.#row = new Uint8Array(this.#nodes);
    this.#buffers = rowBuffers(this.#nodes, graph.algorithms.length, maxBytes);
    this.#bytes = new Uint8Array(this.#buffers.rows);
    this.#places = new Int32Array(this.#buffers.places);
  }

  /** What other threads may adopt. */
  get buffers(): RowBuffers {
    return this.#buffers;
  }

  /** See `adoptIgpRows`. */
  adopt(buffers: RowBuffers): void {
    const { rows, places } = this.#buffers;
    if (buffers.rows === rows) return;
    if (buffers.rows.byteLength !== rows.byteLength || buffers.places.byteLength !== places.byteLength) {
      throw new RangeError("these rows are of another topology");
    }
    this.#buffers = buffers;
    this.#bytes = new Uint8Array(buffers.rows);
    this.#places = new Int32Array(buffers.places);
    this.#spare = undefined;
    this.#spent.clear();
  }

  /** Whether there is a row for a target. `kind` is PLAIN_KIND or a flexible algorithm's. */
  has(kind: number, target: number): boolean {
    return this.#placeOf(kind, target) > 0;
  }

  /** Whether all least-cost ways to a target from the near end of an edge begin with it; undefined where no row tells. */
  isSole(kind: number, target: number, edge: number): boolean | undefined {
    const row = this.#placeOf(kind, target);
    if (row === 0) return undefined;
    const from = this.graph.edgeFrom[edge] as number;
    const place = edge - (this.graph.outStart[from] as number);
    const told = this.#bytes[(row - 1) * this.#nodes + from] as number;
    if (place < FAR_PLACE) return told === place;
    return told === FAR_PLACE ? undefined : false;
  }

  /** The row of a target, to be followed; undefined where there is none. */
  row(kind: number, target: number): IgpRow | undefined {
    const row = this.#placeOf(kind, target);
    return row === 0 ? undefined : new IgpRow(this.graph, this.#bytes, (row - 1) * this.#nodes);
  }

  /** A question about a target without a row has looked at so many nodes: it gets one where that has come to enough. */
  spend(kind: number, target: number, nodes: number): void {
    if (nodes === 0 || this.has(kind, target)) return;
    const key = kind * this.#nodes + target;
    const spent = (this.#spent.get(key) ?? 0) + nodes;
    this.#spent.set(key, spent);
    const isEnough = spent > Math.max(LEAST_PAYING, PAYING_SHARE * this.#nodes);
    if (isEnough && spent < Number.POSITIVE_INFINITY) this.make(kind, [target]);
  }

  /** Makes the rows of targets that have none, those of many routers at once. A target gets none where costs are no whole numbers or become too large, or where there is no room. */
  make(kind: number, targets: readonly number[]): void {
    const { isHost } = this.graph;
    const routers = targets.filter((target) => isHost[target] === 0);
    for (let i = 0; i < routers.length; i += ROW_LANES) {
      const some = routers.slice(i, i + ROW_LANES);
      const several = some.length > 1 ? this.#lanesOf(kind)?.search(some) : undefined;
      for (const [at, target] of some.entries()) this.#keep(kind, target, several?.[at] ?? this.#search(kind, target));
    }
    for (const target of targets) if (isHost[target] === 1) this.#keep(kind, target, this.#search(kind, target));
  }

  #keep(kind: number, target: number, row: Uint8Array | undefined): void {
    const key = kind * this.#nodes + target;
    const place = row && this.#claim();
    if (row === undefined || place === undefined) {
      this.#spent.set(key, Number.POSITIVE_INFINITY);
      return;
    }
    this.#bytes.set(row, place * this.#nodes);
    const isFirst = Atomics.compareExchange(this.#places, 1 + key, 0, 1 + place) === 0;
    this.#spare = isFirst ? undefined : place;
    this.#spent.delete(key);
  }

  /** A row, in memory that the next search needs again. */
  #search(kind: number, target: number): Uint8Array | undefined {
    const maker = treeMaker(this.graph, { ...forwardingBy(this.graph, kind), direction: "towards" });
    const searched = maker.search(target);
    if (searched === undefined) return undefined;
    const { edges, places } = searched;
    for (let node = 0; node < places.length; node++) {
      const place = places[node] as number;
      if (place >= 0) this.#row[node] = this.#told(edges[place] as number);
      else
        this.#row[node] = place === NO_NEXT_HOP ? NO_WAY : SEVERAL | this.#told(edges[oneOfSeveral(place)] as number);
    }
    return this.#row;
  }

  /** What a row says of an edge. */
  #told(edge: number): number {
    const { edgeFrom, outStart } = this.graph;
    return Math.min(FAR_PLACE, edge - (outStart[edgeFrom[edge] as number] as number));
  }

  #lanesOf(kind: number): RowLanes | undefined {
    const rules = { ...forwardingBy(this.graph, kind), told: (edge: number) => this.#told(edge) };
    const lanes = this.#lanes.get(kind) ?? { made: RowLanes.of(this.graph, rules) };
    this.#lanes.set(kind, lanes);
    return lanes.made;
  }

  /** How many rows there is room for. */
  get #most(): number {
    return this.#bytes.length / this.#nodes;
  }

  /** 1 + the place of a target's row; 0: there is none. */
  #placeOf(kind: number, target: number): number {
    return Atomics.load(this.#places, 1 + kind * this.#nodes + target);
  }

  /** A place that is nobody else's; undefined: no room. */
  #claim(): number | undefined {
    if (this.#spare !== undefined) return this.#spare;
    if (Atomics.load(this.#places, 0) >= this.#most) return undefined;
    const place = Atomics.add(this.#places, 0, 1);
    return place < this.#most ? place : undefined;
  }
}

/** A row of next hops towards one target. */
export class IgpRow {
  constructor(
    private readonly graph: FlatGraph,
    private readonly bytes: Uint8Array,
    private readonly start: number,
  ) {}

  /** Whether rows of a graph tell of all edges. */
  static tellsAll({ outStart }: FlatGraph): boolean {
    return outStart.every((start, node) => node === 0 || start - (outStart[node - 1] as number) <= FAR_PLACE);
  }

  /** The edge that a least-cost way from a node begins with, the first that was found; undefined: there is none, or it has no place in a row. */
  nextHop(node: number): number | undefined {
    const told = this.bytes[this.start + node] as number;
    const place = told & (SEVERAL - 1);
    return told === NO_WAY || place === FAR_PLACE ? undefined : (this.graph.outStart[node] as number) + place;
  }
}

const kept = new WeakMap<FlatGraph, IgpRows>();

/** The rows of a graph. */
export function igpRows(graph: FlatGraph): IgpRows {
  const rows = kept.get(graph) ?? new IgpRows(graph);
  kept.set(graph, rows);
  return rows;
}

/** From now on the graph has the rows that another thread has for the same topology, and what is made here is made for all. Throws RangeError where it is another one. */
export function adoptIgpRows(graph: FlatGraph, buffers: RowBuffers): void {
  igpRows(graph).adopt(buffers);
}
