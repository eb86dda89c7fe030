import type { Disjointness } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";
import type { PathQuery } from "./path-query";
import { removeLink, removeNode } from "./usable-edges";

/** Links, nodes and shared-risk groups by name, each list in order. */
export interface FateNames {
  readonly links: readonly string[];
  readonly nodes: readonly string[];
  readonly srlgs: readonly string[];
}

/**
 * What every path between two ends must share, so that no backup can be asked to avoid it: the only access link of a host and
 * that link's SRLGs, the only router that a host hangs off, and what the intent itself demands to cross.
 */
export type Exemptions = FateNames;

/** Finds the exemptions among the edges that the intent's constraints leave. Names in order, each once. */
export function exemptionsOf(graph: FlatGraph, query: PathQuery): Exemptions {
  const links = new Set<number>();
  // Where a stop leaves a choice of nodes, paths may differ in it.
  const nodes = new Set(query.via.flatMap((stop) => (stop.length === 1 ? stop : [])));
  const srlgs = new Set<string>();
  for (const end of [query.source, query.target]) {
    if (graph.isHost[end] !== 1) continue;
    const [first, ...others] = accessEdges(graph, query.usable, end);
    if (first === undefined) continue;
    const router = graph.edgeTo[first] as number;
    if (others.length === 0) links.add(graph.edgeLink[first] as number);
    if (others.every((edge) => graph.edgeTo[edge] === router)) nodes.add(router);
  }
  for (const thing of query.include) {
    if (thing.kind === "node") nodes.add(thing.node);
    else if (thing.kind === "link") links.add(thing.link);
    else srlgs.add(thing.name);
  }
  for (const link of links) for (const srlg of graph.links[link]?.srlgs ?? []) srlgs.add(srlg);
  return {
    links: namesOf(links, graph.linkNames),
    nodes: namesOf(nodes, graph.nodeNames),
    srlgs: srlgs.size === 0 ? NO_NAMES : [...srlgs].sort(),
  };
}

/**
 * What paths of an intent are not to share, as numbers: links first, then nodes, then shared-risk groups in order of name. Every kind
 * of disjointness guards links; `node` also the nodes between the two ends, `srlg` also the groups of a path's links.
 */
export class Fates {
  /** Links that any number of paths may cross. */
  readonly freeLinks: ReadonlySet<number>;
  /** Nodes that any number of paths may pass. */
  readonly freeNodes: ReadonlySet<number>;
  readonly #freeSrlgs: ReadonlySet<string>;
  readonly #srlgs: readonly string[];
  readonly #srlgIndex: ReadonlyMap<string, number>;

  constructor(
    readonly graph: FlatGraph,
    readonly disjoint: Disjointness,
    readonly exempt: Exemptions,
  ) {
    this.freeLinks = indicesOf(exempt.links, graph.linkIndex);
    this.freeNodes = indicesOf(exempt.nodes, graph.nodeIndex);
    this.#freeSrlgs = new Set(exempt.srlgs);
    this.#srlgs = disjoint === "srlg" ? [...graph.srlgLinks.keys()].sort() : [];
    this.#srlgIndex = new Map(this.#srlgs.map((name, index) => [name, index]));
  }

  /** What the path along `edges` must not share with others: links in travel order, then the rest. Each once. */
  of(edges: readonly number[]): number[] {
    const { graph, disjoint } = this;
    const found = new Set<number>();
    for (const edge of edges) {
      const link = graph.edgeLink[edge] as number;
      if (!this.freeLinks.has(link)) found.add(link);
    }
    if (disjoint === "node") {
      const firstNode = graph.linkNames.length;
      for (const edge of edges.slice(1)) {
        const node = graph.edgeFrom[edge] as number;
        if (!this.freeNodes.has(node)) found.add(firstNode + node);
      }
    }
    if (disjoint === "srlg") {
      const firstSrlg = graph.linkNames.length + graph.nodeNames.length;
      for (const srlg of edges.flatMap((edge) => graph.links[graph.edgeLink[edge] as number]?.srlgs ?? [])) {
        if (!this.#freeSrlgs.has(srlg)) found.add(firstSrlg + (this.#srlgIndex.get(srlg) as number));
      }
    }
    return [...found];
  }

  /** The edges left of `usable` when all of `fates` are to be kept off. */
  without(usable: Uint8Array, fates: Iterable<number>): Uint8Array {
    const left = usable.slice();
    for (const fate of fates) this.#remove(left, fate);
    return left;
  }

  /** The edges left when a further path must share nothing with those along `paths`. */
  besides(usable: Uint8Array, paths: readonly { readonly edges: readonly number[] }[]): Uint8Array {
    return this.without(usable, new Set(paths.flatMap(({ edges }) => this.of(edges))));
  }

  isLink(fate: number): boolean {
    return fate < this.graph.linkNames.length;
  }

  names(fates: readonly number[]): FateNames {
    if (fates.length === 0) return NOTHING_SHARED;
    const { linkNames, nodeNames } = this.graph;
    const firstSrlg = linkNames.length + nodeNames.length;
    const pick = (from: number, to: number) =>
      fates.filter((fate) => fate >= from && fate < to).map((fate) => fate - from);
    return {
      links: namesOf(pick(0, linkNames.length), linkNames),
      nodes: namesOf(pick(linkNames.length, firstSrlg), nodeNames),
      srlgs: namesOf(pick(firstSrlg, Number.POSITIVE_INFINITY), this.#srlgs),
    };
  }

  #remove(usable: Uint8Array, fate: number): void {
    const { graph } = this;
    const node = fate - graph.linkNames.length;
    const srlg = node - graph.nodeNames.length;
    if (node < 0) removeLink(graph, usable, fate);
    else if (srlg < 0) removeNode(graph, usable, node);
    else for (const link of graph.srlgLinks.get(this.#srlgs[srlg] ?? "") ?? []) removeLink(graph, usable, link);
  }
}

/** Most lists are empty, and most paths share nothing: these stand for all of them. */
const NO_NAMES: readonly string[] = [];
export const NOTHING_SHARED: FateNames = { links: NO_NAMES, nodes: NO_NAMES, srlgs: NO_NAMES };

function namesOf(indices: Iterable<number>, names: readonly string[]): readonly string[] {
  // No longer than it need be.
  const found = [...indices].map((index) => names[index] ?? "");
  return found.length === 0 ? NO_NAMES : found.sort();
}

function indicesOf(names: readonly string[], index: ReadonlyMap<string, number>): ReadonlySet<number> {
  return new Set(names.map((name) => index.get(name) ?? -1));
}

function accessEdges(graph: FlatGraph, usable: Uint8Array, host: number): number[] {
  const edges: number[] = [];
  const end = graph.outStart[host + 1] as number;
  for (let edge = graph.outStart[host] as number; edge < end; edge++) {
    if (usable[edge] === 1) edges.push(edge);
  }
  return edges;
}
