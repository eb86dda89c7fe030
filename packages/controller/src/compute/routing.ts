import type { FlatGraph } from "../topology/flat-graph";
import type { GrowingTree } from "./growing-tree";
import { forwardingBy, type IgpRows, igpRows, PLAIN_KIND } from "./igp-rows";
import { growingTree } from "./tree-store";

/** Plain shortest-path routing by IGP metric, over every link. RFC 8402 section 3.1.1. */
export const PLAIN_ROUTING = 0;

/** How a network forwards by plain routing or by one flexible algorithm: what all trees have in common. */
export class Routing {
  readonly isPlain: boolean;
  /** What it adds up along ways, per edge. */
  readonly cost: Float64Array;
  /** 1 for each edge that it may use; all may when it is absent. */
  readonly usable: Uint8Array | undefined;
  readonly #rows: IgpRows;

  constructor(
    readonly graph: FlatGraph,
    private readonly kind: number,
  ) {
    this.isPlain = kind === PLAIN_KIND;
    const { cost, usable } = forwardingBy(graph, kind);
    this.cost = cost;
    this.usable = usable;
    this.#rows = igpRows(graph);
  }

  /** Whether much has been asked about a target, so that a question about it is one read. */
  hasRow(target: number): boolean {
    return this.#rows.has(this.kind, target);
  }

  /** What a row tells, if there is one: whether all least-cost ways to a target from the near end of an edge begin with it. */
  isSole(target: number, edge: number): boolean | undefined {
    return this.#rows.isSole(this.kind, target, edge);
  }

  /** A question about a target that no row answered has looked at so many nodes. */
  noteSearch(target: number, nodes: number): void {
    this.#rows.spend(this.kind, target, nodes);
  }

  /** Trees grow as far as they are asked, and are kept with the graph. */
  treeTowards(root: number): GrowingTree {
    return growingTree(this.graph, root, { cost: this.cost, usable: this.usable, direction: "towards" });
  }
}

const kept = new WeakMap<FlatGraph, Map<number, Routing>>();

/** How the graph's network forwards by an algorithm. Throws RangeError where it has none of that number. */
export function routingBy(graph: FlatGraph, algorithm: number): Routing {
  const ofGraph = kept.get(graph) ?? new Map<number, Routing>();
  kept.set(graph, ofGraph);
  const routing = ofGraph.get(algorithm) ?? new Routing(graph, kindOf(graph, algorithm));
  ofGraph.set(algorithm, routing);
  return routing;
}

/** What rows know an algorithm by. */
function kindOf({ algorithms }: FlatGraph, algorithm: number): number {
  if (algorithm === PLAIN_ROUTING) return PLAIN_KIND;
  const place = algorithms.findIndex(({ definition }) => definition.id === algorithm);
  if (place < 0) throw new RangeError(`the graph has no algorithm ${algorithm}`);
  return PLAIN_KIND + 1 + place;
}
