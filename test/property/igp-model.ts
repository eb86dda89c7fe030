import { type Hop, hopsOf } from "./brute-force";
import { networkWithin } from "./random-algorithms";
import type { RandomNetwork } from "./random-network";

/**
 * Where packets go by IGP metric: all shortest ways, worked out by Floyd and Warshall. A packet may take any of them, so what
 * holds must hold for each.
 */
export class IgpModel {
  readonly hops: readonly Hop[];
  readonly #distance = new Map<string, number>();
  /** The network as each of its flexible algorithms sees it, by name. */
  readonly algorithms: ReadonlyMap<string, IgpModel>;

  constructor(readonly network: RandomNetwork) {
    const { algorithms = [], ...plain } = network;
    this.algorithms = new Map(algorithms.map((each) => [each.name, new IgpModel(networkWithin(plain, each))]));
    this.hops = hopsOf(network);
    const nodes = [...network.routers, ...network.hosts];
    for (const node of nodes) this.#set(node, node, 0);
    for (const { from, to, igp } of this.hops) this.#set(from, to, Math.min(igp, this.distance(from, to)));
    // Only routers stand in between: a host carries no transit.
    for (const middle of network.routers) {
      for (const from of nodes) {
        for (const to of nodes) {
          this.#set(
            from,
            to,
            Math.min(this.distance(from, to), this.distance(from, middle) + this.distance(middle, to)),
          );
        }
      }
    }
  }

  distance(from: string, to: string): number {
    return this.#distance.get(`${from} ${to}`) ?? Number.POSITIVE_INFINITY;
  }

  #set(from: string, to: string, metric: number): void {
    this.#distance.set(`${from} ${to}`, metric);
  }

  /** Every hop that a packet at `from` may take towards `to`. */
  nextHops(from: string, to: string): Hop[] {
    return this.hops.filter(
      (hop) =>
        hop.from === from &&
        (hop.to === to || this.network.routers.includes(hop.to)) &&
        Number.isFinite(this.distance(from, to)) &&
        hop.igp + this.distance(hop.to, to) === this.distance(from, to),
    );
  }

  /**
   * Sends a packet with the segments (`a` for an End SID, `a>link` for an adjacency, `fast:a` for one of a flexible algorithm) on its way to
   * `destination`, taking every branch. True when each branch crosses exactly the hops of `expected` and ends at the destination.
   */
  takesExactly(segments: readonly string[], destination: string, expected: readonly Hop[]): boolean {
    const position = this.positionAfter(segments, expected);
    return position !== undefined && this.positionAfter([destination], expected, position) === expected.length;
  }

  /** How far the segments bring a packet along `expected` from a position of it; undefined when a branch goes another way. */
  positionAfter(segments: readonly string[], expected: readonly Hop[], start = 0): number | undefined {
    let position = start;
    let at = expected[start]?.from ?? expected.at(-1)?.to;
    const cross = (taken: readonly Hop[]) => {
      const due = expected[position++];
      // One branch that goes elsewhere, or nowhere, is enough to fail.
      const isDue = due !== undefined && taken.length === 1 && taken[0]?.link.name === due.link.name;
      at = due?.to;
      return isDue;
    };
    for (const segment of segments) {
      const { algorithm, target, link } = partsOf(segment);
      const routing = algorithm === undefined ? this : this.algorithms.get(algorithm);
      if (routing === undefined) return undefined;
      while (at !== target) if (at === undefined || !cross(routing.nextHops(at, target))) return undefined;
      const over = (hop: Hop) => hop.from === target && hop.link.name === link;
      if (link !== undefined && !cross(routing.hops.filter(over))) return undefined;
    }
    return position;
  }
}

/** Of `fast:a>link`. */
function partsOf(segment: string): { algorithm: string | undefined; target: string; link: string | undefined } {
  const [, algorithm, target = "", link] = /^(?:([^:]+):)?([^>]+)(?:>(.+))?$/.exec(segment) ?? [];
  return { algorithm, target, link };
}
