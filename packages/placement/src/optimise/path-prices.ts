import Heap from "mnemonist/heap";
import type { Carriage } from "../ecmp/carriage";
import type { PlacementNetwork } from "../network";
import type { Oracle } from "./oracle";

interface Reached {
  readonly node: number;
  readonly cost: number;
}

interface Tree {
  readonly cost: Float64Array;
  /** The link that each node's cheapest path begins with; -1 for none. */
  readonly first: Int32Array;
}

/**
 * The cheapest path of all, whatever the IGP would do: with it column generation solves the multi-commodity flow problem, which no
 * routing can beat.
 */
export class PathPrices implements Oracle {
  readonly #trees = new Map<number, Tree>();

  constructor(
    readonly network: PlacementNetwork,
    readonly targets: readonly number[],
  ) {}

  update(price: Float64Array): void {
    for (const target of this.targets) this.#trees.set(target, cheapestTowards(this.network, target, price));
  }

  cost(from: number, to: number): number {
    return this.#trees.get(to)?.cost[from] ?? Number.POSITIVE_INFINITY;
  }

  carriage(from: number, to: number): Carriage | undefined {
    const tree = this.#trees.get(to);
    if (tree === undefined || !Number.isFinite(tree.cost[from])) return undefined;
    const links: number[] = [];
    let node = from;
    while (node !== to) {
      const link = tree.first[node] as number;
      links.push(link);
      node = this.network.linkTo[link] as number;
    }
    return { lists: [], links: Int32Array.from(links).sort(), shares: new Float64Array(links.length).fill(1) };
  }
}

/** Dijkstra on the reversed links by price; hosts are ends only. A settled node never changes, so prices of zero make no circles. */
function cheapestTowards(network: PlacementNetwork, target: number, price: Float64Array): Tree {
  const { inStart, inLinks, linkFrom, isHost } = network;
  const cost = new Float64Array(isHost.length).fill(Number.POSITIVE_INFINITY);
  const first = new Int32Array(isHost.length).fill(-1);
  const settled = new Uint8Array(isHost.length);
  const heap = new Heap<Reached>((a, b) => a.cost - b.cost || a.node - b.node);
  cost[target] = 0;
  heap.push({ node: target, cost: 0 });
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
    if (settled[next.node] === 1) continue;
    settled[next.node] = 1;
    if (isHost[next.node] === 1 && next.node !== target) continue;
    const end = inStart[next.node + 1] as number;
    for (let i = inStart[next.node] as number; i < end; i++) {
      const link = inLinks[i] as number;
      const node = linkFrom[link] as number;
      const through = next.cost + (price[link] as number);
      if (settled[node] === 1 || through >= (cost[node] as number)) continue;
      cost[node] = through;
      first[node] = link;
      heap.push({ node, cost: through });
    }
  }
  return { cost, first };
}
