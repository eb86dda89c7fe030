import type { Intent } from "@sextant/model";
import { rootOf } from "../compute/first-trees";
import { TREE_LANES } from "../compute/tree-lanes";
import type { FlatGraph } from "../topology/flat-graph";

/** Where roots have fewer intents each, these may not ask for trees of every kind that others do. */
const LEAST_PER_ROOT = 8;
/** Some milliseconds. */
const INTENTS_PER_STEP = 1_024;

/**
 * Intents put so that those whose trees begin at the same node come together: trees may not be kept until another one asks. Within a root the order stays, and roots come
 * in the order of their first intents.
 */
export class SourceOrder {
  readonly intents: readonly Intent[];
  /** In order; and where the intents of each end. */
  readonly #roots: readonly (number | undefined)[];
  readonly #ends: readonly number[];

  /** Others may have their turn between the steps. */
  static *inSteps(intents: Iterable<Intent>, graph: FlatGraph): Generator<void, SourceOrder> {
    const groups = new Map<number | undefined, Intent[]>();
    let seen = 0;
    for (const intent of intents) {
      const root = rootOf(intent, graph);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [intent]);
      else group.push(intent);
      if (++seen % INTENTS_PER_STEP === 0) yield;
    }
    return new SourceOrder(groups);
  }

  private constructor(groups: ReadonlyMap<number | undefined, readonly Intent[]>) {
    let end = 0;
    this.intents = [...groups.values()].flat();
    this.#roots = [...groups.keys()];
    this.#ends = Array.from(groups.values(), ({ length }) => (end += length));
  }

  /** The place of an intent's root among all of them. */
  rootPlace(at: number): number {
    let low = 0;
    let high = this.#ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] as number) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** A root and the next ones, or with -1 the ones before, as many as trees are made at once; none where their trees may not all be asked for. */
  rootsAhead(place: number, step: 1 | -1): number[] {
    const other = place + step * (TREE_LANES - 1);
    const [first, last] = step > 0 ? [place, Math.min(other, this.#ends.length - 1)] : [Math.max(other, 0), place];
    const intents = (this.#ends[last] as number) - (this.#ends[first - 1] ?? 0);
    if (intents < LEAST_PER_ROOT * (last - first + 1)) return [];
    const roots = this.#roots.slice(first, last + 1).filter((root) => root !== undefined);
    return step > 0 ? roots : roots.reverse();
  }
}
