import type { FlatGraph } from "../topology/flat-graph";
import { type NodeQueue, nodeQueue } from "./node-queue";
import { type QueueMemory, queueMemory } from "./queue-memory";
import type { Searched } from "./searched";
import { NO_NEXT_HOP, SEVERAL_NEXT_HOPS, type WaveRules } from "./wave";

/** Stands for "no way" in a whole tree. */
export const NO_WAY = 2 ** 31 - 1;
/** Sums beyond this are not added to any more, and single edges cost less: so nothing comes to NO_WAY. */
export const MAX_COST = 2 ** 30;

/** What a whole tree is written in, by node. */
export interface TreeMemory {
  readonly distance: Int32Array;
  /** As `Searched` has them. */
  readonly places: Int32Array;
}

/**
 * Memory for a tree. `uncounted`: the garbage collector does not count it, so it must be reused, and bounded by whoever does. For memory that it counts V8 looks at all of the heap whenever
 * another 64 MiB have been taken, though nothing can be freed.
 */
export function treeMemory(nodes: number, account: "counted" | "uncounted"): TreeMemory {
  const bytes = nodes * Int32Array.BYTES_PER_ELEMENT;
  const both = account === "counted" ? new ArrayBuffer(2 * bytes) : new SharedArrayBuffer(2 * bytes);
  return { distance: new Int32Array(both, 0, nodes), places: new Int32Array(both, bytes, nodes) };
}

/** Least-cost ways between a root and all nodes, by costs that are whole numbers. */
export class WholeTree {
  constructor(
    private readonly edges: Int32Array,
    readonly memory: TreeMemory,
  ) {}

  /** Cost between the root and each node; NO_WAY where there is none. */
  get distance(): Int32Array {
    return this.memory.distance;
  }

  /** As `Wave` has it; ways from a root that cost the same are told apart by their IGP metric, where each edge costs something. */
  sole(node: number): number {
    const place = this.memory.places[node] as number;
    if (place >= 0) return this.edges[place] as number;
    return place === NO_NEXT_HOP ? NO_NEXT_HOP : SEVERAL_NEXT_HOPS;
  }

  /** Of what a search has found. */
  static of({ edges, distance, places, unit }: Searched, memory: TreeMemory): WholeTree {
    memory.places.set(places);
    if (unit === 1) memory.distance.set(distance);
    else {
      for (let node = 0; node < distance.length; node++) {
        const cost = distance[node] as number;
        memory.distance[node] = cost === NO_WAY ? NO_WAY : cost * unit;
      }
    }
    return new WholeTree(edges, memory);
  }
}

/** Stands for several edges, of which one has this place; there may be several already. */
function several(place: number): number {
  return place >= 0 ? SEVERAL_NEXT_HOPS - place : place;
}

/** The place of one of several edges. */
export function oneOfSeveral(number: number): number {
  return SEVERAL_NEXT_HOPS - number;
}

/** The rules of a tree, whatever its root. */
export type TreeRules = Omit<WaveRules, "root">;

/**
 * Makes whole trees by equal rules: Dijkstra's algorithm on edges that lie side by side in the order in which they are looked at. Where a whole
 * tree is wanted it is several times as fast as a `Wave`, which can stop and go on, and knows any costs. Trees of several rules are made in turns, and what a search reads
 * comes from far each time: so it is little.
 */
export class TreeMaker {
  /** Those that are searched, by the node at which they are looked at; then those that lead to hosts by one edge alone. */
  readonly edges: Int32Array;
  /** Whether all costs are whole numbers below MAX_COST. */
  readonly #isPossible: boolean;
  /** Costs are multiples of this. */
  readonly #unit: number;
  /** Where those of each node begin, of those that are searched. */
  readonly #start: Int32Array;
  /** Where each leads, and what it costs in units. */
  readonly #ends: EdgeEnds;
  /** IGP metrics of all edges, where they tell ways apart. */
  readonly #second: Int32Array | undefined;
  /** The same of edges that are not searched: the node where each is looked at, the one where it leads, and its cost in units. */
  readonly #alone: { readonly near: Int32Array; readonly far: Int32Array; readonly cost: Int32Array };
  readonly #isHost: Uint8Array;
  readonly #memory: SearchMemory;
  readonly #queue: NodeQueue;

  constructor(graph: FlatGraph, { cost, usable, direction }: TreeRules) {
    const isFrom = direction === "from";
    const near = isFrom ? graph.edgeFrom : graph.edgeTo;
    const far = isFrom ? graph.edgeTo : graph.edgeFrom;
    const all = isFrom ? graph.edgeFrom.map((_, edge) => edge) : graph.inEdges;
    const edges = all.filter((edge) => usable === undefined || usable[edge] === 1);
    const isOnly = leadingAlone(graph, edges, { near, far });
    const searched = edges.filter((edge) => isOnly[edge] === 0);
    const alone = edges.filter((edge) => isOnly[edge] === 1);
    const { igp } = graph.cost;
    const isRanked = isFrom && cost !== igp && edges.every((edge) => (cost[edge] as number) > 0);
    this.#isPossible = edges.every(
      (edge) => isSmall(cost[edge] as number) && (!isRanked || isSmall(igp[edge] as number)),
    );
    this.#unit = this.#isPossible ? commonUnit(edges, cost) : 1;
    const inUnits = (edge: number) => (cost[edge] as number) / this.#unit;
    this.edges = new Int32Array(edges.length);
    this.edges.set(searched);
    this.edges.set(alone, searched.length);
    this.#start = startsOf(searched, near, graph.nodeNames.length);
    const ends = searched.map((edge) => far[edge] as number);
    const costs = searched.map(inUnits);
    this.#ends = endsOf(ends, costs, graph.nodeNames.length);
    this.#second = isRanked ? searched.map((edge) => igp[edge] as number) : undefined;
    this.#alone = {
      near: alone.map((edge) => near[edge] as number),
      far: alone.map((edge) => far[edge] as number),
      cost: alone.map(inUnits),
    };
    this.#isHost = graph.isHost;
    this.#memory = memoryOf(graph);
    this.#queue = nodeQueue(this.#memory, graph.isHost, {
      near: (i) => near[searched[i] as number] as number,
      far: ends,
      cost: costs,
    });
  }

  /** The tree of a root; undefined where costs are too large to be added up here, or no whole numbers. */
  make(root: number): WholeTree | undefined {
    const searched = this.search(root);
    return searched && WholeTree.of(searched, treeMemory(searched.places.length, "counted"));
  }

  /** What is found from a root; undefined as for `make`. */
  search(root: number): Searched | undefined {
    if (!this.#isPossible) return undefined;
    const { keys, place, secondSum } = this.#memory;
    keys.fill(NO_WAY);
    place.fill(NO_NEXT_HOP);
    keys[root] = 0;
    secondSum[root] = 0;
    this.#queue.clear();
    this.#queue.push(root);
    if (!this.#search()) return undefined;
    this.#fillAlone(root);
    place[root] = NO_NEXT_HOP;
    return { edges: this.edges, distance: keys, places: place, unit: this.#unit };
  }

  /**
   * In one loop, as it runs for thousands of trees. Each edge is looked at once, when its near end has its final cost: so what is equal then is another way, over edges of
   * cost zero too. Hosts are ends of ways. False where costs become too large.
   */
  #search(): boolean {
    const queue = this.#queue;
    const start = this.#start;
    const { node: ends, cost: costs, nodeBits, nodeMask } = this.#ends;
    const { keys: distance, place, secondSum } = this.#memory;
    const isHost = this.#isHost;
    const second = this.#second;
    const most = MAX_COST / this.#unit;
    for (let node = queue.pop(); node >= 0; node = queue.pop()) {
      const own = distance[node] as number;
      if (own > most) return false;
      const end = start[node + 1] as number;
      for (let i = start[node] as number; i < end; i++) {
        const told = ends[i] as number;
        const far = told & nodeMask;
        const through = own + (costs === undefined ? told >> nodeBits : (costs[i] as number));
        const known = distance[far] as number;
        if (through > known) continue;
        if (through === known) {
          place[far] = second === undefined ? several(place[far] as number) : this.#decide(node, i, far);
          continue;
        }
        distance[far] = through;
        place[far] = i;
        if (second !== undefined) secondSum[far] = (secondSum[node] as number) + (second[i] as number);
        if (isHost[far] === 1) continue;
        if (known === NO_WAY) queue.push(far);
        else queue.lower(far, known);
      }
    }
    return true;
  }

  /** Hosts with one edge have no choice. */
  #fillAlone(root: number): void {
    const { keys, place } = this.#memory;
    const { near, far, cost } = this.#alone;
    const first = this.edges.length - far.length;
    for (let i = 0; i < far.length; i++) {
      const before = keys[near[i] as number] as number;
      const host = far[i] as number;
      if (before === NO_WAY || host === root) continue;
      keys[host] = before + (cost[i] as number);
      place[host] = first + i;
    }
  }

  /** Another way to a node costs the same: the place of the better one. */
  #decide(node: number, at: number, far: number): number {
    const { place, secondSum } = this.#memory;
    const through = (secondSum[node] as number) + (this.#second?.[at] as number);
    const known = secondSum[far] as number;
    if (through > known) return place[far] as number;
    secondSum[far] = through;
    return through < known ? at : several(place[far] as number);
  }
}

/** Where edges lead and what they cost: in one number each where there is room, which is half of what has to be read. */
interface EdgeEnds {
  readonly node: Int32Array;
  /** Absent where it stands above `nodeBits` of `node`. */
  readonly cost: Int32Array | undefined;
  readonly nodeBits: number;
  readonly nodeMask: number;
}

const NUMBER_BITS = 31;

function endsOf(node: Int32Array, cost: Int32Array, nodes: number): EdgeEnds {
  const nodeBits = NUMBER_BITS + 1 - Math.clz32(nodes);
  if (!cost.every((each) => each < 2 ** (NUMBER_BITS - nodeBits))) return { node, cost, nodeBits, nodeMask: -1 };
  const both = node.map((each, i) => each | ((cost[i] as number) << nodeBits));
  return { node: both, cost: undefined, nodeBits, nodeMask: (1 << nodeBits) - 1 };
}

/** The largest number that divides all costs, which are whole numbers. */
export function commonUnit(edges: Int32Array, cost: Float64Array): number {
  let unit = 0;
  for (const edge of edges) {
    for (let rest = cost[edge] as number; rest !== 0 && unit !== 1; ) [unit, rest] = [rest, unit % rest];
  }
  return Math.max(1, unit);
}

/** What a search of a whole tree writes, by node: the same for all makers of a graph, as one works at a time. */
interface SearchMemory extends QueueMemory {
  /** Where the sole edge of each node stands among the maker's, or one of several. */
  readonly place: Int32Array;
  readonly secondSum: Float64Array;
}

const memories = new WeakMap<FlatGraph, SearchMemory>();

function memoryOf(graph: FlatGraph): SearchMemory {
  const nodes = graph.nodeNames.length;
  const memory = memories.get(graph) ?? {
    ...queueMemory(nodes),
    place: new Int32Array(nodes),
    secondSum: new Float64Array(nodes),
  };
  memories.set(graph, memory);
  return memory;
}

/** 1 for edges that lead to a host, from a router, and are the only ones of these that do. */
function leadingAlone(
  { isHost, nodeNames }: FlatGraph,
  edges: Int32Array,
  { near, far }: { readonly near: Int32Array; readonly far: Int32Array },
): Uint8Array {
  const leading = new Int32Array(nodeNames.length);
  for (const edge of edges) (leading[far[edge] as number] as number)++;
  const isAlone = new Uint8Array(near.length);
  for (const edge of edges) {
    const to = far[edge] as number;
    if (isHost[to] === 1 && leading[to] === 1 && isHost[near[edge] as number] === 0) isAlone[edge] = 1;
  }
  return isAlone;
}

/** Whether an edge may cost so much where sums are added up in 31 bits. */
export function isSmall(cost: number): boolean {
  return Number.isInteger(cost) && cost >= 0 && cost + MAX_COST < NO_WAY;
}

/** Where those of each node begin among edges that are in the order of their near ends. */
function startsOf(edges: Int32Array, near: Int32Array, nodes: number): Int32Array {
  const starts = new Int32Array(nodes + 1);
  let at = 0;
  for (let node = 0; node < nodes; node++) {
    starts[node] = at;
    while (at < edges.length && near[edges[at] as number] === node) at++;
  }
  starts[nodes] = at;
  return starts;
}
