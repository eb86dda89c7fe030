import type { FlatGraph } from "../topology/flat-graph";
import { GrowingTree } from "./growing-tree";
import type { WaveRules } from "./wave";

/** Memory that the trees of one graph may take. */
const MAX_BYTES = 128 * 1024 * 1024;

/** Stands for "every edge". */
const EVERY_EDGE = new Uint8Array(0);

/**
 * The trees of one graph, shared by all searches of equal rules. They are held in two generations: one that is asked for joins the younger; when that is full, the
 * older, which nobody has asked for since, is forgotten.
 */
class TreeStore {
  #young = new Map<number, GrowingTree>();
  #old = new Map<number, GrowingTree>();
  #youngBytes = 0;
  #kinds = 0;
  readonly #kindOf = new WeakMap<Float64Array, WeakMap<Uint8Array, number>>();

  constructor(readonly graph: FlatGraph) {}

  get(root: number, { cost, usable, direction }: Omit<WaveRules, "root">): GrowingTree {
    const kind = 2 * this.#numberOf(cost, usable ?? EVERY_EDGE) + (direction === "from" ? 1 : 0);
    const key = kind * this.graph.nodeNames.length + root;
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    const tree = old ?? new GrowingTree(this.graph, { cost, usable, root, direction }, (bytes) => this.#grown(bytes));
    this.#old.delete(key);
    this.#young.set(key, tree);
    if (old !== undefined) this.#grown(old.bytes);
    return tree;
  }

  /** Equal rules have equal arrays. */
  #numberOf(cost: Float64Array, usable: Uint8Array): number {
    const byUsable = this.#kindOf.get(cost) ?? new WeakMap<Uint8Array, number>();
    this.#kindOf.set(cost, byUsable);
    const known = byUsable.get(usable);
    if (known !== undefined) return known;
    // Trees keep these arrays from being forgotten.
    this.#grown(cost.byteLength + usable.byteLength);
    const isEvery = usable !== EVERY_EDGE && !usable.includes(0);
    const number = isEvery ? this.#numberOf(cost, EVERY_EDGE) : this.#kinds++;
    byUsable.set(usable, number);
    return number;
  }

  #grown(bytes: number): void {
    this.#youngBytes += bytes;
    if (this.#youngBytes < MAX_BYTES / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }
}

const stores = new WeakMap<FlatGraph, TreeStore>();

/** The tree of a root by these rules, grown as far as anybody has asked. At most 128 MiB of trees are kept with a graph. */
export function growingTree(graph: FlatGraph, root: number, rules: Omit<WaveRules, "root">): GrowingTree {
  const store = stores.get(graph) ?? new TreeStore(graph);
  stores.set(graph, store);
  return store.get(root, rules);
}
