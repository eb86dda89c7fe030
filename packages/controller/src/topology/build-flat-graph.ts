import {
  algorithmMetricOf,
  type FlexibleAlgorithm,
  isInAlgorithm,
  type Link,
  METRICS,
  type Metric,
} from "@sextant/model";
import type { EdgeAttributes, FlatAlgorithm, FlatGraph, TopologyGraph } from "./flat-graph";
import { crossingCost } from "./metric-units";

/** Edges that take a few milliseconds. */
const EDGES_PER_STEP = 2_048;

/** Numbers the graph's nodes, links and edges by name and lays them out in typed arrays. Others may have their turn between the steps. */
export function* buildFlatGraph(
  graph: TopologyGraph,
  algorithms: readonly FlexibleAlgorithm[],
): Generator<void, FlatGraph> {
  const nodeNames = graph.nodes().sort();
  const nodeIndex = new Map(nodeNames.map((name, index) => [name, index]));
  yield;
  const attributes = graph.mapEdges((_edge, edge) => edge);
  yield;
  const linkByName = new Map(attributes.map(({ link }) => [link.name, link]));
  yield;
  const linkNames = [...linkByName.keys()].sort();
  yield;
  const linkIndex = new Map(linkNames.map((name, index) => [name, index]));
  yield;
  const links = linkNames.flatMap((name) => linkByName.get(name) ?? []);
  yield;
  const edges = yield* edgesInOrder(attributes, nodeIndex, linkIndex);
  const edgeFrom = Int32Array.from(edges, (edge) => edge.from);
  yield;
  const edgeTo = Int32Array.from(edges, (edge) => edge.to);
  yield;
  const edgeLink = Int32Array.from(edges, (edge) => edge.link);
  yield;
  const { start: inStart, order: inEdges } = groupBy(edgeTo, nodeNames.length);
  const cost: Partial<Record<Metric, Float64Array>> = {};
  for (const metric of METRICS) {
    cost[metric] = Float64Array.from(edges, (edge) => crossingCost(edge.attributes.direction, metric));
    yield;
  }
  const nodes = nodeNames.map((name) => graph.getNodeAttributes(name));
  yield;
  const capacityMbps = Float64Array.from(edges, (edge) => edge.attributes.direction.capacityMbps);
  yield;
  const utilisationPercent = Float64Array.from(edges, (edge) => edge.attributes.direction.utilisationPercent);
  yield;
  const pairs = pairEdges(edgeLink, links.length);
  yield;
  return {
    nodeNames,
    linkNames,
    nodeIndex,
    linkIndex,
    isHost: Uint8Array.from(nodes, ({ kind }) => (kind === "host" ? 1 : 0)),
    outStart: groupBy(edgeFrom, nodeNames.length).start,
    inStart,
    inEdges,
    inFrom: inEdges.map((edge) => edgeFrom[edge] as number),
    edgeFrom,
    edgeTo,
    edgeLink,
    ...pairs,
    cost: cost as Record<Metric, Float64Array>,
    capacityMbps,
    utilisationPercent,
    nodes,
    directions: edges.map((edge) => edge.attributes.direction),
    links,
    algorithms: algorithms.map((definition) =>
      flatAlgorithm(
        graph,
        edges.map((edge) => edge.attributes),
        definition,
      ),
    ),
    srlgLinks: groupLinks(links),
  };
}

interface NumberedEdge {
  readonly from: number;
  readonly to: number;
  readonly link: number;
  readonly attributes: EdgeAttributes;
}

/** By the node that they leave, then by link. */
function* edgesInOrder(
  attributes: readonly EdgeAttributes[],
  nodeIndex: ReadonlyMap<string, number>,
  linkIndex: ReadonlyMap<string, number>,
): Generator<void, NumberedEdge[]> {
  const edges: NumberedEdge[] = [];
  for (const { link, direction } of attributes) {
    edges.push({
      from: nodeIndex.get(direction.from) ?? -1,
      to: nodeIndex.get(direction.to) ?? -1,
      link: linkIndex.get(link.name) ?? -1,
      attributes: { link, direction },
    });
    if (edges.length % EDGES_PER_STEP === 0) yield;
  }
  const byLink = inOrderOf(edges, ({ link }) => link, linkIndex.size);
  yield;
  const byNode = inOrderOf(byLink, ({ from }) => from, nodeIndex.size);
  yield;
  return byNode;
}

/** Those of one key stay in order. */
function inOrderOf<T>(values: readonly T[], keyOf: (value: T) => number, count: number): T[] {
  const { order } = groupBy(Int32Array.from(values, keyOf), count);
  return Array.from(order, (at) => values[at] as T);
}

function flatAlgorithm(
  graph: TopologyGraph,
  edges: readonly EdgeAttributes[],
  definition: FlexibleAlgorithm,
): FlatAlgorithm {
  const isUsed = ({ link }: EdgeAttributes) =>
    isInAlgorithm(definition, link, [graph.getNodeAttributes(link.a), graph.getNodeAttributes(link.b)]);
  return {
    definition,
    usable: Uint8Array.from(edges, (edge) => (isUsed(edge) ? 1 : 0)),
    cost: Float64Array.from(edges, ({ direction }) => algorithmMetricOf(definition, direction)),
  };
}

/** Counting sort of edge indices by key; edges of one key stay in order. */
export function groupBy(keys: Int32Array, count: number): { start: Int32Array; order: Int32Array } {
  const start = new Int32Array(count + 1);
  for (const key of keys) start[key + 1] = (start[key + 1] as number) + 1;
  for (let i = 0; i < count; i++) start[i + 1] = (start[i + 1] as number) + (start[i] as number);
  const next = start.slice();
  const order = new Int32Array(keys.length);
  keys.forEach((key, edge) => {
    const slot = next[key] as number;
    order[slot] = edge;
    next[key] = slot + 1;
  });
  return { start, order };
}

/** A link that is up has exactly two edges. */
function pairEdges(edgeLink: Int32Array, linkCount: number): { edgeReverse: Int32Array; linkEdge: Int32Array } {
  const linkEdge = new Int32Array(linkCount).fill(-1);
  const edgeReverse = new Int32Array(edgeLink.length);
  edgeLink.forEach((link, edge) => {
    const other = linkEdge[link] as number;
    if (other < 0) linkEdge[link] = edge;
    else {
      edgeReverse[edge] = other;
      edgeReverse[other] = edge;
    }
  });
  return { edgeReverse, linkEdge };
}

function groupLinks(links: readonly Link[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  links.forEach((link, index) => {
    for (const srlg of new Set(link.srlgs)) {
      const group = groups.get(srlg);
      if (group === undefined) groups.set(srlg, [index]);
      else group.push(index);
    }
  });
  return groups;
}
