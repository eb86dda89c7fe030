import type { FlatGraph } from "../topology/flat-graph";
import type { PathQuery } from "./path-query";

/**
 * How far a walk has come with what it must cross: the stops passed, in order, and the set of included things crossed. Each
 * such pair is a layer, and a state of the search is a node in a layer. The last layer has everything.
 */
export class Layers {
  readonly count: number;
  /** Sets of included things, each a number with a bit per thing. */
  readonly #sets: number;
  /** Bits that entering a node by an edge sets; absent when nothing is to be included. */
  readonly #bits: Uint8Array | undefined;
  readonly #via: readonly ReadonlySet<number>[];
  readonly #edgeTo: Int32Array;
  readonly #startBits: number;

  constructor(graph: FlatGraph, { source, via, include }: Pick<PathQuery, "source" | "via" | "include">) {
    this.#via = via.map((nodes) => new Set(nodes));
    this.#edgeTo = graph.edgeTo;
    this.#sets = 1 << include.length;
    this.count = (via.length + 1) * this.#sets;
    this.#bits = include.length === 0 ? undefined : includedBits(graph, include);
    this.#startBits = include.reduce(
      (bits, thing, i) => (thing.kind === "node" && thing.node === source ? bits | (1 << i) : bits),
      0,
    );
  }

  /** The layer of a walk that has not left its source. */
  start(source: number): number {
    return this.#passVia(source, 0) * this.#sets + this.#startBits;
  }

  /** The layer after an edge, for a walk in `layer` before it. */
  after(edge: number, layer: number): number {
    if (this.count === 1) return 0;
    const crossed = layer % this.#sets;
    const passed = this.#passVia(this.#edgeTo[edge] as number, (layer - crossed) / this.#sets);
    return passed * this.#sets + (this.#bits === undefined ? 0 : crossed | (this.#bits[edge] as number));
  }

  /** How many stops a walk in the layer has passed. */
  passed(layer: number): number {
    return Math.floor(layer / this.#sets);
  }

  /** Arriving at a node of the next stop passes it. */
  #passVia(node: number, passed: number): number {
    let next = passed;
    while (this.#via[next]?.has(node) === true) next++;
    return next;
  }
}

function includedBits(graph: FlatGraph, include: PathQuery["include"]): Uint8Array {
  const bits = new Uint8Array(graph.edgeFrom.length);
  const set = (edge: number | undefined, bit: number) => {
    if (edge !== undefined && edge >= 0) bits[edge] = (bits[edge] as number) | bit;
  };
  include.forEach((thing, i) => {
    const bit = 1 << i;
    if (thing.kind === "node") {
      const end = graph.inStart[thing.node + 1] ?? -1;
      for (let at = graph.inStart[thing.node] ?? 0; at < end; at++) set(graph.inEdges[at], bit);
      return;
    }
    for (const link of thing.kind === "link" ? [thing.link] : thing.links) {
      const edge = graph.linkEdge[link];
      set(edge, bit);
      set(graph.edgeReverse[edge ?? -1], bit);
    }
  });
  return bits;
}
