import { type Hop, hopsOf } from "./brute-force";
import type { RandomNetwork } from "./random-network";

/**
 * Where packets go by IGP metric: all shortest ways, worked out by Floyd and Warshall. A packet may take any of them, so what
 * holds must hold for each.
 */
export class IgpModel {
  readonly hops: readonly Hop[];
  readonly #distance = new Map<string, number>();

  constructor(readonly network: RandomNetwork) {
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
   * Sends a packet with the segments (`a` for an End SID, `a>link` for an adjacency) on its way to `destination`, taking every
   * branch. True when each branch crosses exactly the hops of `expected` and ends at the destination.
   */
  takesExactly(segments: readonly string[], destination: string, expected: readonly Hop[]): boolean {
    let at = expected[0]?.from ?? destination;
    let position = 0;
    let index = 0;
    for (;;) {
      const segment = segments[index];
      const [target = destination, link] = segment === undefined ? [destination] : segment.split(">");
      let taken: Hop[];
      if (at === target) {
        if (segment === undefined) return position === expected.length;
        index++;
        if (link === undefined) continue;
        taken = this.hops.filter((hop) => hop.from === at && hop.link.name === link);
      } else taken = this.nextHops(at, target);
      const due = expected[position];
      // One branch that goes elsewhere, or nowhere, is enough to fail.
      if (due === undefined || taken.length !== 1 || taken[0]?.link.name !== due.link.name) return false;
      at = due.to;
      position++;
    }
  }
}
