import LRUMap from "mnemonist/lru-map";
import type { FlatGraph } from "../topology/flat-graph";
import { GrowingTree } from "./growing-tree";
import { TreeMaker, type TreeRules, type WholeTree } from "./whole-tree";

/** Memory that the trees of one graph may take. */
const MAX_BYTES = 128 * 1024 * 1024;

/** Makers of one graph that are kept, about 1 MB each for 40,000 edges; the least recently used goes first. */
const MAX_MAKERS = 24;

/** A search holds a few trees at a time. Where a generation has room for so many, those that are forgotten are nobody's any more, and new trees take their memory. */
const MANY_TREES = 64;

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
  /** Memory of whole trees that were forgotten: at most a generation. Without it the garbage collector would have to look at everything after every few hundred trees. */
  #spare: WholeTree[] = [];
  /** Whether memory may be taken from what is forgotten. */
  readonly #isReusing: boolean;
  readonly #makers = new LRUMap<number, TreeMaker>(MAX_MAKERS);
  readonly #kindOf = new WeakMap<Float64Array, WeakMap<Uint8Array, number>>();

  constructor(readonly graph: FlatGraph) {
    const bytesPerTree = 2 * Int32Array.BYTES_PER_ELEMENT * graph.nodeNames.length;
    this.#isReusing = MANY_TREES * bytesPerTree <= MAX_BYTES / 2;
  }

  get(root: number, rules: TreeRules): GrowingTree {
    const kind = this.#kindOfRules(rules);
    const key = kind * this.graph.nodeNames.length + root;
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    const makeWhole = () => this.#maker(kind, rules).make(root, this.#spare.pop());
    const tree = old ?? new GrowingTree(this.graph, { ...rules, root }, makeWhole, (bytes) => this.#grown(bytes));
    this.#old.delete(key);
    this.#young.set(key, tree);
    if (old !== undefined) this.#grown(old.bytes);
    return tree;
  }

  maker(rules: TreeRules): TreeMaker {
    return this.#maker(this.#kindOfRules(rules), rules);
  }

  #maker(kind: number, rules: TreeRules): TreeMaker {
    const maker = this.#makers.get(kind) ?? new TreeMaker(this.graph, rules);
    this.#makers.set(kind, maker);
    return maker;
  }

  #kindOfRules({ cost, usable, direction }: TreeRules): number {
    return 2 * this.#numberOf(cost, usable ?? EVERY_EDGE) + (direction === "from" ? 1 : 0);
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
    const forgotten = this.#old;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
    if (!this.#isReusing) return;
    this.#spare = [];
    for (const tree of forgotten.values()) {
      const whole = tree.release();
      if (whole !== undefined) this.#spare.push(whole);
    }
  }
}

const stores = new WeakMap<FlatGraph, TreeStore>();

/** The tree of a root by these rules, grown as far as anybody has asked. At most 128 MiB of trees are kept with a graph. */
export function growingTree(graph: FlatGraph, root: number, rules: TreeRules): GrowingTree {
  return storeOf(graph).get(root, rules);
}

/** What makes whole trees by these rules; 24 are kept with a graph. */
export function treeMaker(graph: FlatGraph, rules: TreeRules): TreeMaker {
  return storeOf(graph).maker(rules);
}

function storeOf(graph: FlatGraph): TreeStore {
  const store = stores.get(graph) ?? new TreeStore(graph);
  stores.set(graph, store);
  return store;
}
