import Heap from "mnemonist/heap";
import type { FlatGraph } from "../topology/flat-graph";
import type { Bound, PathQuery } from "./path-query";

/** A bound together with the least that is still to come, per number of via nodes passed and per node. */
export interface PrunedBound extends Bound {
  readonly remaining: readonly Float64Array[];
}

const NONE = -1;

/**
 * One run of label setting. A label is a walk from the source to a (node, via nodes passed) state. Its rank is
 * (objective, igp, hops, link names in travel order); a label dominates another at its state when its rank is smaller and
 * none of its bounded sums is greater. Every step adds a hop, so that ranks grow along a walk, zero metrics included: a walk
 * that comes back to its own state is dominated by its own beginning, and labels leave the heap in final order.
 */
export class LabelSearch {
  readonly #objective: number[] = [];
  readonly #igp: number[] = [];
  readonly #hops: number[] = [];
  readonly #state: number[] = [];
  readonly #edge: number[] = [];
  readonly #parent: number[] = [];
  readonly #dead: boolean[] = [];
  /** Next label of the same state. */
  readonly #sibling: number[] = [];
  /** First label of each state. */
  readonly #first: Int32Array;
  /** Sum of each bound's metric, per label. */
  readonly #sums: number[][];
  readonly #heap: Heap<number>;
  readonly #nodeCount: number;

  constructor(
    readonly graph: FlatGraph,
    readonly query: PathQuery,
    readonly bounds: readonly PrunedBound[],
    readonly maxLabels: number,
  ) {
    this.#nodeCount = graph.nodeNames.length;
    this.#first = new Int32Array(this.#nodeCount * (query.via.length + 1)).fill(NONE);
    this.#sums = bounds.map(() => []);
    this.#heap = new Heap<number>((a, b) => this.#compareKeys(a, b));
  }

  /** Edges of the best path, undefined when there is none, "limit" when more than `maxLabels` labels would be needed. */
  run(): number[] | "limit" | undefined {
    const { source, target, via } = this.query;
    const goal = via.length * this.#nodeCount + target;
    this.#add(this.#stateOf(source, 0), NONE, NONE, 0, 0, 0);
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
    const passed = (state - node) / this.#nodeCount;
    const objective = graph.cost[query.objective];
    const end = graph.outStart[node + 1] as number;
    for (let edge = graph.outStart[node] as number; edge < end; edge++) {
      if (query.usable[edge] === 0) continue;
      const to = graph.edgeTo[edge] as number;
      const next = this.#stateOf(to, passed);
      // A host is entered as the end of the path only.
      if (graph.isHost[to] === 1 && (to !== query.target || next < query.via.length * this.#nodeCount)) continue;
      if (!this.#withinBounds(label, edge, next)) continue;
      this.#add(
        next,
        label,
        edge,
        (this.#objective[label] as number) + (objective[edge] as number),
        (this.#igp[label] as number) + (graph.cost.igp[edge] as number),
        (this.#hops[label] as number) + 1,
      );
    }
  }

  /** Arriving at the next via node passes it. */
  #stateOf(node: number, passed: number): number {
    let layer = passed;
    while (layer < this.query.via.length && this.query.via[layer] === node) layer++;
    return layer * this.#nodeCount + node;
  }

  #withinBounds(label: number, edge: number, next: number): boolean {
    const node = next % this.#nodeCount;
    const layer = (next - node) / this.#nodeCount;
    for (const [i, { metric, max, remaining }] of this.bounds.entries()) {
      const sum = (this.#sums[i]?.[label] as number) + (this.graph.cost[metric][edge] as number);
      if (sum + (remaining[layer]?.[node] as number) > max) return false;
    }
    return true;
  }

  #add(state: number, parent: number, edge: number, objective: number, igp: number, hops: number): void {
    const label = this.#parent.length;
    this.#state.push(state);
    this.#parent.push(parent);
    this.#edge.push(edge);
    this.#objective.push(objective);
    this.#igp.push(igp);
    this.#hops.push(hops);
    this.#dead.push(false);
    this.#sibling.push(NONE);
    this.bounds.forEach(({ metric }, i) => {
      const sums = this.#sums[i] as number[];
      sums.push(parent === NONE ? 0 : (sums[parent] as number) + (this.graph.cost[metric][edge] as number));
    });
    if (this.#enter(state, label)) this.#heap.push(label);
    else this.#removeLast();
  }

  /** Puts the label among those of its state and drops what it dominates; false when it is dominated itself. */
  #enter(state: number, label: number): boolean {
    let previous = NONE;
    let other = this.#first[state] as number;
    while (other !== NONE) {
      const next = this.#sibling[other] as number;
      if (this.#sumsAtMost(other, label) && this.#compareRanks(other, label) < 0) return false;
      if (this.#sumsAtMost(label, other) && this.#compareRanks(label, other) < 0) {
        this.#dead[other] = true;
        if (previous === NONE) this.#first[state] = next;
        else this.#sibling[previous] = next;
      } else previous = other;
      other = next;
    }
    this.#sibling[label] = this.#first[state] as number;
    this.#first[state] = label;
    return true;
  }

  #removeLast(): void {
    for (const column of [this.#state, this.#parent, this.#edge, this.#objective, this.#igp, this.#hops]) column.pop();
    this.#dead.pop();
    this.#sibling.pop();
    for (const sums of this.#sums) sums.pop();
  }

  #sumsAtMost(a: number, b: number): boolean {
    for (const [i, bound] of this.bounds.entries()) {
      // The rank speaks for the objective.
      if (bound.metric === this.query.objective) continue;
      const sums = this.#sums[i] as number[];
      if ((sums[a] as number) > (sums[b] as number)) return false;
    }
    return true;
  }

  #compareKeys(a: number, b: number): number {
    return (
      (this.#objective[a] as number) - (this.#objective[b] as number) ||
      (this.#igp[a] as number) - (this.#igp[b] as number) ||
      (this.#hops[a] as number) - (this.#hops[b] as number)
    );
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

  /** Among the goal's labels with the key of `label`, all of which exist by now, the one whose link names come first. */
  #firstInOrder(goal: number, label: number): number {
    let best = label;
    for (let other = this.#first[goal] as number; other !== NONE; other = this.#sibling[other] as number) {
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
