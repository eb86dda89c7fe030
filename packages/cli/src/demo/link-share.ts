import type { LinkCounters } from "@sextant/lab";

/** How many packets crossed a link towards one of its nodes, by the kernel's counter at that node's interface. */
export function packetsInto(counters: ReadonlyMap<string, LinkCounters>, link: string, node: string): number {
  const both = counters.get(link);
  if (both === undefined) return 0;
  return (both.a.node === node ? both.a : both.b).rxPackets;
}

/** One link of a path in travel order: the link and the node that it leads to. */
export interface Hop {
  readonly link: string;
  readonly into: string;
}

/** The hops of a path; `links[i]` joins `nodes[i]` and `nodes[i + 1]`. */
export function hopsOf(path: { readonly nodes: readonly string[]; readonly links: readonly string[] }): Hop[] {
  return path.links.map((link, i) => ({ link, into: path.nodes[i + 1] ?? "" }));
}

/** Hops between routers: access links carry every application of a host. */
export function backboneHops(path: { readonly nodes: readonly string[]; readonly links: readonly string[] }): Hop[] {
  return hopsOf(path).slice(1, -1);
}
