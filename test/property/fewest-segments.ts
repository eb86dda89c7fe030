import type { Hop } from "./brute-force";
import type { BoundCase } from "./encode-cases";

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

interface Place {
  /** Hops done. */
  readonly position: number;
  /** Places left in the last segment. */
  readonly free: number;
}

/**
 * The fewest segments of any list that takes exactly the walk, by trying every SID of the network wherever the packet may be
 * (a search by segments in rising number); undefined when no list does.
 */
export function fewestSegments(sample: BoundCase, places: Places): number | undefined {
  const { igp, walk, bindings } = sample;
  const destination = walk.at(-1)?.to ?? "";
  const sids = [
    ...[...igp.network.routers, ...igp.network.hosts].map((node) => ({
      node,
      links: [] as readonly string[],
      closes: false,
    })),
    ...igp.hops
      .filter(({ from }) => from.startsWith("r"))
      .map(({ from, link }) => ({ node: from, links: [link.name], closes: false })),
    ...bindings.map(({ node, path }) => ({ node, links: path, closes: true })),
  ];
  let best: number | undefined;
  const least = new Map<string, number>();
  let frontier: (Place & { readonly segments: number })[] = [{ position: 0, free: 0, segments: 0 }];
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { position, free, segments } of frontier) {
      if (follow(sample, position, destination) === walk.length) {
        const total = segments + (places.end > free ? 1 : 0);
        best = Math.min(best ?? total, total);
      }
      for (const { node, links, closes } of sids) {
        const after = cross(sample, follow(sample, position, node), links);
        if (after === undefined || after === position) continue;
        const size = links.length === 0 ? places.node : places.local;
        const begins = size > free;
        const left = closes ? 0 : (begins ? places.segment : free) - size;
        const reached = { position: after, free: left, segments: segments + (begins ? 1 : 0) };
        const key = `${reached.position} ${reached.free}`;
        if ((least.get(key) ?? Number.POSITIVE_INFINITY) <= reached.segments) continue;
        least.set(key, reached.segments);
        next.push(reached);
      }
    }
    frontier = next;
  }
  return best;
}

/** Position where a packet is that is routed to a node, when each branch keeps to the walk. */
function follow({ igp, walk }: BoundCase, start: number, target: string): number | undefined {
  let position = start;
  const at = () => walk[position]?.from ?? walk.at(-1)?.to ?? "";
  while (at() !== target) {
    const taken = igp.nextHops(at(), target);
    if (position === walk.length || taken.length !== 1 || taken[0]?.link.name !== walk[position]?.link.name)
      return undefined;
    position++;
  }
  return position;
}

function cross(
  { walk }: { walk: readonly Hop[] },
  start: number | undefined,
  links: readonly string[],
): number | undefined {
  if (start === undefined) return undefined;
  return links.every((name, i) => walk[start + i]?.link.name === name) ? start + links.length : undefined;
}
