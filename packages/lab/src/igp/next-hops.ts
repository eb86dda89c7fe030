import { algorithmMetricOf, type FlexibleAlgorithm, isInAlgorithm, type Link, type Topology } from "@sextant/model";
import { DirectedGraph } from "graphology";
import { dijkstra } from "graphology-shortest-path";

/** A link that leads one step closer. */
export interface NextHop {
  readonly link: string;
  readonly neighbour: string;
}

/** The links that the IGP may use. */
export type LinkFilter = (link: string) => boolean;

/** Next hops by source and destination node; an unreachable destination is absent. */
export type NextHopTable = ReadonlyMap<string, ReadonlyMap<string, readonly NextHop[]>>;

/**
 * Between routers a metric of zero counts as a little more, smaller than any difference between metrics: otherwise two routers
 * at no distance from each other could each choose the other, and packets would go in circles.
 */
const ZERO_METRIC = 2 ** -12;

/**
 * Shortest paths for all pairs, by IGP metric or as a flexible algorithm has them (RFC 9350 section 13). Every equal-cost next hop is there,
 * parallel links included, in the order of the topology's links. Hosts are leaves: no path leads through one.
 */
export function computeNextHops(topology: Topology, isUp: LinkFilter, algorithm?: FlexibleAlgorithm): NextHopTable {
  const graph = buildGraph(topology, isUp, algorithm);
  const kinds = new Map(topology.nodes.map((node) => [node.name, node.kind]));
  return new Map(
    topology.nodes.map(({ name, kind }) => {
      const source = kind === "host" ? asSource(name) : name;
      const [, predecessors] = dijkstra.brandes(graph, source, "metric");
      const steps = firstSteps(source, predecessors);
      const table = new Map<string, readonly NextHop[]>();
      for (const destination of kinds.keys()) {
        const neighbours = destination === name ? [] : steps(destination);
        const hops = [...neighbours].flatMap((neighbour) =>
          (graph.getEdgeAttribute(source, neighbour, "links") as string[]).map((link) => ({ link, neighbour })),
        );
        const order = new Map(topology.links.map((link, i) => [link.name, i]));
        hops.sort((x, y) => (order.get(x.link) ?? 0) - (order.get(y.link) ?? 0));
        if (hops.length > 0) table.set(destination, hops);
      }
      return [name, table];
    }),
  );
}

/** A host has a vertex where paths end and one where they begin, and nothing joins the two. */
function asSource(host: string): string {
  return `${host} as source`;
}

function buildGraph(topology: Topology, isUp: LinkFilter, algorithm: FlexibleAlgorithm | undefined): DirectedGraph {
  const graph = new DirectedGraph();
  const kinds = new Map(topology.nodes.map((node) => [node.name, node.kind]));
  const isUsed = algorithm === undefined ? () => true : linksOf(topology, algorithm);
  for (const { name, kind } of topology.nodes) {
    graph.addNode(name);
    if (kind === "host") graph.addNode(asSource(name));
  }
  for (const link of topology.links) {
    if (!isUp(link.name) || !isUsed(link)) continue;
    for (const direction of [link.aToB, link.bToA]) {
      const { from, to } = direction;
      const betweenRouters = kinds.get(from) === "router" && kinds.get(to) === "router";
      const counted = algorithm === undefined ? direction.igp : algorithmMetricOf(algorithm, direction);
      const metric = counted === 0 && betweenRouters ? ZERO_METRIC : counted;
      addCheapest(graph, kinds.get(from) === "host" ? asSource(from) : from, to, metric, link.name);
    }
  }
  return graph;
}

function linksOf({ nodes }: Topology, algorithm: FlexibleAlgorithm): (link: Link) => boolean {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return (link) => {
    const [a, b] = [byName.get(link.a), byName.get(link.b)];
    return a !== undefined && b !== undefined && isInAlgorithm(algorithm, link, [a, b]);
  };
}

/** Of parallel links the cheapest remain, all of them. */
function addCheapest(graph: DirectedGraph, from: string, to: string, metric: number, link: string): void {
  if (!graph.hasEdge(from, to)) {
    graph.addEdge(from, to, { metric, links: [link] });
    return;
  }
  const known = graph.getEdgeAttributes(from, to) as { metric: number; links: string[] };
  if (metric < known.metric) graph.replaceEdgeAttributes(graph.edge(from, to), { metric, links: [link] });
  else if (metric === known.metric) known.links.push(link);
}

/** The neighbours of the source that lie on some shortest path to a vertex. */
function firstSteps(source: string, predecessors: Record<string, string[]>): (vertex: string) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  const steps = (vertex: string): ReadonlySet<string> => {
    const kept = known.get(vertex);
    if (kept !== undefined) return kept;
    const found = new Set<string>();
    for (const previous of predecessors[vertex] ?? []) {
      if (previous === source) found.add(vertex);
      else for (const step of steps(previous)) found.add(step);
    }
    known.set(vertex, found);
    return found;
  };
  return steps;
}
