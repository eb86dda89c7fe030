import type { FlatGraph } from "../topology/flat-graph";
import type { FlowRules } from "./flow-rules";
import type { Flow } from "./least-cost-flow";
import type { PathQuery } from "./path-query";
import { SourceBounds } from "./source-bounds";
import { giveWaveBack, SEVERAL_NEXT_HOPS, takeWave, type Wave } from "./wave";

/** Nodes that a search looks at; where it would be more the general one sees first whether there is any way. */
const MAX_NODES = 4_096;

/**
 * The flow of two units that share no link, where it is the only one of least cost: `best` is the one path of least cost by a first sum and the IGP metric, every edge counts
 * something by the first sum, and the second unit has one way of least cost by the first sum alone, giving back edges of the first where that pays. Undefined where that
 * is not so, or not known.
 *
 * Why it is the only one then: what another flow of two units has more than the first path is a way for a unit, and circles. Circles cost something, or the first path
 * would not be the only best one; so the way costs as little as the one that was found, and is that. Sums that come after the first decide nothing. One number per
 * node takes a third of the time of `leastCostFlow`.
 */
export function onlyPair(
  graph: FlatGraph,
  query: PathQuery,
  cost: Float64Array,
  best: readonly number[],
  { freeLinks }: FlowRules,
): Flow | undefined {
  if (!isPositive(cost)) return undefined;
  const wave = takeWave(graph);
  const second = new SecondUnit(graph, query, cost, best, freeLinks, wave).find();
  giveWaveBack(graph, wave);
  if (second === undefined) return undefined;
  const edges = new Map(best.map((edge) => [edge, 1]));
  for (const { edge, units } of second) edges.set(edge, (edges.get(edge) ?? 0) + units);
  for (const [edge, units] of edges) if (units === 0) edges.delete(edge);
  // Where nothing is given back the first path stays, as the best there is.
  const isBeside = second.every(({ units }) => units > 0);
  return isBeside ? { units: 2, edges, ways: [best, second.map(({ edge }) => edge)] } : { units: 2, edges };
}

/** A step of the second unit: over an edge, or back over one of the first. */
interface Step {
  readonly edge: number;
  readonly units: 1 | -1;
}

class SecondUnit {
  readonly #bounds: SourceBounds;
  /** Edges of the first path by the nodes that they leave. */
  readonly #leaving: ReadonlyMap<number, number>;

  constructor(
    readonly graph: FlatGraph,
    readonly query: PathQuery,
    readonly cost: Float64Array,
    best: readonly number[],
    readonly freeLinks: ReadonlySet<number>,
    readonly wave: Wave,
  ) {
    this.#bounds = new SourceBounds(graph, query, cost);
    this.#leaving = new Map(best.map((edge) => [graph.edgeFrom[edge] as number, edge]));
  }

  find(): Step[] | undefined {
    return this.#search() ? this.#onlyWay() : undefined;
  }

  /** Backwards from the target, in the order of what a whole way costs at least; false when the source is not found. Goes on among ways of equal cost. */
  #search(): boolean {
    const { heap, distance } = this.wave;
    const { source, target } = this.query;
    let limit = Number.POSITIVE_INFINITY;
    let seen = 0;
    this.wave.reach(target, 0);
    heap.push(this.#bounds.of(target), target);
    for (let key = heap.minKey(); key <= limit && key < Number.POSITIVE_INFINITY; key = heap.minKey()) {
      const node = heap.pop() as number;
      const own = distance[node] as number;
      if (key > own + this.#bounds.of(node)) continue;
      if (++seen > MAX_NODES) return false;
      if (node === source) limit = key;
      else this.#lookBehind(node, own);
    }
    return limit < Number.POSITIVE_INFINITY;
  }

  #lookBehind(node: number, own: number): void {
    const { inStart, inEdges, edgeFrom, edgeLink, isHost } = this.graph;
    const { usable, source } = this.query;
    const end = inStart[node + 1] as number;
    for (let i = inStart[node] as number; i < end; i++) {
      const edge = inEdges[i] as number;
      const from = edgeFrom[edge] as number;
      if (usable[edge] === 0 || (isHost[from] === 1 && from !== source)) continue;
      if (this.#leaving.get(from) === edge && !this.freeLinks.has(edgeLink[edge] as number)) continue;
      this.#relax(from, edge, own + (this.cost[edge] as number));
    }
    const given = this.#leaving.get(node);
    if (given !== undefined) this.#relax(this.graph.edgeTo[given] as number, given, own - (this.cost[given] as number));
  }

  #relax(from: number, edge: number, through: number): void {
    const { distance, sole, heap } = this.wave;
    const known = distance[from] as number;
    if (through > known) return;
    sole[from] = through === known ? SEVERAL_NEXT_HOPS : edge;
    if (through === known) return;
    const least = through + this.#bounds.of(from);
    if (least === Number.POSITIVE_INFINITY) return;
    this.wave.reach(from, through);
    heap.push(least, from);
  }

  /** Undefined where there are several. */
  #onlyWay(): Step[] | undefined {
    const { edgeFrom, edgeTo } = this.graph;
    const steps: Step[] = [];
    for (let node = this.query.source; node !== this.query.target; ) {
      const edge = this.wave.sole[node] as number;
      if (edge < 0) return undefined;
      const isForward = edgeFrom[edge] === node;
      steps.push({ edge, units: isForward ? 1 : -1 });
      node = (isForward ? edgeTo[edge] : edgeFrom[edge]) as number;
    }
    return steps;
  }
}

const positive = new WeakMap<Float64Array, boolean>();

function isPositive(cost: Float64Array): boolean {
  const known = positive.get(cost) ?? cost.every((each) => each > 0);
  positive.set(cost, known);
  return known;
}
