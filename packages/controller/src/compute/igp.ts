import type { FlatGraph } from "../topology/flat-graph";
import type { GrowingTree } from "./growing-tree";
import { PLAIN_ROUTING, type Routing, routingBy } from "./routing";
import { isSoleNextHop } from "./sole-next-hop";
import { NO_NEXT_HOP, SEVERAL_NEXT_HOPS } from "./wave";

/** How the network forwards towards one node by IGP metric, ECMP included. What is asked first decides whether a tree is looked for: a row may tell without. */
export class IgpTree {
  #tree: GrowingTree | undefined;
  /** Where the tree is: at the target, or at the router of a host with one link, so that what is kept does not grow with the hosts. */
  readonly #root: number;
  /** The only link to such a host. */
  readonly #access: number;
  readonly #accessCost: number;

  constructor(
    readonly routing: Routing,
    readonly target: number,
  ) {
    const { graph } = routing;
    this.#access =
      routing.isPlain && isLeaf(graph, target)
        ? (graph.inEdges[graph.inStart[target] as number] as number)
        : NO_NEXT_HOP;
    this.#root = this.#access === NO_NEXT_HOP ? target : (graph.edgeFrom[this.#access] as number);
    this.#accessCost = this.#access === NO_NEXT_HOP ? 0 : (routing.cost[this.#access] as number);
  }

  /** Cost from a node; Infinity where there is no way. */
  distance(node: number): number {
    return node === this.target ? 0 : this.#grown.distance(node) + this.#accessCost;
  }

  /** The one edge that a node's least-cost ways begin with, or NO_NEXT_HOP or SEVERAL_NEXT_HOPS. */
  soleNextHop(node: number): number {
    if (node === this.target) return NO_NEXT_HOP;
    return node === this.#root ? this.#ofRoot : this.#grown.sole(node);
  }

  /** Whether all least-cost ways from an edge's near end begin with it; `rest` is the least cost from its far end. Looks no further than that takes. */
  isSoleNextHop(edge: number, rest: number): boolean {
    const node = this.routing.graph.edgeFrom[edge] as number;
    if (node === this.target) return false;
    if (node === this.#root) return this.#ofRoot === edge;
    return this.routing.isSole(this.#root, edge) ?? this.#search(edge, rest - this.#accessCost);
  }

  get #grown(): GrowingTree {
    return (this.#tree ??= this.routing.treeTowards(this.#root));
  }

  /** How the router of a host with one link sends to it. */
  get #ofRoot(): number {
    return this.#hasFreeDetour() ? SEVERAL_NEXT_HOPS : this.#access;
  }

  #search(edge: number, rest: number): boolean {
    const before = this.#grown.lookedAt;
    const isSole = isSoleNextHop(this.routing.graph, this.#grown, edge, rest);
    this.routing.noteSearch(this.#root, this.#grown.lookedAt - before);
    return isSole;
  }

  /** Whether that router has a neighbour that is as near to whatever is behind it, over links of metric zero there and back. */
  #hasFreeDetour(): boolean {
    const { graph, cost } = this.routing;
    const end = graph.outStart[this.#root + 1] as number;
    for (let edge = graph.outStart[this.#root] as number; edge < end; edge++) {
      const to = graph.edgeTo[edge] as number;
      if (cost[edge] === 0 && graph.isHost[to] === 0 && this.#grown.distance(to) === 0) return true;
    }
    return false;
  }
}

/** The tree towards `target`, by plain routing or by the flexible algorithm of that number. */
export function igpTree(graph: FlatGraph, target: number, algorithm = PLAIN_ROUTING): IgpTree {
  return new IgpTree(routingBy(graph, algorithm), target);
}

/** A host with one link: whatever the metrics, there is one way to it from its router. */
export function isLeaf({ isHost, inStart }: FlatGraph, node: number): boolean {
  return isHost[node] === 1 && inStart[node + 1] === (inStart[node] as number) + 1;
}

/**
 * Every edge over which `node` may send towards the tree's target: those on some shortest way. Over links of metric zero this
 * includes a neighbour at the same distance, which a router may or may not use: whoever needs certainty must count it.
 */
export function nextHops(graph: FlatGraph, target: number, tree: IgpTree, node: number): number[] {
  const own = tree.distance(node);
  const edges: number[] = [];
  if (node === target || own === Number.POSITIVE_INFINITY) return edges;
  const end = graph.outStart[node + 1] as number;
  for (let edge = graph.outStart[node] as number; edge < end; edge++) {
    const to = graph.edgeTo[edge] as number;
    if (graph.isHost[to] === 1 && to !== target) continue;
    if (tree.distance(to) + (graph.cost.igp[edge] as number) === own) edges.push(edge);
  }
  return edges;
}
