import type { Binding } from "@sextant/model";
import type { BindingSpan } from "../topology/binding-index";
import type { FlatGraph } from "../topology/flat-graph";
import { PLAIN_ROUTING } from "./igp";
import { type Packing, PLAIN } from "./packing";
import { follows, type Reach, reachAlong } from "./reach";

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

/** What it costs to go on from a position, the more important first. */
interface Choice {
  /** Segments on the wire that are begun from here on. */
  readonly segments: number;
  readonly steps: number;
  readonly bindings: number;
  /** Of flexible algorithms. */
  readonly flexible: number;
  readonly adjacencies: number;
  readonly first: Step | undefined;
  readonly then: Choice | undefined;
}

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
  const isFree = rules.pin === "loose" && rules.algorithm === undefined;
  if (isFree && follows(graph, edges, nodes, 0, edges.length)) return [];
  const search = searchOf(graph, edges, nodes, rules);
  for (let from = edges.length; from >= 0; from--) {
    search.choices[from] = search.reaches.map(({ algorithm }) =>
      Array.from({ length: rules.packing.positions }, (_, free) => bestFrom(search, from, { free, algorithm })),
    );
  }
  const steps: Step[] = [];
  const best = search.choices[0]?.[0]?.[0];
  for (let choice = best; choice?.first !== undefined; choice = choice.then) steps.push(choice.first);
  return best === undefined ? undefined : steps;
}

/** Indices of the nodes along the edges, the start included. */
export function nodesAlong(graph: FlatGraph, edges: readonly number[]): number[] {
  return [graph.edgeFrom[edges[0] ?? -1] ?? -1, ...edges.map((edge) => graph.edgeTo[edge] as number)];
}

interface Search {
  readonly graph: FlatGraph;
  readonly nodes: readonly number[];
  readonly rules: StepRules;
  /** One for each algorithm whose SIDs may be used, in the order of their numbers. */
  readonly reaches: readonly Reach[];
  /** From this position on plain routing does the rest. */
  readonly plainFrom: number;
  /** By position, by the algorithm of the last segment (as in `reaches`), and by how many of its places are free. */
  readonly choices: (readonly (readonly (Choice | undefined)[])[])[];
}

function searchOf(graph: FlatGraph, edges: readonly number[], nodes: readonly number[], rules: StepRules): Search {
  const { pin, algorithm } = rules;
  const flexible = graph.algorithms.map(({ definition }) => definition.id);
  const reachBy = (number: number) => reachAlong(graph, edges, nodes, number, pin);
  const reaches = algorithm === undefined ? [PLAIN_ROUTING, ...flexible].map(reachBy) : [reachBy(algorithm)];
  const end = edges.length;
  const plain = reaches.find(isPlain) ?? reachBy(PLAIN_ROUTING);
  const earliest = algorithm === undefined ? 0 : end - (graph.isHost[nodes[end] as number] as number);
  const plainFrom = plain.furthest.findIndex((furthest, from) => from >= earliest && furthest === end);
  return { graph, nodes, rules, reaches, plainFrom, choices: [] };
}

function isPlain({ algorithm }: Pick<Reach, "algorithm">): boolean {
  return algorithm === PLAIN_ROUTING;
}

/** The segment on the wire that is filled at the moment, and whose block it is of. */
interface Wire {
  readonly free: number;
  readonly algorithm: number;
}

function bestFrom(search: Search, from: number, wire: Wire): Choice | undefined {
  const { packing } = search.rules;
  if (from >= search.plainFrom) {
    const segments = packing.end > freeFor(PLAIN_ROUTING, wire) ? 1 : 0;
    return { segments, steps: 0, bindings: 0, flexible: 0, adjacencies: 0, first: undefined, then: undefined };
  }
  let best: Choice | undefined;
  for (const step of stepsFrom(search, from)) {
    const choice = choiceOf(search, step, wire);
    if (choice !== undefined && (best === undefined || isBetter(choice, best))) best = choice;
  }
  return best;
}

/** All SIDs of a segment on the wire are of one block. */
function freeFor(algorithm: number, wire: Wire): number {
  return wire.algorithm === algorithm ? wire.free : 0;
}

/** Furthest first and lowest algorithm first, so that an equally good later one does not replace an earlier. */
function* stepsFrom({ graph, nodes, reaches, rules }: Search, from: number): Generator<Step> {
  const furthest = Math.max(...reaches.map((reach) => reach.furthest[from] as number));
  for (let position = Math.min(furthest + 1, nodes.length - 1); position > from; position--) {
    const isLeft = graph.isHost[nodes[position - 1] as number] === 0;
    for (const { algorithm, furthest, crosses } of reaches) {
      const reached = furthest[from] as number;
      if (position <= reached) yield { kind: "node", position, algorithm };
      if (position <= reached + 1 && isLeft && crosses(position - 1)) yield { kind: "adjacency", position, algorithm };
    }
  }
  const plain = reaches.find(isPlain)?.furthest[from] ?? -1;
  for (const { binding, start, end } of rules.spans) {
    if (start >= from && start <= plain) yield { kind: "binding", position: end, start, binding };
  }
}

function choiceOf({ rules: { packing }, reaches, choices }: Search, first: Step, wire: Wire): Choice | undefined {
  const algorithm = first.kind === "binding" ? PLAIN_ROUTING : first.algorithm;
  const size = packing[first.kind];
  const free = freeFor(algorithm, wire);
  const begins = size > free;
  // Nothing is packed behind a binding: its node looks at the next segment.
  const left = first.kind === "binding" ? 0 : (begins ? packing.positions : free) - size;
  const index = reaches.findIndex((reach) => reach.algorithm === algorithm);
  const then = choices[first.position]?.[index]?.[left];
  if (then === undefined) return undefined;
  return {
    segments: then.segments + (begins ? 1 : 0),
    steps: then.steps + 1,
    bindings: then.bindings + (first.kind === "binding" ? 1 : 0),
    flexible: then.flexible + (algorithm === PLAIN_ROUTING ? 0 : 1),
    adjacencies: then.adjacencies + (first.kind === "adjacency" ? 1 : 0),
    first,
    then,
  };
}

function isBetter(one: Choice, other: Choice): boolean {
  for (const by of ["segments", "steps", "bindings", "flexible", "adjacencies"] as const) {
    if (one[by] !== other[by]) return one[by] < other[by];
  }
  return false;
}
