import type { FlatGraph } from "../topology/flat-graph";
import { type Aim, giveWaveBack, NO_NEXT_HOP, takeWave, type Wave, type WaveRules } from "./wave";
import { NO_WAY, type WholeTree } from "./whole-tree";

/** Nodes that a tree has at least: what most questions take. */
const LEAST_NODES = 256;
/** A small tree that begins anew has so many times more nodes than before. */
const GROWTH = 3;
/** A tree with this share of all nodes is kept as arrays over all of them, and goes on from where it is. */
const DENSE_SHARE = 1 / 4;
/** A node's cost, its next hop and its number. */
const BYTES_PER_NODE = 16;
/** The same of a whole tree. */
const WHOLE_BYTES_PER_NODE = 8;
const BYTES_PER_TREE = 512;
const BYTES_PER_NOTE = 40;

/** Whoever keeps a tree. */
interface TreeOwner {
  /** Makes all of it at once, if that can be done. */
  readonly makeWhole: () => WholeTree | undefined;
  /** Bytes of the rules' arrays that this tree counts as its own. */
  readonly arrays: number;
  /** Told by how many bytes the tree has grown. */
  readonly onGrown: (bytes: number) => void;
}

/**
 * Least-cost ways between a root and the nodes around it, grown as far as they have been asked for: what lies next to the root costs little, however large the
 * network. Small trees keep a row per node, and begin anew with three times as many nodes when more is asked for. Where costs are whole numbers all of the
 * network is looked at as soon as a certain node is asked for that is not known yet.
 */
export class GrowingTree {
  /** Costs up to this are final. */
  #radius = -1;
  #whole: WholeTree | undefined;
  #wave: Wave | undefined;
  #nodes: Int32Array = new Int32Array(0);
  #distances = new Float64Array(0);
  #soles = new Int32Array(0);
  readonly #soleNextHops = new Map<number, boolean>();
  #bytes: number;
  #lookedAt = 0;

  /** All of it, as soon as it is whole. */
  get whole(): WholeTree | undefined {
    return this.#whole;
  }

  /** Forgets all that is known, and gives its memory back if it is whole. Nobody is told how much. */
  release(): WholeTree | undefined {
    const whole = this.#whole;
    if (whole === undefined) return undefined;
    this.#whole = undefined;
    this.#radius = -1;
    this.#bytes -= WHOLE_BYTES_PER_NODE * this.graph.nodeNames.length;
    return whole;
  }

  /** How many nodes have been looked at because of questions about it, each time that one was. */
  get lookedAt(): number {
    return this.#lookedAt;
  }

  /** So many nodes have been looked at for an answer, beside those of the tree. */
  noteLookedAt(nodes: number): void {
    this.#lookedAt += nodes;
  }

  /** For edges that were asked about: whether they are the one next hop towards the root. */
  get soleNextHops(): ReadonlyMap<number, boolean> {
    return this.#soleNextHops;
  }

  noteSoleNextHop(edge: number, isSole: boolean): void {
    this.#soleNextHops.set(edge, isSole);
    this.#bytes += BYTES_PER_NOTE;
    this.owner.onGrown(BYTES_PER_NOTE);
  }

  /** Memory that it takes. */
  get bytes(): number {
    return this.#bytes;
  }

  constructor(
    readonly graph: FlatGraph,
    readonly rules: WaveRules & { readonly root: number },
    private readonly owner: TreeOwner,
  ) {
    this.#bytes = BYTES_PER_TREE + owner.arrays;
  }

  /** Cost between the root and a node; Infinity where there is no way. */
  distance(node: number): number {
    this.growTo(node);
    return this.#final(node);
  }

  /** The one edge by which the node's least-cost ways are joined to the root, or NO_NEXT_HOP or SEVERAL_NEXT_HOPS. */
  sole(node: number): number {
    this.growTo(node);
    if (this.#whole !== undefined) return this.#whole.sole(node);
    if (this.#wave !== undefined) return this.#wave.sole[node] as number;
    const at = this.#find(node);
    return at < 0 ? NO_NEXT_HOP : (this.#soles[at] as number);
  }

  /** The same, as long as the tree has grown so far already. */
  knownSole(node: number): number | undefined {
    if (this.#radius < Number.POSITIVE_INFINITY && this.#final(node) === Number.POSITIVE_INFINITY) return undefined;
    return this.sole(node);
  }

  /** What the cost is at least, by what is known: the cost itself after `growTo`. Lower bounds of neighbours differ by no more than their link's cost. */
  least(node: number): number {
    const final = this.#final(node);
    return final < this.#radius ? final : this.#radius;
  }

  /** Afterwards all costs up to this are known. */
  growWithin(cost: number): void {
    if (cost > this.#radius) this.#grow({ within: cost });
  }

  /** Whether the cost is at most so much: the tree grows no further than that. */
  isWithin(node: number, cost: number): boolean {
    const final = this.#final(node);
    if (final < Number.POSITIVE_INFINITY) return final <= cost;
    this.growWithin(cost);
    return this.#final(node) <= cost;
  }

  /** Afterwards the cost of this node is known. */
  growTo(node: number): void {
    if (this.#radius < Number.POSITIVE_INFINITY && this.#final(node) === Number.POSITIVE_INFINITY) {
      if (!this.#growWhole()) this.#grow({ until: node });
    }
  }

  /** Makes the whole tree at once; false where that cannot be done. */
  #growWhole(): boolean {
    if (this.#whole !== undefined || this.#wave !== undefined) return this.#whole !== undefined;
    const whole = this.owner.makeWhole();
    if (whole !== undefined) this.takeWhole(whole);
    return whole !== undefined;
  }

  /** From now on all of it is known. */
  takeWhole(whole: WholeTree): void {
    this.#whole = whole;
    this.#radius = Number.POSITIVE_INFINITY;
    this.#nodes = new Int32Array(0);
    this.#distances = new Float64Array(0);
    this.#soles = new Int32Array(0);
    this.#lookedAt += this.graph.nodeNames.length;
    this.#count(WHOLE_BYTES_PER_NODE * this.graph.nodeNames.length);
  }

  /** Infinity when it is not known yet. */
  #final(node: number): number {
    if (this.#whole !== undefined) {
      const known = this.#whole.distance[node] as number;
      return known === NO_WAY ? Number.POSITIVE_INFINITY : known;
    }
    if (this.#wave === undefined) {
      const at = this.#find(node);
      return at < 0 ? Number.POSITIVE_INFINITY : (this.#distances[at] as number);
    }
    const known = this.#wave.distance[node] as number;
    return known <= this.#radius ? known : Number.POSITIVE_INFINITY;
  }

  #grow(aim: Aim): void {
    if (this.#wave === undefined) {
      this.#beginAnew(aim);
      return;
    }
    const before = this.#wave.reachedCount;
    this.#radius = this.#wave.advance(this.graph, this.rules, aim);
    this.#lookedAt += this.#wave.reachedCount - before;
  }

  #beginAnew(aim: Aim): void {
    const { graph, rules } = this;
    const wave = takeWave(graph);
    wave.begin(rules.root, 0);
    const least = Math.max(LEAST_NODES, GROWTH * this.#nodes.length);
    this.#radius = wave.advance(graph, rules, { ...aim, least });
    this.#lookedAt += wave.reachedCount;
    const final = this.#finalOf(wave);
    const isDense = final.length > DENSE_SHARE * graph.nodeNames.length;
    if (isDense) this.#wave = wave;
    this.#keep(isDense ? new Int32Array(0) : final, wave);
    this.#count(BYTES_PER_NODE * (isDense ? graph.nodeNames.length : final.length));
    if (!isDense) giveWaveBack(graph, wave);
  }

  /** Nodes whose cost is final, in order. */
  #finalOf(wave: Wave): Int32Array {
    return wave.reached
      .subarray(0, wave.reachedCount)
      .filter((node) => (wave.distance[node] as number) <= this.#radius)
      .sort();
  }

  #keep(nodes: Int32Array, wave: Wave): void {
    this.#nodes = nodes;
    this.#distances = new Float64Array(nodes.length);
    this.#soles = new Int32Array(nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      this.#distances[i] = wave.distance[nodes[i] as number] as number;
      this.#soles[i] = wave.sole[nodes[i] as number] as number;
    }
  }

  #count(ofNodes: number): void {
    const bytes = BYTES_PER_TREE + this.owner.arrays + this.#soleNextHops.size * BYTES_PER_NOTE + ofNodes;
    this.owner.onGrown(bytes - this.#bytes);
    this.#bytes = bytes;
  }

  /** Binary search; negative when it is not there. */
  #find(node: number): number {
    const nodes = this.#nodes;
    let low = 0;
    let high = nodes.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = nodes[middle] as number;
      if (found === node) return middle;
      if (found < node) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
