import { directedLinkKey, type ListKey } from "@sextant/model";
import type { EventSink } from "../events/event";
import type { ListEntry } from "../pipeline/entries";
import { type DirectedLink, directedLinkOf, edgeOf, edgesOfLink } from "../topology/directed-link";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";
import { BrokenLinks, type LinkChange, type Sight } from "./broken-links";
import { type ProbeRate, weigh } from "./evidence";
import { type LinkHealthView, linkViews, type SuspectedLink } from "./link-health-view";
import { linkHealthEvent, suspectText, suspicionEvents } from "./link-events";
import { type LinkStateSender, LinkStates } from "./link-states";
import { type Cause, localise, type Suspect } from "./localise";
import { Observers } from "./observers";
import { sightOf } from "./sight";
import { type ListReport, type WatchedLoop, WatchedLists } from "./watched-lists";

/** Judgements are this far apart at least, and or as long as the last one took times the rest factor, so that a storm of reports costs a bounded share of time. */
const MIN_PAUSE_MS = 5;
const MAX_PAUSE_MS = 100;
const REST_FACTOR = 4;
/** While anything is broken it is looked at this often. */
const LOOK_MS = 250;
/** Lists of hosts whose plans changed are taken in soon, for this long at a time, and as long a pause in between. */
const TAKE_IN_AFTER_MS = 20;
const TAKE_IN_MS = 10;
/** Suspicions are told to people when they have lasted: most are localised or gone before. */
const TELL_SUSPICION_MS = 1_000;

/** What link health works with. */
export interface LinkHealthParts {
  readonly snapshot: () => TopologySnapshot | undefined;
  /** Lists that a host has, or is about to have, with the ways of their probes. */
  readonly listsOf: (host: string) => ReadonlyMap<ListKey, ListEntry>;
  /** What a host last reported; undefined when that is too old, or it never did. */
  readonly reportsOf: (host: string) => ReadonlyMap<ListKey, ListReport> | undefined;
  readonly rateOf: (host: string, list: ListKey) => ProbeRate;
  /** Sets the lists that a host keeps to watch broken links. */
  readonly retain: (host: string, lists: readonly ListEntry[]) => void;
  readonly send: LinkStateSender;
  readonly sink: EventSink;
  /** Wall clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** `broken` is another one; the hosts concerned have been told. */
  readonly onChange: () => void;
}

/**
 * Finds broken links from what hosts report of their paths, tells the hosts whose lists cross them, and watches until they can be trusted
 * again. Reports only mark; one judgement follows for all that came in the meantime.
 */
export class LinkHealth {
  readonly #lists = new WatchedLists();
  readonly #links = new BrokenLinks();
  readonly #states: LinkStates;
  readonly #observers: Observers;
  /** Hosts whose lists may be others. */
  readonly #stale = new Set<string>();
  #graph: FlatGraph | undefined;
  #suspected: ReadonlyMap<string, SuspectedLink> = new Map();
  #told = new Set<string>();
  #broken: readonly DirectedLink[] = [];
  #timer: NodeJS.Timeout | undefined;
  #takeInTimer: NodeJS.Timeout | undefined;
  #dueMs = Infinity;
  #restUntilMs = 0;
  #stopped = false;

  constructor(private readonly parts: LinkHealthParts) {
    this.#states = new LinkStates(parts.send);
    this.#observers = new Observers(parts.retain);
  }

  /** Directions of links that are not to be used: the same array until it is something else. */
  get broken(): readonly DirectedLink[] {
    return this.#broken;
  }

  /** What there is to be said of links that are not up, by name. */
  get views(): ReadonlyMap<string, LinkHealthView> {
    const isThere = ({ link }: DirectedLink) => this.#graph?.linkIndex.has(link) === true;
    return linkViews(this.#links.all.filter(isThere), this.#suspected);
  }

  /** A host's lists may be others. */
  listsChanged(host: string): void {
    this.#stale.add(host);
    if (!this.#stopped) this.#takeInTimer ??= setTimeout(() => this.#takeIn(), TAKE_IN_AFTER_MS);
  }

  /** A host has reported, or its last report has become too old. */
  reported(host: string): void {
    if (this.#lists.report(host, this.parts.reportsOf(host), this.parts.nowMs())) this.#within(0);
  }

  /** The session of a host has begun, and its first delta is on its way. */
  connected(host: string): void {
    this.#states.begin(host, this.#broken.map(keyOf));
  }

  disconnected(host: string): void {
    this.#states.end(host);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#takeInTimer);
  }

  #within(delayMs: number): void {
    const now = performance.now();
    const dueMs = Math.max(now + delayMs, this.#restUntilMs);
    if (this.#stopped || dueMs >= this.#dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => this.#judge(), Math.max(0, dueMs - now));
  }

  #judge(): void {
    this.#dueMs = Infinity;
    const startMs = performance.now();
    const snapshot = this.parts.snapshot();
    this.#follow(snapshot);
    if (snapshot !== undefined) {
      this.#look(snapshot);
      this.#localise(snapshot);
    }
    const tookMs = performance.now() - startMs;
    this.#restUntilMs = performance.now() + Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, REST_FACTOR * tookMs));
    if (this.#links.all.length > 0 || this.#suspected.size > 0) this.#within(LOOK_MS);
  }

  /**
   * Edges are numbers of one graph: with another one, everything is numbered anew. A broken link that the topology takes out stays broken should
   * it come back: nobody has seen it work.
   */
  #follow(snapshot: TopologySnapshot | undefined): void {
    const before = this.#graph;
    const graph = snapshot?.flat;
    if (graph === before) return;
    this.#graph = graph;
    this.#lists.renumber((edge) => before && graph && edgeOf(graph, directedLinkOf(before, edge)));
    this.#suspected = new Map();
    for (const host of this.#lists.hosts()) this.listsChanged(host);
    if (snapshot !== undefined) this.#observers.follow(snapshot);
  }

  /** Takes in the lists of some hosts; tells those whose new lists cross what is broken. */
  #takeIn(): void {
    this.#takeInTimer = undefined;
    const snapshot = this.parts.snapshot();
    this.#follow(snapshot);
    if (snapshot === undefined) return;
    const { flat } = snapshot;
    const untilMs = performance.now() + TAKE_IN_MS;
    const broken = new Map(this.#broken.map((link) => [edgeOf(flat, link) ?? -1, keyOf(link)]));
    const keysByHost = new Map<string, bigint[]>();
    for (const host of this.#stale) {
      this.#stale.delete(host);
      const lists = this.parts.listsOf(host);
      this.#lists.watch(host, lists, this.parts.nowMs());
      this.reported(host);
      const crossed = broken.size === 0 ? [] : [...lists.values()].flatMap(({ loops }) => loops.out);
      const keys = crossed.flatMap((edge) => broken.get(edge) ?? []);
      if (keys.length > 0) keysByHost.set(host, keys);
      if (performance.now() > untilMs) break;
    }
    this.#states.broke(keysByHost);
    if (this.#stale.size > 0) this.#takeInTimer ??= setTimeout(() => this.#takeIn(), TAKE_IN_MS);
  }

  /** Whether what is broken works again. */
  #look({ flat }: TopologySnapshot): void {
    if (this.#links.all.length === 0) return;
    const nowMs = this.parts.nowMs();
    const changes = this.#links.observe((link) => this.#sight(flat, link, nowMs), nowMs);
    for (const change of changes) {
      if (flat.linkIndex.has(change.link.link)) this.parts.sink.record(linkHealthEvent(change, nowMs));
    }
    const mended = changes.filter(({ kind }) => kind === "trusted" || kind === "tried_again");
    if (mended.length === 0) return;
    for (const { link } of mended) this.#observers.release(link);
    this.#states.mended(mended.map(({ link }) => keyOf(link)));
    this.#setBroken();
    this.parts.onChange();
  }

  #sight(flat: FlatGraph, link: LinkChange["link"], nowMs: number): Sight {
    const edge = edgeOf(flat, link) ?? -1;
    return sightOf(edge, this.#lists.crossing(edge), link.sinceMs, this.#rateOf, nowMs);
  }

  #localise({ flat }: TopologySnapshot): void {
    const nowMs = this.parts.nowMs();
    const broken = new Set(this.#broken.flatMap((link) => edgeOf(flat, link) ?? []));
    const { paths, accusing, moreAtMs } = weigh({ lists: this.#lists, broken, rateOf: this.#rateOf, nowMs });
    if (moreAtMs !== undefined) this.#within(Math.max(1, moreAtMs - nowMs));
    if (accusing.length === 0) {
      this.#suspect(new Map(), nowMs);
      return;
    }
    const { localised, suspected } = localise(paths, flat, broken);
    const found = localised.filter(({ cause }) => canGoRound(flat, cause));
    this.#suspect(
      suspicions(flat, [...localised.filter((each) => !found.includes(each)), ...suspected], accusing, nowMs),
      nowMs,
    );
    if (found.length > 0) this.#break(flat, found, accusing, nowMs);
  }

  #break(flat: FlatGraph, found: readonly Suspect[], accusing: readonly WatchedLoop[], nowMs: number): void {
    const keysByHost = new Map<string, bigint[]>();
    for (const { cause } of found) {
      const edges = brokenEdges(flat, cause, accusing);
      const message = suspectText(flat, cause, edges, witnesses(accusing, edges));
      for (const edge of edges) {
        const link = directedLinkOf(flat, edge);
        if (!this.#links.break(link, message, nowMs)) continue;
        this.#observers.watch(link, flat, crossing(accusing, edge), (loop) => this.#rateOf(loop).intervalMs);
        for (const { list } of this.#lists.crossing(edge)) {
          if (!list.entry.loops.out.includes(edge)) continue;
          const keys = keysByHost.get(list.host);
          if (keys === undefined) keysByHost.set(list.host, [keyOf(link)]);
          else keys.push(keyOf(link));
        }
      }
      for (const link of new Set(edges.map((edge) => directedLinkOf(flat, edge).link))) {
        const kind = { kind: "Link", object: link, severity: "warning" } as const;
        this.parts.sink.record({ ...kind, reason: "LinkDown", message });
      }
    }
    this.#setBroken();
    this.#states.broke(keysByHost);
    this.parts.onChange();
  }

  /** Tells people of suspicions that last, once. */
  #suspect(now: Map<string, SuspectedLink>, nowMs: number): void {
    for (const [link, view] of now) {
      const before = this.#suspected.get(link);
      if (before !== undefined) now.set(link, { ...view, sinceMs: before.sinceMs });
      const present = now.get(link) ?? view;
      if (nowMs - present.sinceMs < TELL_SUSPICION_MS || this.#told.has(link)) continue;
      this.#told.add(link);
      for (const event of suspicionEvents(link, present)) this.parts.sink.record(event);
    }
    this.#told = new Set([...this.#told].filter((link) => now.has(link)));
    this.#suspected = now;
  }

  #setBroken(): void {
    this.#broken = this.#links.all.map(({ link, from }) => ({ link, from }));
  }

  /** As asked for, or what the host can keep instead. */
  readonly #rateOf = ({ list }: WatchedLoop): ProbeRate => {
    const asked = this.parts.rateOf(list.host, list.key);
    const keptMs = (list.report?.probeIntervalUs ?? 0) / 1_000;
    return keptMs > asked.intervalMs ? { ...asked, intervalMs: keptMs } : asked;
  };
}

function keyOf({ link, from }: DirectedLink): bigint {
  return directedLinkKey(link, from);
}

/** The edges that a cause stands for. */
function edgesOf(flat: FlatGraph, cause: Cause): number[] {
  switch (cause.kind) {
    case "link":
      return edgesOfLink(flat, cause.link);
    case "direction":
      return [cause.edge];
    case "srlg":
      return (flat.srlgLinks.get(cause.srlg) ?? []).flatMap((link) => edgesOfLink(flat, link));
  }
}

/**
 * Of a link, the directions that reports speak against: where lists are dead by all their ways back, it is the way out. All edges where
 * nobody can tell.
 */
function brokenEdges(flat: FlatGraph, cause: Cause, accusing: readonly WatchedLoop[]): number[] {
  const edges = edgesOf(flat, cause);
  if (cause.kind !== "link") return edges;
  const spokenAgainst = edges.filter((edge) => accusing.some((loop) => speaksAgainst(loop, edge)));
  return spokenAgainst.length === 0 ? edges : spokenAgainst;
}

function speaksAgainst({ list, back, deadReturnSinceMs }: WatchedLoop, edge: number): boolean {
  const { out, backs } = list.entry.loops;
  const isBack = backs[back]?.includes(edge) === true;
  if (deadReturnSinceMs !== undefined) return isBack;
  return out.includes(edge) || (isBack && backs.length === 1);
}

/** The only link of a host is its own affair: no other path helps, and the host may be what is broken. */
function canGoRound(flat: FlatGraph, cause: Cause): boolean {
  return cause.kind === "srlg" || hostBehind(flat, edgesOf(flat, cause)) === undefined;
}

/** The host that has no other link than this one. */
function hostBehind(flat: FlatGraph, [edge = -1]: readonly number[]): string | undefined {
  const links = (node: number) => (flat.outStart[node + 1] as number) - (flat.outStart[node] as number);
  const ends = [flat.edgeFrom[edge] as number, flat.edgeTo[edge] as number];
  const host = ends.find((node) => flat.isHost[node] === 1 && links(node) === 1);
  return host === undefined ? undefined : flat.nodeNames[host];
}

function suspicions(
  flat: FlatGraph,
  suspects: readonly Suspect[],
  accusing: readonly WatchedLoop[],
  nowMs: number,
): Map<string, SuspectedLink> {
  const found = new Map<string, SuspectedLink>();
  for (const { cause, confidence } of suspects) {
    const edges = edgesOf(flat, cause);
    const message = suspectText(flat, cause, edges, witnesses(accusing, edges));
    const cutOff = confidence === 1 ? hostBehind(flat, edges) : undefined;
    for (const edge of edges) {
      const { link, from } = directedLinkOf(flat, edge);
      const before = found.get(link);
      const ends = [...new Set([...(before?.from ?? []), from])].sort();
      const suspicion = Math.max(confidence, before?.suspicion ?? 0);
      found.set(link, { suspicion, from: ends, sinceMs: nowMs, message, cutOff });
    }
  }
  return found;
}

function crossing(loops: readonly WatchedLoop[], edge: number): WatchedLoop[] {
  return loops.filter(({ edges }) => edges.includes(edge));
}

/** Hosts whose dead paths cross one of the edges, in order. */
function witnesses(loops: readonly WatchedLoop[], edges: readonly number[]): string[] {
  const all = loops.filter((loop) => edges.some((edge) => loop.edges.includes(edge)));
  return [...new Set(all.map(({ list }) => list.host))].sort();
}
