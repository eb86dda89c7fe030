import type { ListEntry } from "../pipeline/entries";

/** The entry with its ways in the numbers of another graph; undefined when one of its edges is not there. */
export function movedEntry(entry: ListEntry, edgeNow: (edge: number) => number | undefined): ListEntry | undefined {
  const move = (edges: readonly number[]) => edges.flatMap((edge) => edgeNow(edge) ?? []);
  const loops = { out: move(entry.loops.out), backs: entry.loops.backs.map(move) };
  const isWhole = (after: readonly number[], before: readonly number[]) => after.length === before.length;
  const isKept =
    isWhole(loops.out, entry.loops.out) && loops.backs.every((way, i) => isWhole(way, entry.loops.backs[i] ?? []));
  return isKept ? { ...entry, loops } : undefined;
}
