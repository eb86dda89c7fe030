import type { ListKey } from "@sextant/model";
import type { ListEntry } from "../pipeline/entries";
import { directedLinkOf, edgeOf } from "../topology/directed-link";
import type { FlatGraph } from "../topology/flat-graph";
import type { WatchedLoop } from "./watched-lists";

/** Hosts that go on to probe a broken direction after nothing is sent over it any more. */
const OBSERVERS_PER_EDGE = 3;

/**
 * Who watches broken links. Once desired state leads around a link, no list crosses it, and nobody would see it work again: so some hosts keep
 * a list that does. At most three per direction.
 */
export class Observers {
  /** Hosts and their lists, by edge. */
  readonly #byEdge = new Map<number, { readonly host: string; readonly entry: ListEntry }[]>();

  /** `retain` sets all lists that a host keeps. */
  constructor(private readonly retain: (host: string, lists: readonly ListEntry[]) => void) {}

  /** Chooses among the loops that gave the edge away, those that are probed most often first. */
  watch(edge: number, loops: Iterable<WatchedLoop>, intervalMs: (loop: WatchedLoop) => number): void {
    const chosen = new Map<string, ListEntry>();
    for (const { list } of [...loops].sort((a, b) => intervalMs(a) - intervalMs(b))) {
      if (chosen.size === OBSERVERS_PER_EDGE) break;
      if (!chosen.has(list.host)) chosen.set(list.host, list.entry);
    }
    this.#byEdge.set(
      edge,
      [...chosen].map(([host, entry]) => ({ host, entry })),
    );
    for (const host of chosen.keys()) this.retain(host, this.#listsOf(host));
  }

  /** The edge is no longer watched. */
  release(edge: number): void {
    const hosts = this.#byEdge.get(edge) ?? [];
    this.#byEdge.delete(edge);
    for (const { host } of hosts) this.retain(host, this.#listsOf(host));
  }

  /** Edges have other indices from now on; lists whose ways do not exist any more are given up. */
  renumber(before: FlatGraph, now: FlatGraph): void {
    const all = [...this.#byEdge];
    this.#byEdge.clear();
    const edgeNow = (edge: number) => edgeOf(now, directedLinkOf(before, edge));
    for (const [edge, observers] of all) {
      const found = edgeNow(edge);
      const kept = observers.flatMap(({ host, entry }) => {
        const moved = moveEntry(entry, edgeNow);
        return moved === undefined || found === undefined ? [] : [{ host, entry: moved }];
      });
      if (found !== undefined) this.#byEdge.set(found, kept);
    }
    for (const host of new Set(all.flatMap(([, observers]) => observers.map(({ host: name }) => name)))) {
      this.retain(host, this.#listsOf(host));
    }
  }

  #listsOf(host: string): ListEntry[] {
    const lists = new Map<ListKey, ListEntry>();
    for (const observers of this.#byEdge.values()) {
      for (const { host: name, entry } of observers) if (name === host) lists.set(entry.entry.key, entry);
    }
    return [...lists.values()];
  }
}

function moveEntry(entry: ListEntry, edgeNow: (edge: number) => number | undefined): ListEntry | undefined {
  const move = (edges: readonly number[]) => edges.flatMap((edge) => edgeNow(edge) ?? []);
  const loops = { out: move(entry.loops.out), backs: entry.loops.backs.map(move) };
  const isWhole = (after: readonly number[], before: readonly number[]) => after.length === before.length;
  const isKept =
    isWhole(loops.out, entry.loops.out) && loops.backs.every((way, i) => isWhole(way, entry.loops.backs[i] ?? []));
  return isKept ? { ...entry, loops } : undefined;
}
