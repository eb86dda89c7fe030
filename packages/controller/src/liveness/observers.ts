import { blocksOf, type DesiredList, type Ipv6Prefix, type ListKey, type Pin, unpackCarrier } from "@sextant/model";
import { PathInGraph } from "../compute/path-edges";
import { encode } from "../pipeline/encode";
import { type ListEntry, listEntry } from "../pipeline/entries";
import { type DirectedLink, directedLinkOf, edgeOf } from "../topology/directed-link";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";
import type { WatchedLoop } from "./watched-lists";

/** Hosts that go on to probe a broken direction after nothing is sent over it any more. */
const OBSERVERS_PER_LINK = 3;

interface Observer {
  readonly host: string;
  /** The way out of its list, by names: it outlives the topologies that do not have it. */
  readonly out: readonly DirectedLink[];
  /** The list of before, for how it was encoded. */
  readonly list: DesiredList;
  readonly pin: Pin;
  readonly returns: "one" | "two";
  /** Undefined while the topology does not have its way. */
  readonly entry: ListEntry | undefined;
}

/**
 * Who watches broken links. Once desired state leads around a link, no list crosses it, and nobody would see it work again: so some hosts keep
 * a list that does. At most three per direction.
 */
export class Observers {
  /** By the direction that they watch. */
  readonly #byLink = new Map<string, readonly Observer[]>();

  /** `retain` sets all lists that a host keeps. */
  constructor(private readonly retain: (host: string, lists: readonly ListEntry[]) => void) {}

  /** Chooses among the loops that gave the direction away, those that are probed most often first. */
  watch(
    link: DirectedLink,
    graph: FlatGraph,
    loops: Iterable<WatchedLoop>,
    intervalMs: (loop: WatchedLoop) => number,
  ): void {
    const chosen = new Map<string, ListEntry>();
    for (const { list } of [...loops].sort((a, b) => intervalMs(a) - intervalMs(b))) {
      if (chosen.size === OBSERVERS_PER_LINK) break;
      if (!chosen.has(list.host)) chosen.set(list.host, list.entry);
    }
    const observers = [...chosen].map(([host, entry]) => observerOf(host, entry, graph));
    this.#byLink.set(nameOf(link), observers);
    this.#tell(observers);
  }

  /** The direction is no longer watched. */
  release(link: DirectedLink): void {
    const observers = this.#byLink.get(nameOf(link)) ?? [];
    this.#byLink.delete(nameOf(link));
    this.#tell(observers);
  }

  /** Another topology: lists whose ways it does not have are given up until one has them again. */
  follow(snapshot: TopologySnapshot): void {
    for (const [name, observers] of this.#byLink) {
      const following = observers.map((observer) => ({ ...observer, entry: entryIn(snapshot, observer) }));
      this.#byLink.set(name, following);
    }
    this.#tell([...this.#byLink.values()].flat());
  }

  #tell(observers: readonly Observer[]): void {
    for (const host of new Set(observers.map(({ host: name }) => name))) this.retain(host, this.#listsOf(host));
  }

  #listsOf(host: string): ListEntry[] {
    const lists = new Map<ListKey, ListEntry>();
    for (const observers of this.#byLink.values()) {
      for (const { host: name, entry } of observers) {
        if (name === host && entry !== undefined) lists.set(entry.entry.key, entry);
      }
    }
    return [...lists.values()];
  }
}

function observerOf(host: string, entry: ListEntry, graph: FlatGraph): Observer {
  const out = entry.loops.out.map((edge) => directedLinkOf(graph, edge));
  const returns = entry.loops.backs.length === 1 ? "one" : "two";
  return { host, out, list: entry.entry, pin: entry.pin, returns, entry };
}

/** Encoded anew: where metrics or SIDs are others, the segments of before lead elsewhere, and would speak of another link. */
function entryIn(snapshot: TopologySnapshot, { out, list, pin, returns }: Observer): ListEntry | undefined {
  const edges = out.flatMap((link) => edgeOf(snapshot.flat, link) ?? []);
  if (edges.length < out.length) return undefined;
  const path = new PathInGraph(snapshot.flat, edges);
  const farEnd = snapshot.nodes.get(path.nodes.at(-1) ?? "");
  if (list.encapsulation !== "insert" && farEnd?.decapsulationSid === undefined) return undefined;
  const mode = isPacked(list, snapshot) ? "usid" : list.encapsulation;
  const encoded = [algorithmOf(list, snapshot), undefined]
    .map((algorithm) => encode(path, snapshot, { mode, pin, returns, algorithm }))
    .find(({ kind }) => kind === "encoded");
  return encoded?.kind === "encoded" ? listEntry(encoded) : undefined;
}

function isPacked({ segments }: DesiredList, { topology }: TopologySnapshot): boolean {
  const blocks = blocksOf(topology);
  return segments.some((segment) => blocks.some((block) => (unpackCarrier(block, segment)?.length ?? 0) > 1));
}

/** The flexible algorithm that every segment is of, but for the decapsulation SID, which is none's. */
function algorithmOf({ encapsulation, segments }: DesiredList, { topology }: TopologySnapshot): string | undefined {
  const routed = encapsulation === "insert" ? segments : segments.slice(0, -1);
  const isOf = (block: Ipv6Prefix) => routed.every((segment) => unpackCarrier(block, segment) !== undefined);
  return routed.length === 0 ? undefined : topology.algorithms.find(({ locatorBlock }) => isOf(locatorBlock))?.name;
}

function nameOf({ link, from }: DirectedLink): string {
  return `${link} ${from}`;
}
