import { isListKey, kernelKeyOf, type ListKey } from "@sextant/model";

/** TCP flows that have left a list since it was last asked. */
export interface FlowMove {
  readonly list: ListKey;
  readonly flows: number;
}

/** Tells what is new in the kernel's counts of TCP flows that left a list. What was counted before the first look is not new. */
export class FlowMoves {
  #seen: ReadonlyMap<bigint, bigint> | undefined;

  /** `moves` are the kernel's counts by key, `entries` the keys of what is installed. */
  since(moves: ReadonlyMap<bigint, bigint>, entries: Iterable<string>): FlowMove[] {
    const before = this.#seen;
    this.#seen = moves;
    if (before === undefined) return [];
    return [...entries].filter(isListKey).flatMap((list) => {
      const key = kernelKeyOf(list);
      const flows = Number((moves.get(key) ?? 0n) - (before.get(key) ?? 0n));
      return flows > 0 ? [{ list, flows }] : [];
    });
  }
}
