import type { FlatGraph } from "../topology/flat-graph";
import type { FlowRules } from "./flow-rules";
import { type JoinedCost, joinCosts } from "./joined-cost";
import type { Flow } from "./least-cost-flow";
import type { PathQuery } from "./path-query";
import { sumOver } from "./rank";
import { SourceBounds } from "./source-bounds";
import { giveWaveBack, SEVERAL_NEXT_HOPS, takeWave, type Wave } from "./wave";

/** Nodes that a search looks at; where it would be more the general one sees first whether there is any way. */
const MAX_NODES = 4_096;

/**
 * The flow of two units that share no link, where it is the only one of least cost: `best` is the one path of least cost by a first sum and the IGP metric, every edge counts
 * something by the first sum, and the second unit has one way of least cost by the same, giving back edges of the first where that pays. Undefined where that
 * is not so, or not known.
 *
 * Why it is the only one then: what another flow of two units has more than the first path is a way for a unit, and circles. Circles cost something, or the first path
 * would not be the only best one; so the way costs as little as the one that was found, and is that. Sums that come after these decide nothing. One number per
 * node takes a third of the time of `leastCostFlow`.
 */
export function onlyPair(
  graph: FlatGraph,
  query: PathQuery,
  first: Float64Array,
  best: readonly number[],
  { freeLinks }: FlowRules,
): Flow | undefined {
  const cost = pairCost(graph, first);
  if (cost === undefined) return undefined;
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

/** What edges cost by a first sum and, behind that, by the IGP metric: one number for both, whose sums are exact. */
interface PairCost extends JoinedCost {
  readonly first: Float64Array;
  /** `both` in the order of `inEdges`. */
  readonly bothIn: Float64Array;
}

const joined = new WeakMap<Float64Array, { readonly cost: PairCost | undefined }>();

/** The first sum alone where it is the IGP metric, or where there is no room for both. Undefined where an edge counts nothing by it. */
function pairCost(graph: FlatGraph, first: Float64Array): PairCost | undefined {
  const known = joined.get(first);
  if (known !== undefined) return known.cost;
  const cost = first.every((each) => each > 0) ? joinWithIgp(graph, first) : undefined;
  joined.set(first, { cost });
  return cost;
}

function joinWithIgp({ cost: { igp }, nodeNames, inEdges }: FlatGraph, first: Float64Array): PairCost {
  const cost = joinCosts(first, first === igp ? undefined : igp, nodeNames.length) ?? { both: first, factor: 1 };
  return { ...cost, first, bothIn: Float64Array.from(inEdges, (edge) => cost.both[edge] as number) };
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
  /** Those that only one unit may cross, by the nodes where they lead. */
  readonly #taken: ReadonlyMap<number, number>;

  constructor(
    readonly graph: FlatGraph,
    readonly query: PathQuery,
    readonly cost: PairCost,
    readonly best: readonly number[],
    freeLinks: ReadonlySet<number>,
    readonly wave: Wave,
  ) {
    this.#bounds = new SourceBounds(graph, query, cost.first);
    this.#leaving = new Map(best.map((edge) => [graph.edgeFrom[edge] as number, edge]));
    const taken = best.filter((edge) => !freeLinks.has(graph.edgeLink[edge] as number));
    this.#taken = new Map(taken.map((edge) => [graph.edgeTo[edge] as number, edge]));
  }

  find(): Step[] | undefined {
    return this.#search() ? this.#onlyWay() : undefined;
  }

  /**
   * Backwards from the target, in the order of what a whole way costs at least by the first sum; false when the source is not found. Goes on among ways of equal cost, and
   * as far as giving back edges of the first path can still make a way better: what they count by the IGP metric no bound knows of.
   */
  #search(): boolean {
    const { heap, distance } = this.wave;
    const { source, target } = this.query;
    const { first, both, factor } = this.cost;
    const slack = sumOver(this.best, both) - factor * sumOver(this.best, first);
    let limit = Number.POSITIVE_INFINITY;
    let seen = 0;
    this.wave.reach(target, 0);
    heap.push(this.#least(target, 0), target);
    for (let key = heap.minKey(); key <= limit && key < Number.POSITIVE_INFINITY; key = heap.minKey()) {
      const node = heap.pop() as number;
      const own = distance[node] as number;
      if (key > this.#least(node, own)) continue;
      if (++seen > MAX_NODES) return false;
      if (node === source) limit = key + slack;
      else this.#lookBehind(node, own);
    }
    return limit < Number.POSITIVE_INFINITY;
  }

  /** What a way over a node costs at least, with what its rest costs. */
  #least(node: number, rest: number): number {
    return rest + this.cost.factor * this.#bounds.of(node);
  }

  #lookBehind(node: number, own: number): void {
    const { inStart, inEdges, inFrom, isHost } = this.graph;
    const { usable, source } = this.query;
    const { both, bothIn } = this.cost;
    const taken = this.#taken.get(node);
    const end = inStart[node + 1] as number;
    for (let i = inStart[node] as number; i < end; i++) {
      const edge = inEdges[i] as number;
      const from = inFrom[i] as number;
      if (usable[edge] === 0 || edge === taken || (isHost[from] === 1 && from !== source)) continue;
      this.#relax(from, edge, own + (bothIn[i] as number));
    }
    const given = this.#leaving.get(node);
    if (given !== undefined) this.#relax(this.graph.edgeTo[given] as number, given, own - (both[given] as number));
  }

  #relax(from: number, edge: number, through: number): void {
    const { distance, sole, heap } = this.wave;
    const known = distance[from] as number;
    if (through > known) return;
    sole[from] = through === known ? SEVERAL_NEXT_HOPS : edge;
    if (through === known) return;
    const least = this.#least(from, through);
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
