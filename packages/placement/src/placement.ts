/** Most lists of one demand, as many as a policy may have. */
export const MAX_LISTS = 32;

/** A segment list of a demand and its part of the traffic: `weight` of the sum of the demand's weights. */
export interface WeightedList {
  /** A whole number from 1. */
  readonly weight: number;
  /** Nodes to pass between the ends of the demand, by index; none: the IGP's own way. */
  readonly midpoints: readonly number[];
  /** Where the way is known by its links instead: those in travel order, by index; there are no midpoints then. */
  readonly links?: readonly number[];
}

/** How every demand is carried: one entry per demand, empty for those that no list can carry. */
export type Placement = readonly (readonly WeightedList[])[];

/** The IGP's own way. */
export const PLAIN: readonly WeightedList[] = [{ weight: 1, midpoints: [] }];

/** True when both carry the demand in the same way; weights count by their proportions. */
export function sameLists(a: readonly WeightedList[], b: readonly WeightedList[]): boolean {
  if (a === b) return true;
  const sumA = weightSum(a);
  const sumB = weightSum(b);
  const parts = new Map(a.map((list) => [listKey(list), list.weight * sumB]));
  return a.length === b.length && b.every((list) => parts.get(listKey(list)) === list.weight * sumA);
}

/** Equal for lists that say the same. */
export function listKey({ midpoints, links }: Pick<WeightedList, "midpoints" | "links">): string {
  return links === undefined ? midpoints.join() : `links ${links.join()}`;
}

export function weightSum(lists: readonly WeightedList[]): number {
  return lists.reduce((sum, { weight }) => sum + weight, 0);
}

/** Most midpoints of any list that is given by them. */
export function mostMidpoints(placement: Placement): number {
  let most = 0;
  for (const lists of placement) for (const { midpoints } of lists) most = Math.max(most, midpoints.length);
  return most;
}
