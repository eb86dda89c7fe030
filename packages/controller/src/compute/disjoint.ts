import type { Disjointness } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";
import type { PathQuery } from "./path-query";
import { removeLink, removeNode } from "./usable-edges";

/**
 * What every path between two ends must share, so that no backup can be asked to avoid it: the only access link of a host and
 * that link's SRLGs, the only router that a host hangs off, and the via nodes that the intent itself demands.
 */
export interface Exemptions {
  readonly links: readonly string[];
  readonly nodes: readonly string[];
  readonly srlgs: readonly string[];
}

/** Finds the exemptions among the edges that the intent's constraints leave. Names in order, each once. */
export function exemptionsOf(graph: FlatGraph, query: PathQuery): Exemptions {
  const links = new Set<number>();
  const nodes = new Set(query.via);
  for (const end of [query.source, query.target]) {
    if (graph.isHost[end] !== 1) continue;
    const access = accessEdges(graph, query.usable, end);
    const routers = new Set(access.map((edge) => graph.edgeTo[edge] as number));
    for (const edge of access.length === 1 ? access : []) links.add(graph.edgeLink[edge] as number);
    for (const router of routers.size === 1 ? routers : []) nodes.add(router);
  }
  const srlgs = new Set([...links].flatMap((link) => graph.links[link]?.srlgs ?? []));
  return {
    links: [...links].map((link) => graph.linkNames[link] ?? "").sort(),
    nodes: [...nodes].map((node) => graph.nodeNames[node] ?? "").sort(),
    srlgs: [...srlgs].sort(),
  };
}

/**
 * The edges left when a further path must not share fate with the one along `edges`. Every kind keeps off its links; `node`
 * also off its nodes between the two ends, `srlg` also off every link of a group that one of its links belongs to.
 */
export function edgesDisjointFrom(
  graph: FlatGraph,
  usable: Uint8Array,
  edges: readonly number[],
  disjoint: Disjointness,
  exempt: Exemptions,
): Uint8Array {
  const left = usable.slice();
  for (const edge of edges) {
    const link = graph.edgeLink[edge] as number;
    if (!exempt.links.includes(graph.linkNames[link] ?? "")) removeLink(graph, left, link);
    if (disjoint === "srlg") {
      for (const srlg of graph.links[link]?.srlgs ?? []) {
        if (exempt.srlgs.includes(srlg)) continue;
        for (const sharing of graph.srlgLinks.get(srlg) ?? []) removeLink(graph, left, sharing);
      }
    }
  }
  if (disjoint === "node") {
    for (const edge of edges.slice(1)) {
      const node = graph.edgeFrom[edge] as number;
      if (!exempt.nodes.includes(graph.nodeNames[node] ?? "")) removeNode(graph, left, node);
    }
  }
  return left;
}

function accessEdges(graph: FlatGraph, usable: Uint8Array, host: number): number[] {
  const edges: number[] = [];
  const end = graph.outStart[host + 1] as number;
  for (let edge = graph.outStart[host] as number; edge < end; edge++) {
    if (usable[edge] === 1) edges.push(edge);
  }
  return edges;
}
