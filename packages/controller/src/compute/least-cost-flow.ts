import type { FlatGraph } from "../topology/flat-graph";
import { filledCut } from "./flow-cut";
import { type FlowMemory, flowMemory } from "./flow-memory";
import type { FlowRules } from "./flow-rules";
import type { PathQuery } from "./path-query";
import type { RowHeap } from "./row-heap";
import { SourceBounds } from "./source-bounds";
import { compareRow } from "./source-tree";

const SHARING_COSTS = 2;
const NONE = -1;
const INSIDE = -2;

/** Units on the edges of a graph. */
export interface Flow {
  readonly units: number;
  /** Edges in use, with the units on each. */
  readonly edges: ReadonlyMap<number, number>;
  /** What it is to be taken apart into, the best path first, where that is known. */
  readonly ways?: readonly (readonly number[])[];
}

/**
 * As many units of flow as there is room for, `count` at most, from the source of a query to its target, of least total cost by several sums compared in order: successive shortest
 * augmenting paths (Suurballe 1974; with potentials, Suurballe and Tarjan 1984; Ahuja, Magnanti and Orlin, Network Flows, section 9.7).
 * The first unit is the best path. For each further one the search goes backwards from the target over what is left, where
 * an edge in use may be given back. Potentials from the tree of the source, by the first sum, make every step of a best way free by that sum, so it looks only
 * at nodes by which a detour costs no more than the answer. `via`, `include` and bounds of the query are not looked at.
 *
 * A node in use that no two units may pass has an inner side, where edges arrive, beside its own state, where they leave; once
 * it has, it keeps it. No flow of least cost uses both directions of a link: exchanging the ends of the two paths saves both.
 */
export function leastCostFlow(
  graph: FlatGraph,
  query: PathQuery,
  costs: readonly Float64Array[],
  rules: FlowRules,
  count: number,
): Flow {
  const search = new FlowSearch(graph, query, costs, rules);
  let units = 0;
  while (units < count && search.augment()) units++;
  return { units, edges: search.end() };
}

class FlowSearch {
  readonly #memory: FlowMemory;
  readonly #bounds: SourceBounds;
  readonly #width: number;
  readonly #extra: number;
  readonly #nodeCount: number;
  /** Of the state that is looked at: what the way from there on costs, less its potential. */
  readonly #base: Float64Array;
  readonly #row: Float64Array;

  constructor(
    readonly graph: FlatGraph,
    readonly query: PathQuery,
    readonly costs: readonly Float64Array[],
    readonly rules: FlowRules,
  ) {
    this.#nodeCount = graph.nodeNames.length;
    this.#extra = rules.sharing ? SHARING_COSTS : 0;
    this.#width = costs.length + this.#extra;
    this.#memory = flowMemory(graph, this.#width);
    this.#bounds = new SourceBounds(graph, query, costs[0] ?? graph.cost.igp);
    this.#base = new Float64Array(this.#width);
    this.#row = new Float64Array(this.#width);
  }

  /** Adds a unit; false when there is no room for one. */
  augment(): boolean {
    const reached = this.#heedCut() && this.#search();
    if (reached) {
      this.#push();
      this.#raisePotentials();
      this.#guard();
    }
    this.#memory.forgetSearch();
    return reached;
  }

  /**
   * Where few states are cut off from all others by links in use, there is no room; where such may be shared at a price, all others cost at least that of one, and
   * their potentials may say so: else the search would first look at all of the network that it can reach without. What counts is by how much potentials differ.
   */
  #heedCut(): boolean {
    if (this.#memory.usedEdges.size === 0) return true;
    const { graph, query, rules } = this;
    const cut = filledCut({ graph, query, rules, memory: this.#memory });
    if (cut === undefined) return true;
    if (!rules.sharing) return false;
    for (const state of cut) this.#memory.raise(state, 0, -1);
    return true;
  }

  /** The flow; nothing may be added to it afterwards. */
  end(): ReadonlyMap<number, number> {
    const { flow, usedEdges } = this.#memory;
    const edges = new Map<number, number>();
    for (const edge of usedEdges) if (flow[edge] !== 0) edges.set(edge, flow[edge] as number);
    this.#memory.forgetFlow();
    return edges;
  }

  /** Backwards from the target until the source; false when it is out of reach. */
  #search(): boolean {
    const { heap, distance, touched, split } = this.#memory;
    const { source, target } = this.query;
    distance.fill(0, target * this.#width, (target + 1) * this.#width);
    touched.push(target);
    heap.push(target);
    for (let state = heap.pop(); state !== undefined; state = heap.pop()) {
      if (state === source) return true;
      this.#lookAt(state);
      const node = state >= this.#nodeCount ? state - this.#nodeCount : state;
      if (state >= this.#nodeCount || split[node] === 0) this.#enterings(heap, state, node);
      if (state < this.#nodeCount) this.#leavings(heap, node);
    }
    return false;
  }

  #lookAt(state: number): void {
    const { distance } = this.#memory;
    const width = this.#width;
    for (let i = 0; i < width; i++) {
      this.#base[i] = (distance[state * width + i] as number) - this.#potential(state, i);
    }
  }

  /** Steps that arrive at a node: its edges, and from its own state back to its inner side's. */
  #enterings(heap: RowHeap, state: number, node: number): void {
    const { rules } = this;
    const { inEdges, inStart, inFrom, edgeLink, isHost } = this.graph;
    const { usable, source } = this.query;
    const { flow } = this.#memory;
    const end = inStart[node + 1] as number;
    for (let at = inStart[node] as number; at < end; at++) {
      const edge = inEdges[at] as number;
      const from = inFrom[at] as number;
      if (usable[edge] === 0 || (isHost[from] === 1 && from !== source)) continue;
      const inUse = flow[edge] !== 0 && !rules.freeLinks.has(edgeLink[edge] as number);
      if (inUse && !rules.sharing) continue;
      this.#relax(heap, from, edge, 1, inUse ? 1 : 0, 0);
    }
    const units = this.#memory.through[node] as number;
    if (state !== node && units > 0) this.#relax(heap, node, INSIDE, -1, 0, units > 1 ? 1 : 0);
  }

  /** Steps that leave a node's own state: edges in use given back, and from its inner side. */
  #leavings(heap: RowHeap, node: number): void {
    const { graph, rules } = this;
    const inner = this.#nodeCount + node;
    if (this.#memory.split[node] === 1) {
      const units = this.#memory.through[node] as number;
      if (units === 0 || rules.sharing) this.#relax(heap, inner, INSIDE, 1, 0, units > 0 ? 1 : 0);
    }
    if (this.#memory.through[node] === 0) return;
    const end = graph.outStart[node + 1] as number;
    for (let edge = graph.outStart[node] as number; edge < end; edge++) {
      const units = this.#memory.flow[edge] as number;
      if (units === 0) continue;
      const to = graph.edgeTo[edge] as number;
      const from = this.#memory.split[to] === 1 ? this.#nodeCount + to : to;
      const isShared = units > 1 && !rules.freeLinks.has(graph.edgeLink[edge] as number);
      this.#relax(heap, from, edge, -1, isShared ? 1 : 0, 0);
    }
  }

  /** A step from `from` to the state that is looked at, over an edge or inside a node; `sign` is -1 where it gives back. Most steps are seen to be no better by their first number. */
  #relax(heap: RowHeap, from: number, edge: number, sign: number, links: number, nodes: number): void {
    const { distance, next, touched } = this.#memory;
    const row = this.#row;
    const width = this.#width;
    const extra = this.#extra;
    const at = from * width;
    let isBetter = false;
    for (let i = 0; i < width; i++) {
      let cost = 0;
      if (i >= extra) cost = edge === INSIDE ? 0 : ((this.costs[i - extra] as Float64Array)[edge] as number);
      else cost = i === 0 ? links : nodes;
      const through = (this.#base[i] as number) + sign * cost + this.#potential(from, i);
      row[i] = through;
      if (isBetter) continue;
      const known = distance[at + i] as number;
      if (through > known) return;
      isBetter = through < known;
    }
    // Out of the source's reach it costs as much as one that is not there.
    if (!isBetter || row[extra] === Number.POSITIVE_INFINITY) return;
    if (next[from] === NONE) touched.push(from);
    for (let i = 0; i < width; i++) distance[at + i] = row[i] as number;
    // An edge goes forward when it leaves the state, and is given back when it enters it.
    next[from] = edge;
    heap.push(from);
  }

  /** What a state is from the source at least, by the costs that are left. */
  #potential(state: number, i: number): number {
    const raised = this.#memory.raised[state * this.#width + i] as number;
    if (i !== this.#extra) return raised;
    return raised + this.#bounds.of(state < this.#nodeCount ? state : state - this.#nodeCount);
  }

  /** Sends one unit along the way that was found. */
  #push(): void {
    const { graph, query } = this;
    const { next, split } = this.#memory;
    const nodes = this.#nodeCount;
    for (let state = query.source; state !== query.target; ) {
      const step = next[state] as number;
      if (step === INSIDE) {
        state = state >= nodes ? state - nodes : state + nodes;
        continue;
      }
      const isForward = state < nodes && graph.edgeFrom[step] === state;
      this.#add(step, isForward ? 1 : -1);
      if (!isForward) state = graph.edgeFrom[step] as number;
      else {
        const to = graph.edgeTo[step] as number;
        state = split[to] === 1 ? to + nodes : to;
      }
    }
  }

  /** Units on an edge, and through the node that it leaves. */
  #add(edge: number, units: number): void {
    const { flow, through, usedEdges } = this.#memory;
    const from = this.graph.edgeFrom[edge] as number;
    usedEdges.add(edge);
    flow[edge] = (flow[edge] as number) + units;
    through[from] = (through[from] as number) + units;
  }

  /** After it all steps cost zero or more again, those given back included. */
  #raisePotentials(): void {
    const { distance, touched } = this.#memory;
    const width = this.#width;
    const total = distance.slice(this.query.source * width, (this.query.source + 1) * width);
    for (const state of touched) {
      if (compareRow(total, distance, state * width) <= 0) continue;
      for (let i = 0; i < width; i++) {
        this.#memory.raise(state, i, (total[i] as number) - (distance[state * width + i] as number));
      }
    }
  }

  /** Gives inner sides to the nodes in use that need one. */
  #guard(): void {
    if (!this.rules.nodes) return;
    for (const edge of this.#memory.usedEdges) {
      const from = this.graph.edgeFrom[edge] as number;
      if (this.#memory.flow[edge] === 0 || this.#memory.split[from] === 1 || !this.#isGuarded(from)) continue;
      this.#memory.splitNode(from);
    }
  }

  #isGuarded(node: number): boolean {
    const { source, target } = this.query;
    return node !== source && node !== target && !this.rules.freeNodes.has(node);
  }
}
