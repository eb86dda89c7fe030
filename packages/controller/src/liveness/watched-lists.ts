import type { ListKey, PathState } from "@sextant/model";
import type { ListEntry } from "../pipeline/entries";
import type { ProbeLoops } from "../pipeline/encode";
import { movedEntry } from "./moved-entry";

/** What the last report of its host says of a list. */
export interface ListReport {
  readonly state: PathState;
  /** Wall clock of its last change, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** The host's word for why. */
  readonly reason: string;
  /** Ways back that are dead while the list is alive: bit 0 the first, bit 1 the alternate. */
  readonly deadReturns: number;
  /** Of the last probe that returned. */
  readonly roundTripUs: number;
  /** Ways back that are asked after once in `RARE_LOOP_ROUNDS`: bits as above. */
  readonly rareReturns: number;
  /** At which interval it is probed, longer than asked for while its host refuses that; 0: not said. */
  readonly probeIntervalUs: number;
}

/** A segment list that its host probes. */
export interface WatchedList {
  readonly host: string;
  readonly key: ListKey;
  readonly entry: ListEntry;
  readonly loops: readonly WatchedLoop[];
  /**
   * Since when it has led this way, by the controller's wall clock, where it led another way before: what its host saw until then does not
   * speak of this one. 0: for as long as the host has had it.
   */
  readonly waySinceMs: number;
  report: ListReport | undefined;
}

/** Out and one way back. */
export interface WatchedLoop {
  readonly list: WatchedList;
  /** Which way back: an index of `loops.backs`. */
  readonly back: number;
  /** Out, then back. */
  readonly edges: readonly number[];
  /** Since when this way back alone has been dead, by the controller's wall clock. */
  deadReturnSinceMs: number | undefined;
}

/** All lists that are probed, by host and by the edges that their probes cross. */
export class WatchedLists {
  readonly #byHost = new Map<string, Map<ListKey, WatchedList>>();
  readonly #byEdge = new Map<number, Set<WatchedLoop>>();
  readonly #dead = new Set<WatchedLoop>();

  /** Loops that are dead by the last report of their hosts, in the order in which that was told. */
  get dead(): ReadonlySet<WatchedLoop> {
    return this.#dead;
  }

  /** Loops that cross an edge. */
  crossing(edge: number): ReadonlySet<WatchedLoop> {
    return this.#byEdge.get(edge) ?? NONE;
  }

  /** Hosts with lists. */
  hosts(): string[] {
    return [...this.#byHost.keys()];
  }

  ofHost(host: string): ReadonlyMap<ListKey, WatchedList> {
    return this.#byHost.get(host) ?? NO_LISTS;
  }

  /** Sets the lists of a host. What was reported of those that stay is kept. */
  watch(host: string, lists: ReadonlyMap<ListKey, ListEntry>, nowMs: number): void {
    const before = this.ofHost(host);
    const now = new Map<ListKey, WatchedList>();
    for (const [key, entry] of lists) {
      const known = before.get(key);
      const isSame = known !== undefined && sameLoops(known.entry.loops, entry.loops);
      now.set(key, isSame ? known : this.#add(host, key, entry, known === undefined ? 0 : nowMs));
    }
    for (const [key, list] of before) if (now.get(key) !== list) this.#remove(list);
    if (now.size === 0) this.#byHost.delete(host);
    else this.#byHost.set(host, now);
  }

  /** Takes a report in; undefined: nothing is known any more. True when something about a loop is other than before. */
  report(host: string, reports: ReadonlyMap<ListKey, ListReport> | undefined, nowMs: number): boolean {
    let changed = false;
    for (const list of this.ofHost(host).values()) {
      const report = reports?.get(list.key);
      const isSame = list.report?.state === report?.state && list.report?.deadReturns === report?.deadReturns;
      const isFlap = list.report?.sinceMs !== report?.sinceMs;
      list.report = report;
      if (isSame && !isFlap) continue;
      changed = true;
      for (const loop of list.loops) this.#judge(loop, nowMs);
    }
    return changed;
  }

  /** Edges have other numbers from now on. A list of whose ways something is gone crosses nothing, until it is set anew. */
  renumber(edgeNow: (edge: number) => number | undefined): void {
    const dead = [...this.#dead];
    const now = new Map<WatchedLoop, WatchedLoop>();
    this.#byEdge.clear();
    this.#dead.clear();
    for (const [host, lists] of this.#byHost) {
      for (const before of lists.values()) {
        const { key, entry, waySinceMs } = before;
        const list = this.#add(host, key, movedEntry(entry, edgeNow) ?? { ...entry, loops: NOWHERE }, waySinceMs);
        list.report = before.report;
        lists.set(key, list);
        for (const loop of list.loops) {
          const last = before.loops[loop.back];
          if (last === undefined) continue;
          now.set(last, loop);
          loop.deadReturnSinceMs = last.deadReturnSinceMs;
        }
      }
    }
    for (const loop of dead) {
      const moved = now.get(loop);
      if (moved !== undefined) this.#dead.add(moved);
    }
  }

  #judge(loop: WatchedLoop, nowMs: number): void {
    const { report } = loop.list;
    const isReturnDead = report?.state === "alive" && (report.deadReturns & (1 << loop.back)) !== 0;
    loop.deadReturnSinceMs = isReturnDead ? (loop.deadReturnSinceMs ?? nowMs) : undefined;
    if (report?.state === "dead" || isReturnDead) this.#dead.add(loop);
    else this.#dead.delete(loop);
  }

  #add(host: string, key: ListKey, entry: ListEntry, waySinceMs: number): WatchedList {
    const loops: WatchedLoop[] = [];
    const list: WatchedList = { host, key, entry, loops, waySinceMs, report: undefined };
    entry.loops.backs.forEach((way, back) => {
      const loop: WatchedLoop = { list, back, edges: [...entry.loops.out, ...way], deadReturnSinceMs: undefined };
      loops.push(loop);
      for (const edge of loop.edges) {
        const crossing = this.#byEdge.get(edge);
        if (crossing === undefined) this.#byEdge.set(edge, new Set([loop]));
        else crossing.add(loop);
      }
    });
    return list;
  }

  #remove({ loops }: WatchedList): void {
    for (const loop of loops) {
      this.#dead.delete(loop);
      for (const edge of loop.edges) {
        const crossing = this.#byEdge.get(edge);
        crossing?.delete(loop);
        if (crossing?.size === 0) this.#byEdge.delete(edge);
      }
    }
  }
}

const NONE: ReadonlySet<WatchedLoop> = new Set();
const NO_LISTS: ReadonlyMap<ListKey, WatchedList> = new Map();
const NOWHERE: ProbeLoops = { out: [], backs: [] };

/** The key of a list names its segments; with the same IGP they lead the same way, with another one they may not. */
function sameLoops(a: ProbeLoops, b: ProbeLoops): boolean {
  return (
    a === b ||
    (sameEdges(a.out, b.out) &&
      a.backs.length === b.backs.length &&
      a.backs.every((way, i) => sameEdges(way, b.backs[i] ?? [])))
  );
}

function sameEdges(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((edge, i) => edge === b[i]);
}
