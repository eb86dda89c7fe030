/** What the oracle needs to know of a network: directed links between nodes by name, metrics, who carries no transit. */
export interface NaiveLink {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly igp: number;
  readonly capacityMbps: number;
}

export interface NaiveList {
  readonly weight: number;
  readonly midpoints: readonly string[];
  /** The way itself, instead of midpoints. */
  readonly links?: readonly string[];
}

export interface NaiveDemand {
  readonly from: string;
  readonly to: string;
  readonly mbps: number;
  readonly lists: readonly NaiveList[];
}

/** Hops count below one unit of metric. */
const UNIT = 1_000_000;

/**
 * Equal-cost multipath from its definition, for judging the engine: distances between all nodes by Floyd and Warshall, and a recursion that
 * hands a flow on in equal parts. It shares nothing with the product and knows nothing of typed arrays.
 */
export class NaiveEcmp {
  readonly #distance = new Map<string, Map<string, number>>();
  readonly #out = new Map<string, NaiveLink[]>();
  readonly #kept = new Map<string, ReadonlyMap<string, number> | undefined>();

  constructor(
    nodes: readonly string[],
    readonly links: readonly NaiveLink[],
    readonly hosts: ReadonlySet<string> = new Set(),
  ) {
    for (const a of nodes) this.#distance.set(a, new Map(nodes.map((b) => [b, a === b ? 0 : Infinity])));
    for (const node of nodes) this.#out.set(node, []);
    for (const link of links) {
      this.#out.get(link.from)?.push(link);
      this.#shorten(link.from, link.to, link.igp * UNIT + 1);
    }
    for (const middle of nodes) if (!hosts.has(middle)) this.#through(nodes, middle);
  }

  /** Share of a flow on each link by name; undefined without a way. */
  shares(from: string, to: string): ReadonlyMap<string, number> | undefined {
    const key = `${from} ${to}`;
    if (!this.#kept.has(key)) this.#kept.set(key, this.#split(from, to));
    return this.#kept.get(key);
  }

  /** Load of each link in Mbit/s. Throws when a list has no way. */
  loads(demands: readonly NaiveDemand[]): Map<string, number> {
    const loads = new Map(this.links.map(({ name }) => [name, 0]));
    for (const { from, to, mbps, lists } of demands) {
      const sum = lists.reduce((total, { weight }) => total + weight, 0);
      for (const { weight, midpoints, links } of lists) {
        if (links !== undefined) {
          for (const link of links) loads.set(link, (loads.get(link) ?? 0) + (mbps * weight) / sum);
          continue;
        }
        const stops = [from, ...midpoints, to];
        stops.slice(1).forEach((next, i) => {
          const shares = this.shares(stops[i] ?? "", next);
          if (shares === undefined) throw new Error(`no way from ${stops[i] ?? ""} to ${next}`);
          for (const [link, share] of shares) loads.set(link, (loads.get(link) ?? 0) + (share * mbps * weight) / sum);
        });
      }
    }
    return loads;
  }

  mlu(demands: readonly NaiveDemand[]): number {
    const loads = this.loads(demands);
    return Math.max(0, ...this.links.map(({ name, capacityMbps }) => (loads.get(name) ?? 0) / capacityMbps));
  }

  #shorten(from: string, to: string, distance: number): void {
    const row = this.#distance.get(from);
    if (row !== undefined && distance < (row.get(to) ?? Infinity)) row.set(to, distance);
  }

  #through(nodes: readonly string[], middle: string): void {
    for (const a of nodes) {
      const first = this.#between(a, middle);
      if (first === Infinity) continue;
      for (const b of nodes) this.#shorten(a, b, first + this.#between(middle, b));
    }
  }

  #between(from: string, to: string): number {
    return this.#distance.get(from)?.get(to) ?? Infinity;
  }

  #split(from: string, to: string): ReadonlyMap<string, number> | undefined {
    if (from === to) return new Map();
    const own = this.#between(from, to);
    if (own === Infinity) return undefined;
    const next = (this.#out.get(from) ?? []).filter((link) => this.#isNext(own, link, to));
    const total = new Map<string, number>();
    for (const link of next) {
      total.set(link.name, (total.get(link.name) ?? 0) + 1 / next.length);
      for (const [name, share] of this.shares(link.to, to) ?? []) {
        total.set(name, (total.get(name) ?? 0) + share / next.length);
      }
    }
    return total;
  }

  /** On a shortest way by metric; over a link of metric zero only to where fewer hops are left. */
  #isNext(own: number, link: NaiveLink, to: string): boolean {
    if (this.hosts.has(link.to) && link.to !== to) return false;
    const rest = this.#between(link.to, to);
    if (rest === Infinity || Math.floor(rest / UNIT) + link.igp !== Math.floor(own / UNIT)) return false;
    return link.igp > 0 || rest % UNIT < own % UNIT;
  }
}
