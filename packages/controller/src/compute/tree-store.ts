import LRUMap from "mnemonist/lru-map";
import type { FlatGraph } from "../topology/flat-graph";
import { GrowingTree } from "./growing-tree";
import { TREE_LANES, TreeLanes } from "./tree-lanes";
import { TreeMaker, type TreeMemory, treeMemory, type TreeRules, WholeTree } from "./whole-tree";

/** Memory of trees that were asked for once, or not for long: what many plans need one after the other stays in the processor's cache. */
const MAX_NEW_BYTES = 16 * 1024 * 1024;
/** Memory of trees that were asked for again when they had been forgotten. */
const MAX_KEPT_BYTES = 112 * 1024 * 1024;
/** Forgotten trees that are remembered as such. */
const MAX_FORGOTTEN = 32_768;

/** Makers of one graph that are kept, about 1 MB each for 40,000 edges; the least recently used goes first. */
const MAX_MAKERS = 24;

/** A search holds a few trees at a time: those that were asked for before as many others are nobody's any more, and new trees take their memory. */
const MANY_TREES = 64;

/** Trees that will be asked for. */
export interface ExpectedTrees {
  readonly roots: readonly number[];
  /** Absent: of each kind that is asked for at all. */
  readonly rules?: TreeRules;
}

const NONE = -1;
/** Stands for "every edge". */
const EVERY_EDGE = new Uint8Array(0);

/** Trees up to so many bytes, but so many in any case; the one that nobody has asked for longest goes first. */
class RecentTrees {
  /** In the order in which they were asked for. */
  readonly #trees = new Map<number, GrowingTree>();
  #last: number | undefined;
  #bytes = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly leastCount: number,
    private readonly onForgotten: (key: number, tree: GrowingTree) => void,
  ) {}

  get(key: number): GrowingTree | undefined {
    const tree = this.#trees.get(key);
    if (tree === undefined || key === this.#last) return tree;
    this.#trees.delete(key);
    this.#trees.set(key, tree);
    this.#last = key;
    return tree;
  }

  add(key: number, tree: GrowingTree): void {
    this.#trees.set(key, tree);
    this.#last = key;
    this.grown(key, tree, tree.bytes);
  }

  /** A tree takes so many bytes more; it may have been forgotten. */
  grown(key: number, tree: GrowingTree, bytes: number): void {
    if (this.#trees.get(key) !== tree) return;
    this.#bytes += bytes;
    for (const [oldest, forgotten] of this.#trees) {
      if (this.#bytes <= this.maxBytes || this.#trees.size <= this.leastCount || forgotten === tree) break;
      this.#trees.delete(oldest);
      this.#bytes -= forgotten.bytes;
      this.onForgotten(oldest, forgotten);
    }
  }
}

/**
 * The trees of one graph, shared by all searches of equal rules. Most are asked for often for a short while and then never again: so a new one is forgotten soon. One that is
 * asked for after that is kept longer (2Q: Johnson and Shasha 1994).
 */
class TreeStore {
  readonly #new: RecentTrees;
  readonly #kept: RecentTrees;
  readonly #forgotten = new Set<number>();
  /** Roots by kind; those of every other kind. */
  readonly #expected = new Map<number, readonly number[]>();
  #expectedOfAll: readonly number[] = [];
  #kinds = 0;
  /** Arrays of rules that one of the trees counts as its own: trees keep them from being forgotten. */
  readonly #counted = new WeakSet<object>();
  /** Memory of whole trees that were forgotten, for the next ones: never more than there were trees at a time. */
  readonly #spare: TreeMemory[] = [];
  /** Whether memory is taken from what is forgotten: in networks where many trees have room. */
  readonly #isReusing: boolean;
  readonly #makers = new LRUMap<number, TreeMaker>(MAX_MAKERS);
  readonly #lanes = new LRUMap<number, { readonly made: TreeLanes | undefined }>(MAX_MAKERS);
  readonly #kindOf = new WeakMap<Float64Array, WeakMap<Uint8Array, number>>();

  constructor(readonly graph: FlatGraph) {
    const bytesPerTree = 2 * Int32Array.BYTES_PER_ELEMENT * graph.nodeNames.length;
    this.#isReusing = MANY_TREES * bytesPerTree <= MAX_NEW_BYTES;
    const leastCount = this.#isReusing ? MANY_TREES : 1;
    this.#new = new RecentTrees(MAX_NEW_BYTES, leastCount, (key, tree) => {
      this.#forgotten.add(key);
      if (this.#forgotten.size > MAX_FORGOTTEN) this.#forgotten.delete(this.#forgotten.values().next().value as number);
      this.#release(tree);
    });
    this.#kept = new RecentTrees(MAX_KEPT_BYTES, leastCount, (_, tree) => this.#release(tree));
  }

  get(root: number, rules: TreeRules): GrowingTree {
    const kind = this.#kindOfRules(rules);
    const key = kind * this.graph.nodeNames.length + root;
    return this.#held(key) ?? this.#add(key, kind, { ...rules, root });
  }

  held(root: number, rules: TreeRules): GrowingTree | undefined {
    return this.#held(this.#kindOfRules(rules) * this.graph.nodeNames.length + root);
  }

  expect(expected: readonly ExpectedTrees[]): void {
    this.#expected.clear();
    this.#expectedOfAll = [];
    for (const { roots, rules } of expected) {
      if (rules === undefined) this.#expectedOfAll = roots;
      else this.#expected.set(this.#kindOfRules(rules), roots);
    }
  }

  #held(key: number): GrowingTree | undefined {
    return this.#new.get(key) ?? this.#kept.get(key);
  }

  maker(rules: TreeRules): TreeMaker {
    return this.#maker(this.#kindOfRules(rules), rules);
  }

  #add(key: number, kind: number, rules: TreeRules & { readonly root: number }): GrowingTree {
    const trees = this.#forgotten.delete(key) ? this.#kept : this.#new;
    const tree = new GrowingTree(this.graph, rules, {
      makeWhole: () => this.#makeWhole(kind, rules),
      arrays: this.#countArrays(rules),
      onGrown: (bytes) => trees.grown(key, tree, bytes),
    });
    trees.add(key, tree);
    return tree;
  }

  /** Makes the tree of a root and, side by side with it, those of the roots that are expected after it. */
  #makeWhole(kind: number, { root, ...rules }: TreeRules & { readonly root: number }): WholeTree | undefined {
    const keyOf = (other: number) => kind * this.graph.nodeNames.length + other;
    const expected = this.#expected.get(kind) ?? this.#expectedOfAll;
    // Where few trees have room, those that are made ahead would take it from each other.
    const at = this.#isReusing ? expected.indexOf(root) : NONE;
    const after = at < 0 ? [] : expected.slice(at + 1, at + TREE_LANES);
    const { isHost } = this.graph;
    const others = after.filter((other) => isHost[other] === 0 && this.#held(keyOf(other)) === undefined);
    const several = others.length === 0 ? undefined : this.#lanesOf(kind, rules)?.search([root, ...others]);
    for (const [i, other] of others.entries()) {
      const searched = several?.[i + 1];
      if (searched === undefined) break;
      this.#add(keyOf(other), kind, { ...rules, root: other }).takeWhole(WholeTree.of(searched, this.#takeMemory()));
    }
    const own = several?.[0] ?? this.#maker(kind, rules).search(root);
    return own && WholeTree.of(own, this.#takeMemory());
  }

  /** Bytes of the arrays that no tree has counted. */
  #countArrays({ cost, usable }: TreeRules): number {
    let bytes = 0;
    for (const array of [cost, usable]) {
      if (array === undefined || this.#counted.has(array)) continue;
      this.#counted.add(array);
      bytes += array.byteLength;
    }
    return bytes;
  }

  #maker(kind: number, rules: TreeRules): TreeMaker {
    const maker = this.#makers.get(kind) ?? new TreeMaker(this.graph, rules);
    this.#makers.set(kind, maker);
    return maker;
  }

  #lanesOf(kind: number, rules: TreeRules): TreeLanes | undefined {
    const lanes = this.#lanes.get(kind) ?? { made: TreeLanes.of(this.graph, rules) };
    this.#lanes.set(kind, lanes);
    return lanes.made;
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
    const isEvery = usable !== EVERY_EDGE && !usable.includes(0);
    const number = isEvery ? this.#numberOf(cost, EVERY_EDGE) : this.#kinds++;
    byUsable.set(usable, number);
    return number;
  }

  #takeMemory(): TreeMemory {
    return this.#spare.pop() ?? treeMemory(this.graph.nodeNames.length, this.#isReusing ? "uncounted" : "counted");
  }

  #release(tree: GrowingTree): void {
    const memory = this.#isReusing ? tree.release()?.memory : undefined;
    if (memory !== undefined) this.#spare.push(memory);
  }
}

const stores = new WeakMap<FlatGraph, TreeStore>();

/**
 * The tree of a root by these rules, grown as far as anybody has asked. At most 128 MiB of trees are kept with a graph, or twice 64 trees with the arrays of their rules, if those take
 * more.
 */
export function growingTree(graph: FlatGraph, root: number, rules: TreeRules): GrowingTree {
  return storeOf(graph).get(root, rules);
}

/** These trees will be asked for, in about this order: they may be made at once. Until others are expected. */
export function expectTrees(graph: FlatGraph, expected: readonly ExpectedTrees[]): void {
  storeOf(graph).expect(expected);
}

/** The same if somebody has asked for it and it has not been forgotten. */
export function heldTree(graph: FlatGraph, root: number, rules: TreeRules): GrowingTree | undefined {
  return storeOf(graph).held(root, rules);
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
