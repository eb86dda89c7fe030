import { directedLinkKey } from "@sextant/model";
import type { FlatGraph } from "./flat-graph";

/** One direction of a link, by names: it outlives the graphs in which it has an index. */
export interface DirectedLink {
  readonly link: string;
  /** Node that it leaves. */
  readonly from: string;
}

/** The edge of that name; undefined when the graph has none, or no such end. */
export function edgeOf(graph: FlatGraph, { link, from }: DirectedLink): number | undefined {
  const edge = graph.linkEdge[graph.linkIndex.get(link) ?? -1];
  const node = graph.nodeIndex.get(from);
  if (edge === undefined || node === undefined) return undefined;
  return [edge, graph.edgeReverse[edge] as number].find((each) => graph.edgeFrom[each] === node);
}

/** Name of an edge. */
export function directedLinkOf(graph: FlatGraph, edge: number): DirectedLink {
  return {
    link: graph.linkNames[graph.edgeLink[edge] as number] ?? "",
    from: graph.nodeNames[graph.edgeFrom[edge] as number] ?? "",
  };
}

const keys = new WeakMap<FlatGraph, bigint[]>();

/** What hosts call an edge. Kept with the graph: it is a hash, and edges are crossed by many lists. */
export function directedLinkKeyOf(graph: FlatGraph, edge: number): bigint {
  const known = keys.get(graph) ?? [];
  keys.set(graph, known);
  return (known[edge] ??= keyOf(directedLinkOf(graph, edge)));
}

function keyOf({ link, from }: DirectedLink): bigint {
  return directedLinkKey(link, from);
}

/** Both directions of a link, the lower index first; none when the graph has no such link. */
export function edgesOfLink(graph: FlatGraph, link: number): number[] {
  const edge = graph.linkEdge[link];
  return edge === undefined ? [] : [edge, graph.edgeReverse[edge] as number].sort((a, b) => a - b);
}
