import { VERIFY_INTERVAL_US } from "../pipeline/probing";

/** Hosts that are to watch each link that is in use. One of them may be down, or alone with its trouble. */
const OBSERVERS_PER_LINK = 2;

/** A segment list of one host, as the plan sees it. */
export interface PlannedList {
  readonly host: string;
  /** Numbers of the directed links that its probes cross, out and by every way back, from 0, dense; some may come twice. */
  readonly links: readonly number[];
  /** What the intents that use it ask for, the shortest; undefined when none does. */
  readonly askedIntervalUs: number | undefined;
  /** The setting of its host. */
  readonly hostIntervalUs: number;
  /** Lists are taken in this order, 0 first, as far as they are needed: who watches already, then what carries traffic, then the rest. */
  readonly rank?: 0 | 1 | 2;
}

/**
 * How often each list is probed, in microseconds, in the order of `lists`. A list whose intent asks is probed as asked. Of the others, as few
 * as greedy choice finds cover every link in use by two hosts (where two cross it) and are probed at their host's setting; the
 * rest is verified slowly. So what is sent grows with the links of the network, not with the lists on it. Greedy set cover is within a factor
 * of ln(links) of the least number (Chvátal 1979). Time O(links crossed + lists x longest list), by buckets of gain.
 */
export function planProbes(lists: readonly PlannedList[]): Float64Array {
  const steps = planProbesInSteps(lists);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** The same in small steps, between which others get their turn. */
export function* planProbesInSteps(lists: readonly PlannedList[]): Generator<undefined, Float64Array> {
  const watch = new Watch(lists, yield* sizeOf(lists));
  for (const [list, { askedIntervalUs, hostIntervalUs }] of lists.entries()) {
    if (askedIntervalUs !== undefined && askedIntervalUs <= hostIntervalUs) watch.take(list);
    yield;
  }
  for (const rank of [0, 1, 2]) {
    // From the last, as buckets give back what came last: equal gains are taken in the order of the lists.
    for (let list = lists.length - 1; list >= 0; list--) {
      if ((lists[list]?.rank ?? 2) === rank) watch.offer(list);
      yield;
    }
    for (let list = yield* watch.best(); list !== undefined; list = yield* watch.best()) watch.take(list);
  }
  const intervals = new Float64Array(lists.length);
  for (const [list, { askedIntervalUs = Infinity, hostIntervalUs }] of lists.entries()) {
    const interval = watch.isTaken(list) ? hostIntervalUs : Math.max(VERIFY_INTERVAL_US, hostIntervalUs);
    intervals[list] = Math.min(interval, askedIntervalUs);
    yield;
  }
  return intervals;
}

/** What the arrays of a plan are made for. */
interface PlanSize {
  /** Number of the host of each list, from 0. */
  readonly hosts: Int32Array;
  readonly links: number;
}

function* sizeOf(lists: readonly PlannedList[]): Generator<undefined, PlanSize> {
  const numbers = new Map<string, number>();
  const hosts = new Int32Array(lists.length);
  let links = 0;
  for (const [list, { host, links: crossed }] of lists.entries()) {
    const number = numbers.get(host) ?? numbers.size;
    numbers.set(host, number);
    hosts[list] = number;
    for (const link of crossed) links = Math.max(links, link + 1);
    yield;
  }
  return { hosts, links };
}

const NOBODY = -1;

/** Which links still want observers, and what each list would add. */
class Watch {
  readonly #hosts: Int32Array;
  /** Observers of link v, by host: `#observers[v * OBSERVERS_PER_LINK]` and on. */
  readonly #observers: Int32Array;
  /** The list that a link was last counted for: lists cross links on several ways back. */
  readonly #countedFor: Int32Array;
  readonly #taken: Uint8Array;
  /** Lists by what they added when it was last asked: an upper bound, as gains only fall. */
  readonly #buckets: number[][] = [];

  constructor(
    private readonly lists: readonly PlannedList[],
    { hosts, links }: PlanSize,
  ) {
    this.#hosts = hosts;
    this.#observers = new Int32Array(links * OBSERVERS_PER_LINK).fill(NOBODY);
    this.#countedFor = new Int32Array(links).fill(NOBODY);
    this.#taken = new Uint8Array(lists.length);
  }

  /** It may be taken from now on. */
  offer(list: number): void {
    if (!this.isTaken(list)) this.#file(list, this.#gain(list));
  }

  isTaken(list: number): boolean {
    return this.#taken[list] === 1;
  }

  take(list: number): void {
    this.#taken[list] = 1;
    for (const link of this.lists[list]?.links ?? []) {
      const slot = this.#freeSlot(link, list);
      if (slot !== undefined) this.#observers[slot] = this.#hosts[list] as number;
    }
  }

  /** The list that adds most; undefined when none adds anything. */
  *best(): Generator<undefined, number | undefined> {
    for (let bound = this.#buckets.length - 1; bound > 0; bound = this.#buckets.length - 1) {
      yield;
      const list = this.#buckets[bound]?.pop();
      if (list === undefined) {
        this.#buckets.length = bound;
        continue;
      }
      const gain = this.#gain(list);
      if (gain === bound) return list;
      this.#file(list, gain);
    }
    return undefined;
  }

  #file(list: number, gain: number): void {
    while (this.#buckets.length <= gain) this.#buckets.push([]);
    this.#buckets[gain]?.push(list);
  }

  #gain(list: number): number {
    let gain = 0;
    for (const link of this.lists[list]?.links ?? []) {
      if (this.#countedFor[link] === list) continue;
      this.#countedFor[link] = list;
      if (this.#freeSlot(link, list) !== undefined) gain += 1;
    }
    // Asked again, it counts again.
    for (const link of this.lists[list]?.links ?? []) this.#countedFor[link] = NOBODY;
    return gain;
  }

  /** Where the list's host would be another observer of a link; one host is one observer, with however many lists. */
  #freeSlot(link: number, list: number): number | undefined {
    const start = link * OBSERVERS_PER_LINK;
    for (let slot = start; slot < start + OBSERVERS_PER_LINK; slot++) {
      if (this.#observers[slot] === NOBODY) return slot;
      if (this.#observers[slot] === this.#hosts[list]) return undefined;
    }
    return undefined;
  }
}
