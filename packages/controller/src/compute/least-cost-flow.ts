import type { FlatGraph } from "../topology/flat-graph";
import type { PathQuery } from "./path-query";
import { RowHeap } from "./row-heap";
import { sharedSourceTree } from "./shared-source-tree";
import { compareRow } from "./source-tree";

/** What the units of a flow may have in common. */
export interface FlowRules {
  /** Whether units keep off each other's nodes too. */
  readonly nodes: boolean;
  /**
   * False: nothing but what is exempt. True: anything, at a price above all costs: first as few links as can be, then as few
   * nodes (where `nodes` asks), each counted once for every unit beyond the first.
   */
  readonly sharing: boolean;
  /** 1 for each link that any number may cross. */
  readonly freeLinks: Uint8Array;
  /** 1 for each node that any number may pass. */
  readonly freeNodes: Uint8Array;
}

const SHARING_COSTS = 2;
const NONE = -1;
const INSIDE = -2;

/**
 * Units of flow from the source of a query to its target of least total cost, by several sums compared in order: successive shortest
 * augmenting paths (Suurballe 1974; with potentials, Suurballe and Tarjan 1984; Ahuja, Magnanti and Orlin, Network Flows, section 9.7).
 * The first unit is the best path. For each further one the search goes backwards from the target over what is left, where
 * an edge in use may be given back. Potentials from the tree of the source make every step of a best way free, so it looks only
 * at nodes by which a detour costs no more than the answer. `via`, `include` and bounds of the query are not looked at.
 *
 * A node in use that no two units may pass has an inner side, where edges arrive, beside its own state, where they leave; once
 * it has, it keeps it. No flow of least cost uses both directions of a link: exchanging the ends of the two paths saves both.
 */
export class LeastCostFlow {
  readonly #flow: Uint8Array;
  /** Edges that carry units. */
  readonly #used = new Set<number>();
  /** Units through each node. */
  readonly #through: Uint8Array;
  readonly #split: Uint8Array;
  readonly #width: number;
  /** Sums from the source per state; inner sides come after all nodes. */
  readonly #potential: Float64Array;
  readonly #distance: Float64Array;
  readonly #next: Int32Array;
  readonly #row: Float64Array;
  #touched: number[] = [];
  #units = 0;

  constructor(
    readonly graph: FlatGraph,
    readonly query: PathQuery,
    readonly costs: readonly Float64Array[],
    readonly rules: FlowRules,
  ) {
    const nodes = graph.nodeNames.length;
    const extra = rules.sharing ? SHARING_COSTS : 0;
    this.#width = costs.length + extra;
    this.#flow = new Uint8Array(graph.edgeFrom.length);
    this.#through = new Uint8Array(nodes);
    this.#split = new Uint8Array(nodes);
    this.#potential = new Float64Array(2 * nodes * this.#width);
    this.#distance = new Float64Array(2 * nodes * this.#width).fill(Number.POSITIVE_INFINITY);
    this.#next = new Int32Array(2 * nodes).fill(NONE);
    this.#row = new Float64Array(this.#width);
    const { sums } = sharedSourceTree(graph, query, costs);
    if (extra === 0) this.#potential.set(sums);
    else
      for (let node = 0; node < nodes; node++) {
        const own = sums.subarray(node * costs.length, (node + 1) * costs.length);
        this.#potential.set(own, node * this.#width + extra);
        if (own[0] === Number.POSITIVE_INFINITY) this.#potential[node * this.#width] = Number.POSITIVE_INFINITY;
      }
  }

  /** Units so far. */
  get units(): number {
    return this.#units;
  }

  /** Adds a unit; false when there is no room for one. */
  augment(): boolean {
    const reached = this.#search();
    if (reached) {
      this.#push();
      this.#raisePotentials();
      this.#count();
      this.#units++;
    }
    this.#forget();
    return reached;
  }

  /** Edges that carry units, each with how many. */
  flow(): Map<number, number> {
    return new Map([...this.#used].map((edge) => [edge, this.#flow[edge] as number]));
  }

  /** Backwards from the target until the source; false when it is out of reach. */
  #search(): boolean {
    const heap = new RowHeap(this.#distance, this.#width);
    const { source, target } = this.query;
    this.#distance.fill(0, target * this.#width, (target + 1) * this.#width);
    this.#touched.push(target);
    heap.push(target);
    for (let state = heap.pop(); state !== undefined; state = heap.pop()) {
      if (state === source) return true;
      const nodes = this.graph.nodeNames.length;
      const node = state >= nodes ? state - nodes : state;
      if (state >= nodes || this.#split[node] === 0) this.#enterings(heap, state, node);
      if (state < nodes) this.#leavings(heap, node);
    }
    return false;
  }

  /** Steps that arrive at a node: its edges, and from its own state back to its inner side's. */
  #enterings(heap: RowHeap, state: number, node: number): void {
    const { graph, query, rules } = this;
    const end = graph.inStart[node + 1] as number;
    for (let at = graph.inStart[node] as number; at < end; at++) {
      const edge = graph.inEdges[at] as number;
      const from = graph.edgeFrom[edge] as number;
      if (query.usable[edge] === 0 || (graph.isHost[from] === 1 && from !== query.source)) continue;
      const inUse = this.#flow[edge] !== 0 && rules.freeLinks[graph.edgeLink[edge] as number] === 0;
      if (inUse && !rules.sharing) continue;
      this.#relax(heap, from, state, edge, 1, inUse ? 1 : 0, 0);
    }
    const units = this.#through[node] as number;
    if (state !== node && units > 0) this.#relax(heap, node, state, INSIDE, -1, 0, units > 1 ? 1 : 0);
  }

  /** Steps that leave a node's own state: edges in use given back, and from its inner side. */
  #leavings(heap: RowHeap, node: number): void {
    const { graph, rules } = this;
    const inner = graph.nodeNames.length + node;
    if (this.#split[node] === 1) {
      const units = this.#through[node] as number;
      if (units === 0 || rules.sharing) this.#relax(heap, inner, node, INSIDE, 1, 0, units > 0 ? 1 : 0);
    }
    if (this.#through[node] === 0) return;
    const end = graph.outStart[node + 1] as number;
    for (let edge = graph.outStart[node] as number; edge < end; edge++) {
      const units = this.#flow[edge] as number;
      if (units === 0) continue;
      const to = graph.edgeTo[edge] as number;
      const from = this.#split[to] === 1 ? graph.nodeNames.length + to : to;
      const isShared = units > 1 && rules.freeLinks[graph.edgeLink[edge] as number] === 0;
      this.#relax(heap, from, node, edge, -1, isShared ? 1 : 0, 0);
    }
  }

  /** A step from `from` to `to` over an edge, or inside a node; `sign` is -1 where it gives back. */
  #relax(heap: RowHeap, from: number, to: number, edge: number, sign: number, links: number, nodes: number): void {
    const { costs, rules } = this;
    const width = this.#width;
    const potential = this.#potential;
    if (potential[from * width] === Number.POSITIVE_INFINITY) return;
    const extra = rules.sharing ? SHARING_COSTS : 0;
    for (let i = 0; i < width; i++) {
      let cost = 0;
      if (i >= extra) cost = edge === INSIDE ? 0 : ((costs[i - extra] as Float64Array)[edge] as number);
      else cost = i === 0 ? links : nodes;
      const slack = (potential[from * width + i] as number) - (potential[to * width + i] as number);
      this.#row[i] = (this.#distance[to * width + i] as number) + sign * cost + slack;
    }
    if (compareRow(this.#row, this.#distance, from * width) >= 0) return;
    if (this.#next[from] === NONE) this.#touched.push(from);
    this.#distance.set(this.#row, from * width);
    // An edge goes forward when it leaves the state, and is given back when it enters it.
    this.#next[from] = edge;
    heap.push(from);
  }

  /** Sends one unit along the way that was found. */
  #push(): void {
    const { graph, query } = this;
    const nodes = graph.nodeNames.length;
    for (let state = query.source; state !== query.target; ) {
      const step = this.#next[state] as number;
      if (step === INSIDE) {
        state = state >= nodes ? state - nodes : state + nodes;
        continue;
      }
      const isForward = state < nodes && graph.edgeFrom[step] === state;
      const units = (this.#flow[step] as number) + (isForward ? 1 : -1);
      this.#flow[step] = units;
      if (units > 0) this.#used.add(step);
      else this.#used.delete(step);
      if (!isForward) state = graph.edgeFrom[step] as number;
      else {
        const to = graph.edgeTo[step] as number;
        state = this.#split[to] === 1 ? to + nodes : to;
      }
    }
  }

  /** After it all steps cost zero or more again, those given back included. */
  #raisePotentials(): void {
    const width = this.#width;
    const total = this.#distance.slice(this.query.source * width, (this.query.source + 1) * width);
    for (const state of this.#touched) {
      if (compareRow(total, this.#distance, state * width) <= 0) continue;
      for (let i = 0; i < width; i++) {
        const at = state * width + i;
        this.#potential[at] = (this.#potential[at] as number) + (total[i] as number) - (this.#distance[at] as number);
      }
    }
  }

  /** Counts the units through each node, and gives inner sides to those that need one. */
  #count(): void {
    const { graph } = this;
    const width = this.#width;
    this.#through.fill(0);
    for (const edge of this.#used) {
      const from = graph.edgeFrom[edge] as number;
      this.#through[from] = (this.#through[from] as number) + (this.#flow[edge] as number);
      if (this.#split[from] === 1 || !this.#isGuarded(from)) continue;
      this.#split[from] = 1;
      this.#potential.copyWithin((graph.nodeNames.length + from) * width, from * width, (from + 1) * width);
    }
  }

  #isGuarded(node: number): boolean {
    const { source, target } = this.query;
    return this.rules.nodes && node !== source && node !== target && this.rules.freeNodes[node] === 0;
  }

  #forget(): void {
    const width = this.#width;
    for (const state of this.#touched) {
      this.#distance.fill(Number.POSITIVE_INFINITY, state * width, (state + 1) * width);
      this.#next[state] = NONE;
    }
    this.#touched = [];
  }
}
