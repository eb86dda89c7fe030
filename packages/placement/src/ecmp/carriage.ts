import type { PlacementNetwork } from "../network";
import { type WeightedList, weightSum } from "../placement";
import type { Ecmp, LinkShares } from "./ecmp";

/** A way to carry a demand, and what it puts on each link. */
export interface Carriage extends LinkShares {
  readonly lists: readonly WeightedList[];
}

/** What a demand carried along these lists puts on the links: segment after segment. Undefined when one has no way. */
export function carriage(ecmp: Ecmp, from: number, to: number, lists: readonly WeightedList[]): Carriage | undefined {
  const [only] = lists;
  if (only !== undefined && lists.length === 1 && only.midpoints.length === 0 && only.links === undefined) {
    const shares = ecmp.shares(from, to);
    return shares === undefined ? undefined : { lists, ...shares };
  }
  const total = new Map<number, number>();
  const sum = weightSum(lists);
  for (const list of lists) {
    const segments = segmentsOf(ecmp, from, to, list);
    if (segments === undefined) return undefined;
    for (const segment of segments) add(total, segment, list.weight / sum);
  }
  return { lists, ...fromMap(total) };
}

function segmentsOf(
  ecmp: Ecmp,
  from: number,
  to: number,
  { midpoints, links }: WeightedList,
): LinkShares[] | undefined {
  if (links !== undefined) return leadsTo(ecmp.network, from, to, links) ? [wholly(links)] : undefined;
  const segments: LinkShares[] = [];
  let at = from;
  for (const next of [...midpoints, to]) {
    const segment = ecmp.shares(at, next);
    if (segment === undefined) return undefined;
    segments.push(segment);
    at = next;
  }
  return segments;
}

/** Whether links are a way from one node to another; hosts carry no transit traffic. */
function leadsTo(network: PlacementNetwork, from: number, to: number, links: readonly number[]): boolean {
  const { linkFrom, linkTo, isHost } = network;
  let at: number | undefined = from;
  for (const [i, link] of links.entries()) {
    if (linkFrom[link] !== at || (i > 0 && isHost[at as number] === 1)) return false;
    at = linkTo[link];
  }
  return at === to;
}

function wholly(links: readonly number[]): LinkShares {
  return { links: Int32Array.from(links), shares: new Float64Array(links.length).fill(1) };
}

function add(total: Map<number, number>, { links, shares }: LinkShares, factor: number): void {
  for (let i = 0; i < links.length; i++) {
    const link = links[i] as number;
    total.set(link, (total.get(link) ?? 0) + (shares[i] as number) * factor);
  }
}

function fromMap(total: ReadonlyMap<number, number>): LinkShares {
  const links = Int32Array.from(total.keys()).sort();
  return { links, shares: Float64Array.from(links, (link) => total.get(link) ?? 0) };
}
