import type { FlatGraph } from "../topology/flat-graph";
import { isCutOff } from "./cut-off";
import { giveLabelsBack, type LabelStore, NONE, takeLabels } from "./label-store";
import type { Bound, PathQuery } from "./path-query";
import { rankCosts } from "./rank";
import { SourceBounds } from "./source-bounds";

/** What limits a search. */
export interface SearchLimits {
  /** Bounds on sums; paths that keep none are no answers. */
  readonly bounds: readonly Bound[];
  /** Paths that cost more by the first goal are no answers. */
  readonly maxCost?: number | undefined;
  /** More labels are not made. */
  readonly maxLabels?: number;
}

/** A bound and what lies before each node at least. */
interface BoundBehind {
  readonly cost: Float64Array;
  readonly max: number;
  readonly before: SourceBounds;
}

/**
 * The best path of a query without stops or things to include, by sums; undefined when there is none, "limit" when more than `maxLabels` labels
 * would be needed. Goals that are bottlenecks are no part of it: they have taken edges away before.
 *
 * Label setting from the target to the source. A label is a walk from its node to the target. Its rank is (sums of the goals, igp, hops, link names in
 * travel order); a label dominates another of its node when its rank is smaller and none of its bounded sums is greater: whatever leads to the node, it ends
 * better with the first. Labels come in the order of what a whole path costs at least (A*: Hart, Nilsson and Raphael 1968), by the tree of the source, which
 * many queries share; what cannot keep a bound any more, by the tree of that bound, is left out. Each step adds a hop, so ranks grow along a walk, metrics of zero
 * included, and a walk that comes back to its node is dominated by its own rest.
 */
export function guidedSearch(graph: FlatGraph, query: PathQuery, limits: SearchLimits): number[] | "limit" | undefined {
  const labels = takeLabels(graph);
  const answer = new GuidedSearch(graph, query, limits, labels).run();
  giveLabelsBack(graph, labels);
  return answer;
}

class GuidedSearch {
  readonly #costs: readonly Float64Array[];
  readonly #bounds: readonly BoundBehind[];
  readonly #before: SourceBounds;
  readonly #isGuided: boolean;
  readonly #maxCost: number;
  readonly #maxLabels: number;
  readonly #heap: number[] = [];

  constructor(
    readonly graph: FlatGraph,
    readonly query: PathQuery,
    { bounds, maxCost = Infinity, maxLabels = Infinity }: SearchLimits,
    readonly labels: LabelStore,
  ) {
    this.#costs = rankCosts(graph, query);
    const [first = graph.cost.igp] = this.#costs;
    const trees = new Map([[first, new SourceBounds(graph, query, first)]]);
    this.#before = trees.get(first) as SourceBounds;
    this.#bounds = bounds.map(({ metric, max }) => {
      const cost = graph.cost[metric];
      const before = trees.get(cost) ?? new SourceBounds(graph, query, cost);
      trees.set(cost, before);
      return { cost, max, before };
    });
    // Absurd weights can make sums too large to be exact: such must not guide.
    this.#isGuided = this.#before.of(query.target) <= Number.MAX_SAFE_INTEGER;
    this.#maxCost = maxCost;
    this.#maxLabels = maxLabels;
    labels.widen(this.#costs.length + bounds.length);
  }

  run(): number[] | "limit" | undefined {
    const { labels, query } = this;
    if (!this.#isPossible()) return undefined;
    this.#begin();
    for (let label = this.#pop(); label !== NONE; label = this.#pop()) {
      if (labels.isDead[label] === 1) continue;
      if (labels.node[label] === query.source) return this.#walk(this.#firstInOrder(label));
      if (labels.count > this.#maxLabels) return "limit";
      this.#expand(label);
    }
    return undefined;
  }

  #isPossible(): boolean {
    const { target } = this.query;
    const isReached = this.#before.of(target) < Infinity;
    return (
      isReached &&
      this.#bounds.every(({ before, max }) => before.of(target) <= max) &&
      !isCutOff(this.graph, this.query)
    );
  }

  /** What lies before a node at least, by the first goal. */
  #least(node: number): number {
    return this.#isGuided ? this.#before.of(node) : 0;
  }

  #begin(): void {
    const { labels, query } = this;
    const label = labels.add(query.target, NONE, NONE);
    for (const column of labels.sums) column[label] = 0;
    (labels.sums[0] as Float64Array)[label] = this.#least(query.target);
    labels.first[query.target] = label + 1;
    this.#push(label);
  }

  #expand(label: number): void {
    const { labels } = this;
    const { source, usable } = this.query;
    const { inStart, inEdges, inFrom, isHost } = this.graph;
    const node = labels.node[label] as number;
    const keys = labels.sums[0] as Float64Array;
    const cost = this.#costs[0] as Float64Array;
    const own = (keys[label] as number) - this.#least(node);
    const most = this.#maxCost;
    const isRanked = this.#bounds.length === 0;
    const end = inStart[node + 1] as number;
    for (let i = inStart[node] as number; i < end; i++) {
      const edge = inEdges[i] as number;
      if (usable[edge] === 0) continue;
      const from = inFrom[i] as number;
      if (isHost[from] === 1 && from !== source) continue;
      const key = own + (cost[edge] as number) + this.#least(from);
      if (!(key <= most) || key === Infinity) continue;
      const known = (labels.first[from] as number) - 1;
      if (isRanked && known !== NONE && (keys[known] as number) < key) continue;
      if (!isRanked && !this.#keepsBounds(label, edge, from)) continue;
      this.#add(label, edge, from, key);
    }
  }

  #keepsBounds(label: number, edge: number, from: number): boolean {
    const width = this.#costs.length;
    for (let i = 0; i < this.#bounds.length; i++) {
      const { cost, max, before } = this.#bounds[i] as BoundBehind;
      const sum = (this.labels.sums[width + i]?.[label] as number) + (cost[edge] as number);
      if (sum + before.of(from) > max) return false;
    }
    return true;
  }

  #add(rest: number, edge: number, node: number, key: number): void {
    const { labels } = this;
    const label = labels.add(node, edge, rest);
    const { sums } = labels;
    const width = this.#costs.length;
    (sums[0] as Float64Array)[label] = key;
    for (let i = 1; i < width; i++) {
      const column = sums[i] as Float64Array;
      column[label] = (column[rest] as number) + (this.#costs[i]?.[edge] as number);
    }
    for (let i = 0; i < this.#bounds.length; i++) {
      const column = sums[width + i] as Float64Array;
      column[label] = (column[rest] as number) + (this.#bounds[i]?.cost[edge] as number);
    }
    if (this.#enter(node, label)) this.#push(label);
    else labels.removeLast();
  }

  /** Puts the label among those of its node and drops what it dominates; false when it is dominated itself. */
  #enter(node: number, label: number): boolean {
    const { first, sibling, isDead } = this.labels;
    let previous = NONE;
    let other = (first[node] as number) - 1;
    while (other !== NONE) {
      const next = sibling[other] as number;
      const order = this.#compareRanks(other, label);
      if (order < 0 && this.#sumsAtMost(other, label)) return false;
      if (order > 0 && this.#sumsAtMost(label, other)) {
        isDead[other] = 1;
        if (previous === NONE) first[node] = next + 1;
        else sibling[previous] = next;
      } else previous = other;
      other = next;
    }
    sibling[label] = (first[node] as number) - 1;
    first[node] = label + 1;
    return true;
  }

  #sumsAtMost(a: number, b: number): boolean {
    const { sums } = this.labels;
    const width = this.#costs.length;
    for (let i = 0; i < this.#bounds.length; i++) {
      // The rank speaks for the first goal.
      if (this.#bounds[i]?.cost === this.#costs[0]) continue;
      const column = sums[width + i] as Float64Array;
      if ((column[a] as number) > (column[b] as number)) return false;
    }
    return true;
  }

  #compareKeys(a: number, b: number): number {
    const { sums } = this.labels;
    for (let i = 0; i < this.#costs.length; i++) {
      const column = sums[i] as Float64Array;
      const difference = (column[a] as number) - (column[b] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** Two labels of one node. Equal keys mean equally many hops, so both walks reach their common rest together; the first links that differ decide. */
  #compareRanks(a: number, b: number): number {
    const keys = this.#compareKeys(a, b);
    if (keys !== 0) return keys;
    const { rest, edge } = this.labels;
    const { edgeLink } = this.graph;
    let left = a;
    let right = b;
    while (left !== right) {
      const byLink = (edgeLink[edge[left] as number] as number) - (edgeLink[edge[right] as number] as number);
      if (byLink !== 0) return byLink;
      left = rest[left] as number;
      right = rest[right] as number;
    }
    return 0;
  }

  /** Among the source's labels with the keys of `label`, all of which exist by now, the one whose link names come first. */
  #firstInOrder(label: number): number {
    const { first, sibling } = this.labels;
    let best = label;
    for (let other = (first[this.query.source] as number) - 1; other !== NONE; other = sibling[other] as number) {
      if (this.#compareKeys(other, label) === 0 && this.#compareRanks(other, best) < 0) best = other;
    }
    return best;
  }

  #walk(label: number): number[] {
    const { edge, rest } = this.labels;
    const edges: number[] = [];
    for (let at = label; (rest[at] as number) !== NONE; at = rest[at] as number) edges.push(edge[at] as number);
    return edges;
  }

  #push(label: number): void {
    const heap = this.#heap;
    let hole = heap.length;
    heap.push(label);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent] as number;
      if (this.#compareKeys(above, label) <= 0) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = label;
  }

  /** Takes the first label in order of keys; NONE when there is none. */
  #pop(): number {
    const heap = this.#heap;
    const [top = NONE] = heap;
    const last = heap.pop() ?? NONE;
    if (heap.length === 0) return top;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#compareKeys(heap[child + 1] as number, heap[child] as number) < 0) child++;
      const below = heap[child] as number;
      if (this.#compareKeys(below, last) >= 0) break;
      heap[hole] = below;
      hole = child;
    }
    heap[hole] = last;
    return top;
  }
}
