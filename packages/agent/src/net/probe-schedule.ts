import type { ListKey } from "@sextant/model";
import { type LoopUse, WATCH_ROUNDS } from "../liveness/probe-loops";

/** A list as far as the order of its probes goes. */
export interface ScheduledList {
  readonly key: ListKey;
  /** Lists of the same interval are due together. */
  readonly intervalUs: number;
  readonly hasAlternate: boolean;
}

/** One of the packets that a list may send. */
export interface ScheduledProbe<L extends ScheduledList> {
  readonly list: L;
  readonly loop: 0 | 1;
  /** Asks after the loop alone. */
  readonly loopOnly: boolean;
}

/** Packets that lie one after the other. */
export interface Range {
  readonly from: number;
  readonly count: number;
}

/** The lists of one interval: first those with one loop, then those with two. Their packets are together, from `base` on. */
interface Group<L> {
  readonly lists: readonly L[];
  readonly pairs: number;
  readonly base: number;
  rounds: number;
}

/** Watched in the second round already, so that a new list soon knows both its loops. */
const WATCHED_ROUND = 1;

/**
 * Which packets go in which round. Every packet that a list may ever send has a place: the first loops of an interval, its
 * alternates, and both once more as probes that ask after a loop alone. One probe per list and round, and now and then one
 * more for a loop that no other probe takes.
 */
export class ProbeSchedule<L extends ScheduledList> {
  readonly #groups = new Map<number, Group<L>>();
  /** In the order of their places. */
  readonly probes: readonly ScheduledProbe<L>[];
  #uses: ReadonlyMap<ListKey, LoopUse>;

  constructor(lists: readonly L[], uses: ReadonlyMap<ListKey, LoopUse>) {
    this.#uses = uses;
    const probes: ScheduledProbe<L>[] = [];
    for (const intervalUs of new Set(lists.map((list) => list.intervalUs))) {
      const members = lists.filter((list) => list.intervalUs === intervalUs);
      const pairs = members.filter(({ hasAlternate }) => hasAlternate);
      const ordered = [...members.filter(({ hasAlternate }) => !hasAlternate), ...pairs];
      this.#groups.set(intervalUs, { lists: ordered, pairs: pairs.length, base: probes.length, rounds: 0 });
      for (const list of ordered) probes.push({ list, loop: 0, loopOnly: false });
      for (const list of pairs) probes.push({ list, loop: 1, loopOnly: false });
      for (const loop of [0, 1] as const) for (const list of pairs) probes.push({ list, loop, loopOnly: true });
    }
    this.probes = probes;
  }

  /** Microseconds. */
  get intervalsUs(): Iterable<number> {
    return this.#groups.keys();
  }

  /** Lists that are not named take their first loop. */
  use(uses: ReadonlyMap<ListKey, LoopUse>): void {
    this.#uses = uses;
  }

  /** What goes in the next round of an interval, as few ranges as can be. */
  next(intervalUs: number): Range[] {
    const group = this.#groups.get(intervalUs);
    if (group === undefined) return [];
    const round = group.rounds++;
    const places = this.#counted(group, round);
    if (round % WATCH_ROUNDS === WATCHED_ROUND) places.push(...this.#watched(group));
    return rangesOf(places);
  }

  #counted({ lists, pairs, base }: Group<L>, round: number): number[] {
    return lists.map(({ key, hasAlternate }, i) => {
      const use = this.#uses.get(key) ?? "first";
      const takesAlternate = hasAlternate && (use === "alternate" || (use === "both" && round % 2 === 1));
      return base + i + (takesAlternate ? pairs : 0);
    });
  }

  #watched({ lists, pairs, base }: Group<L>): number[] {
    const watchFirst = base + lists.length + pairs;
    return lists.slice(lists.length - pairs).flatMap(({ key }, i) => {
      const use = this.#uses.get(key) ?? "first";
      if (use === "both") return [];
      return watchFirst + i + (use === "first" ? pairs : 0);
    });
  }
}

function rangesOf(places: readonly number[]): Range[] {
  const ranges: { from: number; count: number }[] = [];
  for (const place of [...places].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.from + last.count === place) last.count++;
    else ranges.push({ from: place, count: 1 });
  }
  return ranges;
}
