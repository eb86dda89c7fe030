import type { Hop } from "./brute-force";
import type { BoundCase } from "./encode-cases";
import type { IgpModel } from "./igp-model";

/** How SIDs fill segments on the wire, written down a second time: places of a segment, of each kind of SID, and of the end. */
export interface Places {
  readonly segment: number;
  readonly node: number;
  readonly local: number;
  readonly end: number;
}

export const ONE_EACH: Places = { segment: 1, node: 1, local: 1, end: 0 };
export const ONE_EACH_TO_END: Places = { ...ONE_EACH, end: 1 };
export const CARRIERS: Places = { segment: 6, node: 1, local: 2, end: 2 };

/** A SID of the network: what routes to its node, and the links that it crosses from there. */
interface AnySid {
  readonly routing: IgpModel;
  readonly node: string;
  readonly links: readonly string[];
  /** Nothing is packed behind it. */
  readonly closes: boolean;
}

/** Where a packet is, and the segment on the wire that is being filled. */
interface Place {
  /** Hops done. */
  readonly position: number;
  /** Places left. */
  readonly free: number;
  /** Whose block it is of: all SIDs of a segment are of one. */
  readonly block: IgpModel;
  readonly segments: number;
}

/**
 * The fewest segments of any list that takes exactly the walk, by trying every SID of the network wherever the packet may be
 * (a search by rising number of SIDs); undefined when no list does.
 */
export function fewestSegments(sample: BoundCase, places: Places): number | undefined {
  const { igp, walk } = sample;
  const destination = walk.at(-1)?.to ?? "";
  const sids = sidsOf(sample);
  const blocks = [igp, ...igp.algorithms.values()];
  const least = new Map<string, number>();
  let best: number | undefined;
  let frontier: Place[] = [{ position: 0, free: 0, block: igp, segments: 0 }];
  while (frontier.length > 0) {
    const next: Place[] = [];
    for (const place of frontier) {
      if (follow(igp, walk, place.position, destination) === walk.length) {
        const total = place.segments + (places.end > freeFor(igp, place) ? 1 : 0);
        best = Math.min(best ?? total, total);
      }
      for (const sid of sids) {
        const after = placeAfter(walk, place, sid, places);
        if (after === undefined) continue;
        const key = `${after.position} ${after.free} ${blocks.indexOf(after.block)}`;
        if ((least.get(key) ?? Number.POSITIVE_INFINITY) <= after.segments) continue;
        least.set(key, after.segments);
        next.push(after);
      }
    }
    frontier = next;
  }
  return best;
}

function sidsOf({ igp, bindings }: BoundCase): AnySid[] {
  const routed = [igp, ...igp.algorithms.values()].flatMap((routing): AnySid[] => [
    ...routing.network.routers.map((node) => ({ routing, node, links: [], closes: false })),
    ...routing.hops
      .filter(({ from }) => routing.network.routers.includes(from))
      .map(({ from, link }) => ({ routing, node: from, links: [link.name], closes: false })),
  ]);
  // Hosts have no SIDs in flexible algorithms, and bindings are none of theirs.
  const hosts = igp.network.hosts.map((node) => ({ routing: igp, node, links: [], closes: false }));
  return [
    ...routed,
    ...hosts,
    ...bindings.map(({ node, path }) => ({ routing: igp, node, links: path, closes: true })),
  ];
}

/** Undefined where the SID leads off the walk, or nowhere. */
function placeAfter(walk: readonly Hop[], place: Place, sid: AnySid, places: Places): Place | undefined {
  const { routing, node, links, closes } = sid;
  const arrived = follow(routing, walk, place.position, node);
  const isOnWalk = arrived !== undefined && links.every((name, i) => walk[arrived + i]?.link.name === name);
  const position = isOnWalk ? arrived + links.length : place.position;
  if (position === place.position) return undefined;
  const size = links.length === 0 ? places.node : places.local;
  const room = freeFor(routing, place);
  const begins = size > room;
  const free = closes ? 0 : (begins ? places.segment : room) - size;
  return { position, free, block: routing, segments: place.segments + (begins ? 1 : 0) };
}

function freeFor(routing: IgpModel, { free, block }: Place): number {
  return block === routing ? free : 0;
}

/** Position where a packet is that is routed to a node, when each branch keeps to the walk. */
function follow(routing: IgpModel, walk: readonly Hop[], start: number, target: string): number | undefined {
  let position = start;
  const at = () => walk[position]?.from ?? walk.at(-1)?.to ?? "";
  while (at() !== target) {
    const taken = routing.nextHops(at(), target);
    const isDue = taken.length === 1 && taken[0]?.link.name === walk[position]?.link.name;
    if (position === walk.length || !isDue) return undefined;
    position++;
  }
  return position;
}
