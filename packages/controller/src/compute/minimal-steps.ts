import type { Binding } from "@sextant/model";
import type { BindingSpan } from "../topology/binding-index";
import type { FlatGraph } from "../topology/flat-graph";
import { type Packing, PLAIN } from "./packing";
import { type Reach, reachAlong } from "./reach";
import { PLAIN_ROUTING } from "./routing";

/**
 * One segment of a path. Positions on it count from 0, the start; a step ends at `position`. `node` routes to the node there.
 * `adjacency` routes to the node before it and crosses the link. `binding` routes to the binding's node, at `start`, and
 * crosses all of the binding's links. Routing is that of an algorithm by its number: 0 is plain, and what leads to bindings.
 */
export type Step =
  | { readonly kind: "node" | "adjacency"; readonly position: number; readonly algorithm: number }
  | { readonly kind: "binding"; readonly position: number; readonly start: number; readonly binding: Binding };

/** What steps may be, and how they fill a header. */
export interface StepRules {
  /**
   * `loose`: the IGP may follow wherever it has one way only. `strict`: every link between routers is named, so that nothing
   * depends on what the IGP would choose; the source's own first link, and the way to a host with a single link, are left to
   * routing.
   */
  readonly pin: "strict" | "loose";
  /**
   * Number of the flexible algorithm whose SIDs alone may be used; the last link, to a host, is left to plain routing all the same.
   * Undefined: any SIDs will do.
   */
  readonly algorithm: number | undefined;
  /** Binding SIDs that may be used. */
  readonly spans: readonly BindingSpan[];
  readonly packing: Packing;
}

const ANY_STEPS: StepRules = { pin: "loose", algorithm: undefined, spans: [], packing: PLAIN };

/**
 * The steps that make the network follow exactly the path along `edges` with the fewest segments on the wire; none when plain
 * routing does. Among equally few: the fewest steps, the fewest bindings, the fewest SIDs of flexible algorithms, the fewest adjacencies, then
 * the first step that reaches furthest, by the algorithm of the lowest number. Undefined when nothing can, which is the case when a host does not
 * route its first hop over the path's own first link: hosts have no adjacency SIDs to impose on themselves.
 *
 * Between two steps the packet goes wherever routing may send it, so each leg must be the only shortest way. What is left to pay depends on
 * the position, on how full the last segment is and of whose block, and on nothing else before (dynamic programming from the end).
 */
export function minimalSteps(
  graph: FlatGraph,
  edges: readonly number[],
  rules: StepRules = ANY_STEPS,
): readonly Step[] | undefined {
  const nodes = nodesAlong(graph, edges);
  const plain = reachAlong(graph, edges, nodes, PLAIN_ROUTING, rules.pin);
  const isFree = rules.pin === "loose" && rules.algorithm === undefined;
  if (isFree && plain.furthest[0] === edges.length) return [];
  const search = searchOf(graph, edges, nodes, plain, rules);
  for (let from = edges.length; from >= 0; from--) {
    if (from >= search.plainFrom) end(search, from);
    else chooseFrom(search, from);
  }
  return chosenSteps(search);
}

/** Indices of the nodes along the edges, the start included. */
function nodesAlong({ edgeFrom, edgeTo }: FlatGraph, edges: readonly number[]): number[] {
  return [edgeFrom[edges[0] ?? -1] ?? -1].concat(edges.map((edge) => edgeTo[edge] as number));
}

interface Search extends States {
  readonly graph: FlatGraph;
  readonly edges: readonly number[];
  readonly nodes: readonly number[];
  readonly rules: StepRules;
  /** One for each algorithm whose SIDs may be used, in the order of their numbers. */
  readonly reaches: readonly Reach[];
  /** How many algorithms and spans there are. */
  readonly ways: number;
  /** From this position on plain routing does the rest. */
  readonly plainFrom: number;
  /** Algorithms that the last segment is told apart by: where nothing is packed, its block does not matter. */
  readonly blocks: number;
}

/** A state: a position, the algorithm of the last segment (as in `reaches`), and how many of its places are free. */
interface States {
  /** What is left to pay in each: `length` counts segments, then steps; `taste` bindings, then SIDs of flexible algorithms, then adjacencies. */
  readonly length: Float64Array;
  readonly taste: Float64Array;
  /** The step that is best there, as a number, and the state that it leads to. */
  readonly first: Int32Array;
  readonly then: Int32Array;
}

/** Counts that are compared one after the other are digits of one number: no path has so many links. */
const RADIX = 2 ** 17;
const SEGMENT = RADIX;
const STEP = 1;
const BINDING = RADIX * RADIX;
const FLEXIBLE = RADIX;
const ADJACENCY = 1;

/** Kinds of step. */
const NODE = 0;
const CROSSING = 1;
const BOUND = 2;
const KINDS = 3;
/** Stands for no step. */
const NOTHING = -1;

function searchOf(
  graph: FlatGraph,
  edges: readonly number[],
  nodes: readonly number[],
  plain: Reach,
  rules: StepRules,
): Search {
  const { pin, algorithm, packing } = rules;
  const reachBy = (number: number) => reachAlong(graph, edges, nodes, number, pin);
  const flexible = () => graph.algorithms.map(({ definition }) => reachBy(definition.id));
  const reaches = algorithm === undefined ? [plain].concat(flexible()) : [reachBy(algorithm)];
  const last = edges.length;
  const earliest = algorithm === undefined ? 0 : last - (graph.isHost[nodes[last] as number] as number);
  const plainFrom = plain.furthest.findIndex((furthest, from) => from >= earliest && furthest === last);
  const blocks = packing.positions === 1 ? 1 : reaches.length;
  const states = statesFor((last + 1) * blocks * packing.positions);
  return {
    graph,
    edges,
    nodes,
    rules,
    reaches,
    ways: reaches.length + rules.spans.length,
    plainFrom,
    blocks,
    ...states,
  };
}

/** The memory of the last search, which has ended when the next begins. */
let memory = newStates(0);
/** Searches of longer paths have their own. */
const MAX_KEPT_STATES = 2 ** 14;

function statesFor(count: number): States {
  const states = count <= memory.first.length ? memory : newStates(count);
  if (count <= MAX_KEPT_STATES) memory = states;
  states.length.fill(Number.POSITIVE_INFINITY, 0, count);
  states.taste.fill(0, 0, count);
  states.first.fill(NOTHING, 0, count);
  return states;
}

function newStates(count: number): States {
  return {
    length: new Float64Array(count),
    taste: new Float64Array(count),
    first: new Int32Array(count),
    then: new Int32Array(count),
  };
}

function isPlain({ algorithm }: Pick<Reach, "algorithm">): boolean {
  return algorithm === PLAIN_ROUTING;
}

/** State of a position in which the last segment is of the first block, and full. */
function firstState({ blocks, rules }: Search, position: number): number {
  return position * blocks * rules.packing.positions;
}

/** No more steps: what the list ends with is of plain routing. */
function end(search: Search, from: number): void {
  const { blocks, reaches, length, rules } = search;
  const { packing } = rules;
  let state = firstState(search, from);
  for (let block = 0; block < blocks; block++) {
    const isOfPlain = reaches[block]?.algorithm === PLAIN_ROUTING;
    for (let free = 0; free < packing.positions; free++) {
      length[state++] = packing.end > (isOfPlain ? free : 0) ? SEGMENT : 0;
    }
  }
}

/** A step as a number; `which` is an index into `reaches`, or behind those into the spans. */
function stepNumber({ ways }: Search, kind: number, which: number, position: number): number {
  return kind + KINDS * (which + ways * position);
}

/** Furthest first and lowest algorithm first, so that an equally good later one does not replace an earlier. */
function chooseFrom(search: Search, from: number): void {
  const { graph, edges, nodes, reaches } = search;
  let furthest = from;
  for (const reach of reaches) furthest = Math.max(furthest, reach.furthest[from] as number);
  for (let position = Math.min(furthest + 1, edges.length); position > from; position--) {
    const leaves = graph.isHost[nodes[position - 1] as number] === 0;
    const edge = edges[position - 1] as number;
    for (let i = 0; i < reaches.length; i++) {
      const { algorithm, furthest: reached, usable } = reaches[i] as Reach;
      const taste = algorithm === PLAIN_ROUTING ? 0 : FLEXIBLE;
      const over = position - (reached[from] as number);
      if (over <= 0) consider(search, from, stepNumber(search, NODE, i, position), taste);
      if (over <= 1 && leaves && (usable === undefined || usable[edge] === 1))
        consider(search, from, stepNumber(search, CROSSING, i, position), taste + ADJACENCY);
    }
  }
  chooseBinding(search, from);
}

/** Plain routing leads to bindings. */
function chooseBinding(search: Search, from: number): void {
  const { reaches, rules } = search;
  for (let i = 0; i < rules.spans.length; i++) {
    const { start, end: position } = rules.spans[i] as BindingSpan;
    const reached = reaches.find(isPlain)?.furthest[from] ?? -1;
    if (start < from || start > reached) continue;
    consider(search, from, stepNumber(search, BOUND, reaches.length + i, position), BINDING);
  }
}

/** Takes a step into account in each state of a position; `own` is what it adds to the taste. */
function consider(search: Search, from: number, step: number, own: number): void {
  const { blocks, rules, reaches, ways, length, taste } = search;
  const { packing } = rules;
  const kind = step % KINDS;
  const rest = (step / KINDS) | 0;
  const block = kind === BOUND ? reaches.findIndex(isPlain) : rest % ways;
  const size = kind === NODE ? packing.node : kind === CROSSING ? packing.adjacency : packing.binding;
  const target = firstState(search, (rest / ways) | 0) + (blocks === 1 ? 0 : block * packing.positions);
  let state = firstState(search, from);
  for (let last = 0; last < blocks; last++) {
    for (let free = 0; free < packing.positions; free++, state++) {
      // All SIDs of a segment on the wire are of one block.
      const room = blocks === 1 || last === block ? free : 0;
      const begins = size > room;
      // Nothing is packed behind a binding: its node looks at the next segment.
      const then = target + (kind === BOUND ? 0 : (begins ? packing.positions : room) - size);
      const itsLength = (length[then] as number) + STEP + (begins ? SEGMENT : 0);
      const itsTaste = (taste[then] as number) + own;
      const best = length[state] as number;
      if (itsLength > best || (itsLength === best && itsTaste >= (taste[state] as number))) continue;
      length[state] = itsLength;
      taste[state] = itsTaste;
      search.first[state] = step;
      search.then[state] = then;
    }
  }
}

/** The best steps from the start; undefined when no list takes the path. */
function chosenSteps({ length, first, then, reaches, ways, rules: { spans } }: Search): readonly Step[] | undefined {
  if (length[0] === Number.POSITIVE_INFINITY) return undefined;
  const steps: Step[] = [];
  for (let state = 0; (first[state] as number) !== NOTHING; state = then[state] as number) {
    const step = first[state] as number;
    const kind = step % KINDS;
    const rest = (step / KINDS) | 0;
    const which = rest % ways;
    const position = (rest / ways) | 0;
    const span = spans[which - reaches.length];
    if (kind === BOUND && span !== undefined) {
      steps.push({ kind: "binding", position, start: span.start, binding: span.binding });
    } else {
      const algorithm = reaches[which]?.algorithm ?? PLAIN_ROUTING;
      steps.push({ kind: kind === NODE ? "node" : "adjacency", position, algorithm });
    }
  }
  return steps;
}
