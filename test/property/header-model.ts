import { ipv6ToBytes, type Sid, type Topology } from "@sextant/model";
import type { Hop } from "./brute-force";
import type { IgpModel } from "./igp-model";

const DECAPSULATE = 0xff46;
const FIRST_FUNCTION = 0xe000;

/**
 * Sends a packet whose header holds `segments` through the network, looking at the bits of its destination only: routers shift
 * by one position at a node (next-csid, nflen 16), by two at an adjacency (nflen 32), and go on to the next segment when
 * nothing is left to shift to. RFC 9800 section 4. Written from the rules alone, sharing nothing with the encoder.
 */
export class HeaderModel {
  readonly #nodes: ReadonlyMap<number, string>;
  readonly #links: ReadonlyMap<string, string>;
  /** Links that a binding takes a packet over, by node and function. */
  readonly #bindings: ReadonlyMap<string, readonly string[]>;

  /** What forwards to the SIDs of a block: plain routing, or a flexible algorithm. */
  readonly #routing: ReadonlyMap<string, IgpModel>;

  constructor(
    topology: Topology,
    private readonly igp: IgpModel,
  ) {
    const blockOf = (prefix: string) =>
      wordsOf(prefix.replace("/32", "") as Sid)
        .slice(0, 2)
        .join(" ");
    this.#routing = new Map([
      [blockOf(topology.locatorBlock), igp],
      ...topology.algorithms.flatMap(({ name, locatorBlock }): [string, IgpModel][] => {
        const routing = igp.algorithms.get(name);
        return routing === undefined ? [] : [[blockOf(locatorBlock), routing]];
      }),
    ]);
    this.#nodes = new Map(topology.nodes.map(({ nodeId, name }) => [nodeId, name]));
    this.#links = new Map(
      topology.links.flatMap(({ name, aToB, bToA }) =>
        [aToB, bToA].map(({ from, adjacencySid }) => [`${from} ${wordsOf(adjacencySid)[3] ?? 0}`, name] as const),
      ),
    );
    this.#bindings = new Map(
      topology.bindings.map(({ node, sid, path }) => [`${node} ${wordsOf(sid)[3] ?? 0}`, path.map(({ link }) => link)]),
    );
  }

  /**
   * Where the packet ends when each branch that it may take crosses exactly `expected`: `node, decapsulated` or, after the last
   * segment, the node of the final destination. Undefined when it goes another way.
   */
  endOf(segments: readonly Sid[], destination: string | undefined, expected: readonly Hop[]): string | undefined {
    let at = expected[0]?.from ?? "";
    let position = 0;
    const rest = segments.map(wordsOf);
    let words = rest.shift();
    const cross = (taken: readonly Hop[]) => {
      const due = expected[position++];
      if (due === undefined || taken.length !== 1 || taken[0]?.link.name !== due.link.name) return false;
      at = due.to;
      return true;
    };
    for (;;) {
      const target = words === undefined ? destination : this.#nodes.get(words[2] ?? 0);
      const routing = words === undefined ? this.igp : this.#routing.get(words.slice(0, 2).join(" "));
      if (target === undefined || routing === undefined) return undefined;
      if (at !== target) {
        if (!cross(routing.nextHops(at, target))) return undefined;
        continue;
      }
      if (words === undefined) return position === expected.length ? at : undefined;
      const [node = 0, next = 0] = words.slice(2);
      if (next === DECAPSULATE) {
        const isLast = rest.length === 0 && words.slice(4).every((word) => word === 0);
        return isLast && position === expected.length ? `${at}, decapsulated` : undefined;
      }
      const bound = this.#bindings.get(`${at} ${next}`);
      if (bound !== undefined) {
        // Its router goes on with the next segment, and drops what has none (RFC 8986 section 4.13).
        const isDropped = words.slice(4).some((word) => word !== 0) || (rest.length === 0 && destination === undefined);
        if (isDropped || !bound.every((link) => cross(hopsOver(this.igp, at, link)))) return undefined;
        words = rest.shift();
        continue;
      }
      const isAdjacency = next >= FIRST_FUNCTION;
      const left = words.slice(isAdjacency ? 4 : 3);
      const link = isAdjacency ? this.#links.get(`${this.#nodes.get(node) ?? ""} ${next}`) : undefined;
      words = left.some((word) => word !== 0)
        ? [...words.slice(0, 2), ...left, ...(isAdjacency ? [0, 0] : [0])]
        : rest.shift();
      if (isAdjacency && !cross(hopsOver(routing, at, link))) return undefined;
    }
  }
}

function hopsOver({ hops }: IgpModel, from: string, link: string | undefined): Hop[] {
  return hops.filter((hop) => hop.from === from && hop.link.name === link);
}

function wordsOf(address: Sid): number[] {
  const view = new DataView(ipv6ToBytes(address).buffer);
  return Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i));
}
