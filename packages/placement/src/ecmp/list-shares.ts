import type { Ecmp, LinkShares } from "./ecmp";

/** What a flow along a segment list puts on each link: its segments one after the other. Undefined when one has no way. */
export function listShares(ecmp: Ecmp, from: number, to: number, midpoints: readonly number[]): LinkShares | undefined {
  if (midpoints.length === 0) return ecmp.shares(from, to);
  const total = new Map<number, number>();
  let at = from;
  for (const next of [...midpoints, to]) {
    const segment = ecmp.shares(at, next);
    if (segment === undefined) return undefined;
    segment.links.forEach((link, i) => {
      total.set(link, (total.get(link) ?? 0) + (segment.shares[i] as number));
    });
    at = next;
  }
  const links = Int32Array.from(total.keys()).sort();
  return { links, shares: Float64Array.from(links, (link) => total.get(link) ?? 0) };
}
