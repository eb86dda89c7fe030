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

  constructor(
    topology: Topology,
    private readonly igp: IgpModel,
  ) {
    this.#nodes = new Map(topology.nodes.map(({ nodeId, name }) => [nodeId, name]));
    this.#links = new Map(
      topology.links.flatMap(({ name, aToB, bToA }) =>
        [aToB, bToA].map(({ from, adjacencySid }) => [`${from} ${wordsOf(adjacencySid)[3] ?? 0}`, name] as const),
      ),
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
      if (target === undefined) return undefined;
      if (at !== target) {
        if (!cross(this.igp.nextHops(at, target))) return undefined;
        continue;
      }
      if (words === undefined) return position === expected.length ? at : undefined;
      const [node = 0, next = 0] = words.slice(2);
      if (next === DECAPSULATE) {
        const isLast = rest.length === 0 && words.slice(4).every((word) => word === 0);
        return isLast && position === expected.length ? `${at}, decapsulated` : undefined;
      }
      const isAdjacency = next >= FIRST_FUNCTION;
      const left = words.slice(isAdjacency ? 4 : 3);
      const link = isAdjacency ? this.#links.get(`${this.#nodes.get(node) ?? ""} ${next}`) : undefined;
      words = left.some((word) => word !== 0)
        ? [...words.slice(0, 2), ...left, ...(isAdjacency ? [0, 0] : [0])]
        : rest.shift();
      if (isAdjacency && !cross(this.igp.hops.filter((hop) => hop.from === at && hop.link.name === link)))
        return undefined;
    }
  }
}

function wordsOf(address: Sid): number[] {
  const view = new DataView(ipv6ToBytes(address).buffer);
  return Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i));
}
