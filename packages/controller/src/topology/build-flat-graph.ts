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

/** Numbers the graph's nodes, links and edges by name and lays them out in typed arrays. */
export function buildFlatGraph(graph: TopologyGraph, algorithms: readonly FlexibleAlgorithm[] = []): FlatGraph {
  const nodeNames = graph.nodes().sort();
  const nodeIndex = new Map(nodeNames.map((name, index) => [name, index]));
  const attributes = graph.mapEdges((_edge, edge) => edge);
  const linkByName = new Map(attributes.map(({ link }) => [link.name, link]));
  const linkNames = [...linkByName.keys()].sort();
  const linkIndex = new Map(linkNames.map((name, index) => [name, index]));
  const node = (name: string) => nodeIndex.get(name) ?? -1;
  const edges = attributes
    .map(({ link, direction }) => ({
      from: node(direction.from),
      to: node(direction.to),
      link: linkIndex.get(link.name) ?? -1,
      attributes: { link, direction },
    }))
    .sort((a, b) => a.from - b.from || a.link - b.link);
  const links = linkNames.flatMap((name) => linkByName.get(name) ?? []);
  const edgeFrom = Int32Array.from(edges, (edge) => edge.from);
  const edgeTo = Int32Array.from(edges, (edge) => edge.to);
  const edgeLink = Int32Array.from(edges, (edge) => edge.link);
  const { start: inStart, order: inEdges } = groupBy(edgeTo, nodeNames.length);
  const cost = Object.fromEntries(
    METRICS.map((metric) => [
      metric,
      Float64Array.from(edges, (edge) => crossingCost(edge.attributes.direction, metric)),
    ]),
  ) as Record<Metric, Float64Array>;
  return {
    nodeNames,
    linkNames,
    nodeIndex,
    linkIndex,
    isHost: Uint8Array.from(nodeNames, (name) => (graph.getNodeAttribute(name, "kind") === "host" ? 1 : 0)),
    outStart: groupBy(edgeFrom, nodeNames.length).start,
    inStart,
    inEdges,
    edgeFrom,
    edgeTo,
    edgeLink,
    ...pairEdges(edgeLink, links.length),
    cost,
    capacityMbps: Float64Array.from(edges, (edge) => edge.attributes.direction.capacityMbps),
    utilisationPercent: Float64Array.from(edges, (edge) => edge.attributes.direction.utilisationPercent),
    nodes: nodeNames.map((name) => graph.getNodeAttributes(name)),
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
