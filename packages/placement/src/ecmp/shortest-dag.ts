import Heap from "mnemonist/heap";
import type { PlacementNetwork } from "../network";

/** Every least-cost way towards one node: what an IGP with equal-cost multipath forwards along. */
export interface ShortestDag {
  readonly target: number;
  /** IGP distance of each node; Infinity where there is no way. */
  readonly distance: Float64Array;
  /** Nodes that reach the target, farthest first: every link of the DAG leads from an earlier to a later one. */
  readonly order: Int32Array;
  /** Place of each node in `order`; -1 for those not in it. */
  readonly place: Int32Array;
  /** Next hops of node v are the links `nextLinks[nextStart[v]]` to `nextLinks[nextStart[v + 1] - 1]`. */
  readonly nextStart: Int32Array;
  readonly nextLinks: Int32Array;
}

interface Reached {
  readonly node: number;
  readonly distance: number;
  readonly hops: number;
}

/**
 * Dijkstra on the reversed links, ranked by (distance, fewest links). Hosts are ends of ways, never in between. A link of metric zero
 * belongs to the DAG only where it leads to a node with fewer links to go: otherwise two nodes could send to each other.
 */
export function shortestDag(network: PlacementNetwork, target: number): ShortestDag {
  const nodeCount = network.nodeNames.length;
  const distance = new Float64Array(nodeCount).fill(Number.POSITIVE_INFINITY);
  const hops = new Int32Array(nodeCount).fill(-1);
  const place = new Int32Array(nodeCount).fill(-1);
  const settled: number[] = [];
  const heap = new Heap<Reached>((a, b) => a.distance - b.distance || a.hops - b.hops || a.node - b.node);
  distance[target] = 0;
  hops[target] = 0;
  heap.push({ node: target, distance: 0, hops: 0 });
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
    if (place[next.node] !== -1) continue;
    place[next.node] = settled.length;
    settled.push(next.node);
    if (network.isHost[next.node] === 0 || next.node === target) relax(network, next, distance, hops, heap);
  }
  const order = Int32Array.from(settled).reverse();
  order.forEach((node, i) => (place[node] = i));
  return { target, distance, order, place, ...nextHops(network, target, distance, hops) };
}

function relax(
  { inStart, inLinks, linkFrom, igp }: PlacementNetwork,
  reached: Reached,
  distance: Float64Array,
  hops: Int32Array,
  heap: Heap<Reached>,
): void {
  const end = inStart[reached.node + 1] as number;
  for (let i = inStart[reached.node] as number; i < end; i++) {
    const link = inLinks[i] as number;
    const node = linkFrom[link] as number;
    const through = reached.distance + (igp[link] as number);
    const known = distance[node] as number;
    if (through > known || (through === known && reached.hops + 1 >= (hops[node] as number))) continue;
    distance[node] = through;
    hops[node] = reached.hops + 1;
    heap.push({ node, distance: through, hops: reached.hops + 1 });
  }
}

function nextHops(network: PlacementNetwork, target: number, distance: Float64Array, hops: Int32Array) {
  const { outStart, outLinks, linkTo, igp, isHost } = network;
  const nextStart = new Int32Array(distance.length + 1);
  const nextLinks: number[] = [];
  for (let node = 0; node < distance.length; node++) {
    const own = distance[node] as number;
    const end = outStart[node + 1] as number;
    for (let i = outStart[node] as number; i < end && Number.isFinite(own) && node !== target; i++) {
      const link = outLinks[i] as number;
      const to = linkTo[link] as number;
      if (isHost[to] === 1 && to !== target) continue;
      const metric = igp[link] as number;
      const leads = metric > 0 || (hops[to] as number) < (hops[node] as number);
      if (leads && (distance[to] as number) + metric === own) nextLinks.push(link);
    }
    nextStart[node + 1] = nextLinks.length;
  }
  return { nextStart, nextLinks: Int32Array.from(nextLinks) };
}
