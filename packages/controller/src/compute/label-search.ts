import Heap from "mnemonist/heap";
import type { FlatGraph } from "../topology/flat-graph";
import { Layers } from "./layers";
import type { PathQuery } from "./path-query";
import { rankCosts } from "./rank";

/** A bound on a sum together with the least that is still to come, per number of stops passed and per node. */
export interface PrunedBound {
  readonly cost: Float64Array;
  readonly max: number;
  readonly remaining: readonly Float64Array[];
}

const NONE = -1;

/**
 * One run of label setting. A label is a walk from the source to a (node, layer) state. Its rank is (sums of the goals, igp,
 * hops, link names in travel order); a label dominates another at its state when its rank is smaller and none of its bounded
 * sums is greater. Every step adds a hop, so that ranks grow along a walk, zero metrics included: a walk that comes back to its
 * own state is dominated by its own beginning, and labels leave the heap in final order. Goals that are bottlenecks are no
 * part of it: they have taken edges away before.
 */
export class LabelSearch {
  /** Sums of the rank's metrics, per metric and label. */
  readonly #keys: number[][];
  readonly #state: number[] = [];
  readonly #edge: number[] = [];
  readonly #parent: number[] = [];
  readonly #dead: boolean[] = [];
  /** Next label of the same state. */
  readonly #sibling: number[] = [];
  /** First label of each state, plus one: untouched memory says that there is none. */
  readonly #first: Int32Array;
  /** Sum of each bound's metric, per label. */
  readonly #sums: number[][];
  readonly #rankCosts: readonly Float64Array[];
  readonly #boundCosts: readonly Float64Array[];
  /** True when ranks alone decide: then one label of each state is alive at a time. */
  readonly #isRanked: boolean;
  readonly #heap: Heap<number>;
  readonly #nodeCount: number;
  readonly #layers: Layers;

  constructor(
    readonly graph: FlatGraph,
    readonly query: PathQuery,
    readonly bounds: readonly PrunedBound[],
    readonly maxLabels: number,
  ) {
    this.#nodeCount = graph.nodeNames.length;
    this.#layers = new Layers(graph, query);
    this.#first = new Int32Array(this.#nodeCount * this.#layers.count);
    this.#rankCosts = rankCosts(graph, query);
    this.#boundCosts = bounds.map(({ cost }) => cost);
    this.#isRanked = this.#boundCosts.every((cost) => cost === this.#rankCosts[0]);
    this.#keys = this.#rankCosts.map(() => []);
    this.#sums = bounds.map(() => []);
    this.#heap = new Heap<number>((a, b) => this.#compareKeys(a, b));
  }

  /** Edges of the best path, undefined when there is none, "limit" when more than `maxLabels` labels would be needed. */
  run(): number[] | "limit" | undefined {
    const { source, target } = this.query;
    const goal = (this.#layers.count - 1) * this.#nodeCount + target;
    this.#add(this.#layers.start(source) * this.#nodeCount + source, NONE, NONE);
    for (;;) {
      const label = this.#heap.pop();
      if (label === undefined) return undefined;
      if (this.#dead[label] === true) continue;
      if (this.#state[label] === goal) return this.#walk(this.#firstInOrder(goal, label));
      if (this.#parent.length > this.maxLabels) return "limit";
      this.#expand(label);
    }
  }

  #expand(label: number): void {
    const { graph, query } = this;
    const state = this.#state[label] as number;
    const node = state % this.#nodeCount;
    const layer = (state - node) / this.#nodeCount;
    const end = graph.outStart[node + 1] as number;
    for (let edge = graph.outStart[node] as number; edge < end; edge++) {
      if (query.usable[edge] === 0) continue;
      const to = graph.edgeTo[edge] as number;
      const next = this.#layers.after(edge, layer);
      // A host is entered as the end of the path only.
      if (graph.isHost[to] === 1 && (to !== query.target || next < this.#layers.count - 1)) continue;
      if (this.#isBehind(label, edge, next * this.#nodeCount + to)) continue;
      if (!this.#withinBounds(label, edge, to, next)) continue;
      this.#add(next * this.#nodeCount + to, label, edge);
    }
  }

  /** Whether a label that is there makes this one needless, seen without making it: where ranks decide, most are. */
  #isBehind(label: number, edge: number, state: number): boolean {
    const other = (this.#first[state] as number) - 1;
    if (other === NONE || !this.#isRanked) return false;
    const key = ((this.#keys[0] as number[])[label] as number) + ((this.#rankCosts[0] as Float64Array)[edge] as number);
    return ((this.#keys[0] as number[])[other] as number) < key;
  }

  #withinBounds(label: number, edge: number, to: number, layer: number): boolean {
    for (let i = 0; i < this.bounds.length; i++) {
      const { max, remaining } = this.bounds[i] as PrunedBound;
      const sum = (this.#sums[i]?.[label] as number) + (this.#boundCosts[i]?.[edge] as number);
      if (sum + (remaining[this.#layers.passed(layer)]?.[to] as number) > max) return false;
    }
    return true;
  }

  #add(state: number, parent: number, edge: number): void {
    const label = this.#parent.length;
    this.#state.push(state);
    this.#parent.push(parent);
    this.#edge.push(edge);
    this.#dead.push(false);
    this.#sibling.push(NONE);
    extend(this.#keys, this.#rankCosts, parent, edge);
    extend(this.#sums, this.#boundCosts, parent, edge);
    if (this.#enter(state, label)) this.#heap.push(label);
    else this.#removeLast();
  }

  /** Puts the label among those of its state and drops what it dominates; false when it is dominated itself. */
  #enter(state: number, label: number): boolean {
    let previous = NONE;
    let other = (this.#first[state] as number) - 1;
    while (other !== NONE) {
      const next = this.#sibling[other] as number;
      if (this.#sumsAtMost(other, label) && this.#compareRanks(other, label) < 0) return false;
      if (this.#sumsAtMost(label, other) && this.#compareRanks(label, other) < 0) {
        this.#dead[other] = true;
        if (previous === NONE) this.#first[state] = next + 1;
        else this.#sibling[previous] = next;
      } else previous = other;
      other = next;
    }
    this.#sibling[label] = (this.#first[state] as number) - 1;
    this.#first[state] = label + 1;
    return true;
  }

  #removeLast(): void {
    for (const column of [this.#state, this.#parent, this.#edge, this.#sibling, ...this.#keys, ...this.#sums])
      column.pop();
    this.#dead.pop();
  }

  #sumsAtMost(a: number, b: number): boolean {
    for (let i = 0; i < this.#sums.length; i++) {
      // The rank speaks for the first goal.
      if (this.#boundCosts[i] === this.#rankCosts[0]) continue;
      const sums = this.#sums[i] as number[];
      if ((sums[a] as number) > (sums[b] as number)) return false;
    }
    return true;
  }

  #compareKeys(a: number, b: number): number {
    for (let i = 0; i < this.#keys.length; i++) {
      const keys = this.#keys[i] as number[];
      const difference = (keys[a] as number) - (keys[b] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** Two labels of one state. Equal keys mean equally many hops, so both walks reach their common beginning together. */
  #compareRanks(a: number, b: number): number {
    const keys = this.#compareKeys(a, b);
    if (keys !== 0) return keys;
    let order = 0;
    let left = a;
    let right = b;
    while (left !== right) {
      const byLink = this.#linkOf(left) - this.#linkOf(right);
      if (byLink !== 0) order = byLink;
      left = this.#parent[left] as number;
      right = this.#parent[right] as number;
    }
    return order;
  }

  #linkOf(label: number): number {
    return this.graph.edgeLink[this.#edge[label] as number] as number;
  }

  /** Among the goal's labels with the keys of `label`, all of which exist by now, the one whose link names come first. */
  #firstInOrder(goal: number, label: number): number {
    let best = label;
    for (let other = (this.#first[goal] as number) - 1; other !== NONE; other = this.#sibling[other] as number) {
      if (this.#compareKeys(other, label) === 0 && this.#compareRanks(other, best) < 0) best = other;
    }
    return best;
  }

  #walk(label: number): number[] {
    const edges: number[] = [];
    for (let at = label; (this.#parent[at] as number) !== NONE; at = this.#parent[at] as number) {
      edges.push(this.#edge[at] as number);
    }
    return edges.reverse();
  }
}

/** Appends to each column what the parent has there and the edge adds. */
function extend(columns: readonly number[][], costs: readonly Float64Array[], parent: number, edge: number): void {
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as number[];
    column.push(parent === NONE ? 0 : (column[parent] as number) + ((costs[i] as Float64Array)[edge] as number));
  }
}
