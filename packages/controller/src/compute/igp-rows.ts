import type { FlatGraph } from "../topology/flat-graph";
import { FAR_PLACE, RowMaker } from "./row-maker";

/** Memory that the rows of one graph may take: those of 10,000 routers among 12,000 nodes. */
const MAX_BYTES = 128 * 1024 * 1024;
/** A row is made once questions about its target have looked at more than this share of all nodes: a question looks at each much more slowly than what makes the row. */
const PAYING_SHARE = 1 / 4;
/** Where a tree is whole with so many nodes anyway, it answers as fast as a row. */
const LEAST_PAYING = 256;

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

/**
 * Rows per target of how the network forwards (`row-maker.ts`), for questions that come by the thousand. A row pays where its target is asked about often; which one
 * does is found out by asking: together with the questions before it costs little more than the better of the two alone would have. When the memory is
 * full no more are made, and questions about other targets cost what they did.
 */
export class IgpRows {
  readonly #nodes: number;
  readonly #rows = new Map<number, Uint8Array>();
  #bytes = 0;
  readonly #makers = new Map<number, RowMaker>();
  /** Nodes looked at for questions that no row answered, by kind and target; Infinity: there will be no row. */
  readonly #spent = new Map<number, number>();

  constructor(
    readonly graph: FlatGraph,
    private readonly maxBytes = MAX_BYTES,
  ) {
    this.#nodes = graph.nodeNames.length;
  }

  /** The row of a target, if there is one. `kind` is PLAIN_KIND or a flexible algorithm's. */
  of(kind: number, target: number): Uint8Array | undefined {
    return this.#rows.get(kind * this.#nodes + target);
  }

  /** A question about a target without a row has looked at so many nodes. Returns its row where that has come to enough for one. */
  spend(kind: number, target: number, nodes: number): Uint8Array | undefined {
    const key = kind * this.#nodes + target;
    if (nodes === 0 || this.#rows.has(key)) return this.#rows.get(key);
    const spent = (this.#spent.get(key) ?? 0) + nodes;
    this.#spent.set(key, spent);
    if (spent <= Math.max(LEAST_PAYING, PAYING_SHARE * this.#nodes) || spent === Number.POSITIVE_INFINITY)
      return undefined;
    return this.make(kind, target);
  }

  /** Makes the row of a target that has none; undefined where there can be none, or no room. */
  make(kind: number, target: number): Uint8Array | undefined {
    const key = kind * this.#nodes + target;
    const isRoom = this.#bytes + this.#nodes <= this.maxBytes;
    const row = isRoom ? this.#makerOf(kind).make(target) : undefined;
    if (row === undefined) this.#spent.set(key, Number.POSITIVE_INFINITY);
    else {
      this.#rows.set(key, row);
      this.#spent.delete(key);
      this.#bytes += row.byteLength;
    }
    return row;
  }

  #makerOf(kind: number): RowMaker {
    const known = this.#makers.get(kind);
    if (known !== undefined) return known;
    const { cost, usable } = forwardingBy(this.graph, kind);
    const maker = new RowMaker(this.graph, cost, usable);
    this.#makers.set(kind, maker);
    return maker;
  }
}

/** Whether all least-cost ways to a row's target from the near end of an edge begin with it; undefined where the row does not tell. */
export function isSoleByRow({ edgeFrom, outStart }: FlatGraph, row: Uint8Array, edge: number): boolean | undefined {
  const from = edgeFrom[edge] as number;
  const place = edge - (outStart[from] as number);
  const told = row[from] as number;
  if (place < FAR_PLACE) return told === place;
  return told === FAR_PLACE ? undefined : false;
}

const kept = new WeakMap<FlatGraph, IgpRows>();

/** The rows of a graph. */
export function igpRows(graph: FlatGraph): IgpRows {
  const rows = kept.get(graph) ?? new IgpRows(graph);
  kept.set(graph, rows);
  return rows;
}
