import LRUMap from "mnemonist/lru-map";
import type { PlacementNetwork } from "../network";
import { type ShortestDag, shortestDag } from "./shortest-dag";

/** Share of a flow on each link that it touches; links ascend. */
export interface LinkShares {
  readonly links: Int32Array;
  readonly shares: Float64Array;
}

/** Memory for kept shares of pairs, and for kept DAGs; the least recently used go first. */
const MAX_PAIR_BYTES = 128 * 1024 * 1024;
const MAX_DAG_BYTES = 256 * 1024 * 1024;
const BYTES_PER_SHARE = 12;
/** Links that a pair touches, as a guess for the bound; a DAG touches all at most. */
const USUAL_PAIR_LINKS = 64;
const NO_SHARES: LinkShares = { links: new Int32Array(0), shares: new Float64Array(0) };

/** How a network splits flows over equal-cost shortest ways: at every node evenly over the next-hop links (not over the ways). */
export class Ecmp {
  readonly #dags: LRUMap<number, ShortestDag>;
  readonly #pairs: LRUMap<number, LinkShares | null>;
  readonly #atNode: Float64Array;

  constructor(readonly network: PlacementNetwork) {
    const nodes = network.nodeNames.length;
    const dagBytes = 24 * nodes + 4 * network.linkNames.length;
    this.#dags = new LRUMap(Math.max(16, Math.min(nodes, Math.floor(MAX_DAG_BYTES / dagBytes))));
    const pairBytes = BYTES_PER_SHARE * Math.min(USUAL_PAIR_LINKS, network.linkNames.length) + 200;
    this.#pairs = new LRUMap(Math.max(16, Math.min(nodes * nodes, Math.floor(MAX_PAIR_BYTES / pairBytes))));
    this.#atNode = new Float64Array(nodes);
  }

  /** The shortest ways towards a node. */
  dag(target: number): ShortestDag {
    const kept = this.#dags.get(target);
    if (kept !== undefined) return kept;
    const dag = shortestDag(this.network, target);
    this.#dags.set(target, dag);
    return dag;
  }

  /** What a flow from one node to another puts on each link; undefined when there is no way, empty for a node to itself. */
  shares(from: number, to: number): LinkShares | undefined {
    if (from === to) return NO_SHARES;
    const key = from * this.network.nodeNames.length + to;
    const kept = this.#pairs.get(key);
    if (kept !== undefined) return kept ?? undefined;
    const shares = this.#spread(from, this.dag(to));
    this.#pairs.set(key, shares ?? null);
    return shares;
  }

  #spread(from: number, dag: ShortestDag): LinkShares | undefined {
    const first = dag.place[from] as number;
    if (first < 0) return undefined;
    const { linkTo } = this.network;
    const atNode = this.#atNode;
    const found: [number, number][] = [];
    atNode[from] = 1;
    for (let i = first; i < dag.order.length; i++) {
      const node = dag.order[i] as number;
      const amount = atNode[node] as number;
      if (amount === 0) continue;
      atNode[node] = 0;
      const start = dag.nextStart[node] as number;
      const end = dag.nextStart[node + 1] as number;
      for (let next = start; next < end; next++) {
        const link = dag.nextLinks[next] as number;
        const to = linkTo[link] as number;
        atNode[to] = (atNode[to] as number) + amount / (end - start);
        found.push([link, amount / (end - start)]);
      }
    }
    found.sort((a, b) => a[0] - b[0]);
    return { links: Int32Array.from(found, ([link]) => link), shares: Float64Array.from(found, ([, share]) => share) };
  }
}
