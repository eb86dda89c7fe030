import { METRICS, type Metric } from "@sextant/model";
import { groupBy } from "../topology/build-flat-graph";
import type { FlatGraph } from "../topology/flat-graph";
import { Layers } from "./layers";
import type { EdgeGoal, PathQuery } from "./path-query";

/** Most edges of one such graph: some 40 MB. With 40,000 edges that is nine stops, or three things to include. */
const MAX_EDGES = 400_000;

/**
 * A query with `via` or `include` as one without: its nodes are the states (node, layer) that walks from the source reach. A walk
 * of the query, which may visit a node once per layer, is a path here that visits none twice, and each of those is such a walk.
 */
export interface LayeredGraph {
  /** Names and links are those of the graph it was made from; nodes and edges are of its own, with only the usable ones there. */
  readonly graph: FlatGraph;
  readonly query: PathQuery;
  /** The edge that each edge stands for. */
  readonly edgeOf: Int32Array;
}

/** Undefined when it would be too large, or nothing reaches the target. */
export function layeredGraph(graph: FlatGraph, query: PathQuery): LayeredGraph | undefined {
  const reached = reach(graph, query);
  if (reached?.target === undefined) return undefined;
  const { nodeOf, target } = reached;
  const edgeOf = Int32Array.from(reached.edgeOf);
  const edgeFrom = Int32Array.from(reached.edgeFrom);
  const edgeTo = Int32Array.from(reached.edgeTo);
  const { start: inStart, order: inEdges } = groupBy(edgeTo, nodeOf.length);
  const spread = memo((values: Float64Array) => Float64Array.from(edgeOf, (edge) => values[edge] as number));
  const cost = Object.fromEntries(METRICS.map((metric) => [metric, spread(graph.cost[metric])]));
  const goals = query.goals.map((goal): EdgeGoal => {
    return goal.kind === "sum" ? { ...goal, cost: spread(goal.cost) } : { ...goal, value: spread(goal.value) };
  });
  const usable = new Uint8Array(edgeOf.length).fill(1);
  return {
    graph: {
      ...graph,
      nodeNames: nodeOf.map((node) => graph.nodeNames[node] ?? ""),
      isHost: Uint8Array.from(nodeOf, (node) => graph.isHost[node] as number),
      ...{
        outStart: Int32Array.from(reached.outStart),
        edgeFrom,
        edgeTo,
        inStart,
        inEdges,
        inFrom: inEdges.map((edge) => edgeFrom[edge] as number),
      },
      edgeLink: Int32Array.from(edgeOf, (edge) => graph.edgeLink[edge] as number),
      cost: cost as Record<Metric, Float64Array>,
    },
    query: { ...query, source: 0, target, via: [], include: [], goals, usable, superset: usable },
    edgeOf,
  };
}

/** The same walk by the edges of the layered graph. Throws RangeError when it is no walk of the query. */
export function inLayers({ graph, edgeOf }: LayeredGraph, edges: readonly number[]): number[] {
  let state = 0;
  return edges.map((edge) => {
    let at = graph.outStart[state] as number;
    const end = graph.outStart[state + 1] as number;
    while (at < end && edgeOf[at] !== edge) at++;
    if (at === end) throw new RangeError("the walk leaves the layers");
    state = graph.edgeTo[at] as number;
    return at;
  });
}

/** The states that walks reach, and the steps between them; breadth first, so that the steps of a state lie side by side, in order. */
function reach(graph: FlatGraph, query: PathQuery) {
  const layers = new Layers(graph, query);
  const nodeCount = graph.nodeNames.length;
  const isBefore = (layer: number) => layer < layers.count - 1;
  const states = [{ node: query.source, layer: layers.start(query.source) }];
  const indexOf = new Map(states.map(({ node, layer }) => [layer * nodeCount + node, 0]));
  const [edgeOf, edgeFrom, edgeTo, outStart]: [number[], number[], number[], number[]] = [[], [], [], []];
  let target: number | undefined;
  for (let from = 0; from < states.length; from++) {
    const { node, layer } = states[from] as { node: number; layer: number };
    outStart.push(edgeOf.length);
    // A walk that has arrived goes no further.
    if (node === query.target && !isBefore(layer)) {
      target = from;
      continue;
    }
    const end = graph.outStart[node + 1] as number;
    for (let edge = graph.outStart[node] as number; edge < end; edge++) {
      if (query.usable[edge] === 0) continue;
      const next = { node: graph.edgeTo[edge] as number, layer: layers.after(edge, layer) };
      if (graph.isHost[next.node] === 1 && (next.node !== query.target || isBefore(next.layer))) continue;
      const key = next.layer * nodeCount + next.node;
      const to = indexOf.get(key) ?? states.length;
      if (to === states.length) {
        indexOf.set(key, to);
        states.push(next);
      }
      edgeOf.push(edge);
      edgeFrom.push(from);
      edgeTo.push(to);
    }
    if (edgeOf.length > MAX_EDGES) return undefined;
  }
  const nodeOf = states.map(({ node }) => node);
  return { nodeOf, outStart: [...outStart, edgeOf.length], edgeOf, edgeFrom, edgeTo, target };
}

/** Calls once per argument, so that what is one array stays one. */
function memo(make: (values: Float64Array) => Float64Array): (values: Float64Array) => Float64Array {
  const made = new Map<Float64Array, Float64Array>();
  return (values) => {
    const known = made.get(values) ?? make(values);
    made.set(values, known);
    return known;
  };
}
