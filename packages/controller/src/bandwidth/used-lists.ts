import type { PlannedList, PlannedPolicy } from "../pipeline/plan";

/** The lists that carry a policy's packets while all is well: those of its first candidate that fit a header. None: plain routing does, or nothing. */
export function usedLists({ candidates }: Pick<PlannedPolicy, "candidates">): readonly PlannedList[] {
  for (const { lists } of candidates) {
    const encoded = lists.filter((list) => list.encoded.kind === "encoded");
    if (encoded.length > 0) return encoded;
  }
  return [];
}
