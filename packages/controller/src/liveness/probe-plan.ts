import { VERIFY_INTERVAL_US } from "../pipeline/probing";

/** Hosts that are to watch each link that is in use. One of them may be down, or alone with its trouble. */
const OBSERVERS_PER_LINK = 2;

/** A segment list of one host, as the plan sees it. */
export interface PlannedList {
  readonly host: string;
  /** Numbers of the directed links that its probes cross, out and back; from 0, dense. */
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
  const watch = new Watch(lists);
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
    for (let list = watch.best(); list !== undefined; list = watch.best()) {
      watch.take(list);
      yield;
    }
  }
  return Float64Array.from(lists, ({ askedIntervalUs, hostIntervalUs }, list) => {
    const interval = watch.isTaken(list) ? hostIntervalUs : Math.max(VERIFY_INTERVAL_US, hostIntervalUs);
    return Math.min(interval, askedIntervalUs ?? interval);
  });
}

/** Which links still want observers, and what each list would add. */
class Watch {
  /** Observers of each link; `hosts` are the same, by name. */
  readonly #hosts = new Map<number, string[]>();
  readonly #taken: Uint8Array;
  /** Lists by what they added when it was last asked: an upper bound, as gains only fall. */
  readonly #buckets: number[][] = [];

  constructor(private readonly lists: readonly PlannedList[]) {
    this.#taken = new Uint8Array(lists.length);
  }

  /** It may be taken from now on. */
  offer(list: number): void {
    if (!this.isTaken(list)) this.#file(list);
  }

  isTaken(list: number): boolean {
    return this.#taken[list] === 1;
  }

  take(list: number): void {
    const planned = this.lists[list];
    if (planned === undefined) return;
    this.#taken[list] = 1;
    for (const link of planned.links) {
      const hosts = this.#hosts.get(link) ?? [];
      if (!this.#wants(link, planned.host)) continue;
      hosts.push(planned.host);
      this.#hosts.set(link, hosts);
    }
  }

  /** The list that adds most; undefined when none adds anything. */
  best(): number | undefined {
    for (let bound = this.#buckets.length - 1; bound > 0; bound = this.#buckets.length - 1) {
      const list = this.#buckets[bound]?.pop();
      if (list === undefined) this.#buckets.length = bound;
      else if (!this.isTaken(list) && this.#gain(list) === bound) return list;
      else if (!this.isTaken(list)) this.#file(list);
    }
    return undefined;
  }

  #file(list: number): void {
    const gain = this.#gain(list);
    while (this.#buckets.length <= gain) this.#buckets.push([]);
    this.#buckets[gain]?.push(list);
  }

  #gain(list: number): number {
    const planned = this.lists[list];
    if (planned === undefined) return 0;
    return new Set(planned.links.filter((link) => this.#wants(link, planned.host))).size;
  }

  /** One host is one observer, with however many lists. */
  #wants(link: number, host: string): boolean {
    const hosts = this.#hosts.get(link) ?? [];
    return hosts.length < OBSERVERS_PER_LINK && !hosts.includes(host);
  }
}
