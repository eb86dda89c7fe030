import { type WeightedList, weightSum } from "../placement";
import type { Ecmp, LinkShares } from "./ecmp";

/** A way to carry a demand, and what it puts on each link. */
export interface Carriage extends LinkShares {
  readonly lists: readonly WeightedList[];
}

/** What a demand carried along these lists puts on the links: segment after segment. Undefined when one has no way. */
export function carriage(ecmp: Ecmp, from: number, to: number, lists: readonly WeightedList[]): Carriage | undefined {
  const [only] = lists;
  if (only !== undefined && lists.length === 1 && only.midpoints.length === 0) {
    const shares = ecmp.shares(from, to);
    return shares === undefined ? undefined : { lists, ...shares };
  }
  const total = new Map<number, number>();
  const sum = weightSum(lists);
  for (const { weight, midpoints } of lists) {
    let at = from;
    for (const next of [...midpoints, to]) {
      const segment = ecmp.shares(at, next);
      if (segment === undefined) return undefined;
      add(total, segment, weight / sum);
      at = next;
    }
  }
  return { lists, ...fromMap(total) };
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
