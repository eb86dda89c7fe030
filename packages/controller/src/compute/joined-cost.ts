/** Two costs of each edge as one number: sums over a way are compared by the first, then by the second. */
export interface JoinedCost {
  readonly both: Float64Array;
  /** What one of the first counts in both: a power of two. */
  readonly factor: number;
}

/** Joins costs of edges, for ways that pass each of so many nodes once; the first alone without a second. Undefined where sums would not all be exact. */
export function joinCosts(
  first: Float64Array,
  second: Float64Array | undefined,
  nodes: number,
): JoinedCost | undefined {
  const longest = (cost: Float64Array) => nodes * cost.reduce((most, each) => Math.max(most, each), 1);
  const factor = second === undefined ? 1 : 2 ** Math.ceil(Math.log2(longest(second) + 1));
  if (longest(first) * factor > Number.MAX_SAFE_INTEGER / 2) return undefined;
  const both = second === undefined ? first : first.map((cost, edge) => cost * factor + (second[edge] as number));
  return { both, factor };
}
